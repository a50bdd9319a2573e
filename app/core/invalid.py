"""A value that breaks its own rule, whatever record it belongs to."""

from typing import Any

from app.core.words import filled


class InvalidValue(ValueError):
    """Text that is not what it should be. *message* is a message id, *facts* are its parameters.

    Domain functions raise it without knowing any field; services put it beside one.
    """

    def __init__(self, message: str, **facts: Any) -> None:
        self.message = message
        self.facts = facts
        super().__init__(message)

    def __str__(self) -> str:
        return filled(self.message, self.facts, str)
