"""Weaknesses put in on purpose: for each, the test that notices it."""
