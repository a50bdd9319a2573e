"""Makers of records for tests: valid unless told otherwise, made through the services."""
