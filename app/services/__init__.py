"""The verbs of the house: the only writers; they never commit."""
