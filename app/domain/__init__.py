"""The business in words and formulas: pure, without database or screen."""
