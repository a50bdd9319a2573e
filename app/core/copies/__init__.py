"""Copies of the whole database: into one file, and back."""
