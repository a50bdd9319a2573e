"""Hostile requests over all routes: made from a seed, sent, judged, and described when one breaks something."""
