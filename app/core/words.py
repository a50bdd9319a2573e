"""Words for people: message ids, enum labels, and how a message gets its facts."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Self

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def N_(text: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark *text* as a message id for the catalogues and return it unchanged."""
    return text


class Phrase(str):
    """A message id that is itself a fact of another message: translated before it is filled in."""

    __slots__ = ()


class Word(StrEnum):
    """A closed list of keys, each with the *label* people read and the *tone* of its pill.

    The key is what the database, forms and JSON hold. Tones: grey, blue, accent, amber, green,
    outline, red; empty for none.
    """

    label: str
    tone: str

    def __new__(cls, key: str, label: str = "", tone: str = "") -> Self:
        """Make the member *key*; StrEnum alone would take label and tone for an encoding."""
        member = str.__new__(cls, key)
        member._value_ = key
        member.label = label or key
        member.tone = tone
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (key, label) pairs in the order of declaration; labels are message ids."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def of(cls, key: object) -> Self | None:
        """Return the member of this *key*, or None: what comes from outside may be anything."""
        return next((member for member in cls if member.value == key), None)


def filled(message: str, facts: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    """Return *message* in the reader's language with its *facts*, translated too if words."""
    text = translate(message)
    if not facts:
        return text
    return text % {name: _fact(value, translate) for name, value in facts.items()}


def _fact(value: object, translate: Callable[[str], str]) -> object:
    if isinstance(value, Word):
        return translate(value.label)
    return translate(value) if isinstance(value, Phrase) else value


def snake_case(name: str) -> str:
    """Return ``OrderLine`` as ``order_line``."""
    return _HUMP.sub("_", name).lower()
