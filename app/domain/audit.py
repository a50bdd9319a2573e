"""The chain of the audit: what the digest of an entry covers, and what no entry holds in clear."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

#: Everything that a digest covers, in this order; a test holds it against the columns of the table.
FIELDS = (
    *("id", "at", "actor_id", "actor", "action", "entity", "record_id", "changes"),
    *("address", "request_id", "result"),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: What a terminal or a viewer could take for a new line, a command or a change of direction.
_TRICKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_LINES = "\n\r\t"
#: Numbers that people write into free text: mobile ones, and those of an area code.
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z.])((?:\+?86[- ]?)?1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?![0-9A-Za-z])"
)
_LANDLINE = re.compile(r"(?<![0-9A-Za-z.])(0\d{2,3}[- ]?)\d{3,4}(\d{4})(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain goes: the id and the digest of its last entry."""

    id: int
    digest: str


BEGINNING = Head(0, "")


def digest_of(key: str, before: str, entry: Mapping[str, Any]) -> str:
    """Return HMAC-SHA256 of *entry* and the digest *before* it, in hexadecimal.

    It covers a JSON list without blanks, in ASCII, keys sorted: the digest before, then FIELDS, the
    instant as microseconds since 1970 UTC. The key is the setting AUDIT_KEY, in small letters.
    """
    values = [_plain(entry[name]) for name in FIELDS]
    covered = json.dumps([before, *values], sort_keys=True, separators=(",", ":"))
    return hmac.new(key.lower().encode(), covered.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    return (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value


def one_line(text: str, length: int) -> str:
    """Return *text* as it may stand in a line of a log: nothing breaks the line or commands a terminal."""
    return _TRICKS.sub(_spelled, text)[:length]


def clear(value: Any) -> Any:
    """Return *value*, as JSON holds it, without telephone numbers and without tricks in its texts."""
    if isinstance(value, str):
        return without_numbers(_TRICKS.sub(_spelled_in_text, value))
    if isinstance(value, Mapping):
        return {clear(str(name)): clear(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [clear(part) for part in value]
    return value


def without_numbers(text: str) -> str:
    """Return *text* with the middle of every telephone number hidden."""
    return _LANDLINE.sub(r"\1****\2", _MOBILE.sub(r"\1****\2", text))


def _spelled(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _spelled_in_text(found: re.Match[str]) -> str:
    return found.group() if found.group() in _LINES else _spelled(found)
