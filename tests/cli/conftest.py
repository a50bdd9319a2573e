"""The door, for commands that open or close it."""

from tests.auth.conftest import try_door

__all__ = ["try_door"]
