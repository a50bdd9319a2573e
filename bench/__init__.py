"""Measurements and ordeals: what is promised in figures, tried for real. Not part of the product."""
