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
ADOPTED, ARCHIVED = "audit.adopt", "audit.archive"  # actions that the chain itself is told of
KEPT = timedelta(days=180)  # at least, where people look

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: What a terminal or a viewer could take for a new line, a command or a change of direction.
_TRICKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_LINES = "\n\r\t"
#: Full width and all kinds of dashes and blanks, as numbers are written; one for one, to find the place again.
_FOLDED = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLDED |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE63, 0x30FC], "-")
_FOLDED |= dict.fromkeys([*range(0x2000, 0x2010), 0xA0, 0x202F, 0x2060, 0x3000, 0xFEFF], " ")
_GAP = "[-. ()]{0,3}"
#: Numbers that people write into free text: mobile ones, those of an area code, those from China.
_NUMBERS = tuple(
    re.compile(rf"(?<!\d)({start}){number}(?!\d)", re.ASCII)
    for start, number in (
        (rf"(?:(?:(?:\+|00)?86{_GAP})|0)?1[3-9]\d", rf"{_GAP}\d{{4}}{_GAP}(\d{{4}})"),
        (rf"(?:(?:(?:\+|00)?86{_GAP})|0)?1[3-9]\d", rf"\d{_GAP}\d{{3}}{_GAP}(\d{{4}})"),
        (rf"(?:010|02\d){_GAP}", rf"[1-9]\d{{3}}{_GAP}(\d{{4}})"),
        (rf"0[3-9]\d\d{_GAP}", rf"[1-9]\d{{2,3}}{_GAP}(\d{{4}})"),
        (rf"(?:\+|00)86{_GAP}[1-9]\d{{1,2}}{_GAP}", rf"[1-9]\d{{2,3}}{_GAP}(\d{{4}})"),
    )
)
#: In "1000@1.35" nobody is named: an address has a letter behind its @.
_EMAIL = re.compile(r"([\w+-])[\w.+-]*@(?=[\w.-]*[A-Za-z])")


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
    return chained(key, before, entry["id"], prepared(entry))


def prepared(entry: Mapping[str, Any]) -> str:
    """Return what a digest covers of *entry* that is known before its id is."""
    values = [_plain(entry[name]) for name in FIELDS[1:]]
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def chained(key: str, before: str, number: int, text: str) -> str:
    """Return the digest of the entry *number*, of which *text* is prepared."""
    covered = f"{json.dumps([before, number], separators=(',', ':'))[:-1]},{text[1:]}"
    return hmac.new(key.lower().encode(), covered.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    return (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value


def one_line(text: str, length: int) -> str:
    """Return *text* as it may stand in a line of a log: nothing breaks the line or commands a terminal."""
    return _TRICKS.sub(_spelled, text)[:length]


def clear(value: Any) -> Any:
    """Return *value*, as JSON holds it, without telephone numbers, addresses and tricks in its texts."""
    if isinstance(value, str):
        return _TRICKS.sub(_spelled_in_text, without_numbers(value))
    if isinstance(value, Mapping):
        return {clear(str(name)): clear(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [clear(part) for part in value]
    return value


def without_numbers(text: str) -> str:
    """Return *text* with the middle of every telephone number and the name of every e-mail address hidden."""
    for number in _NUMBERS:
        text = _hidden(number, text)
    return _hidden(_EMAIL, text)


def _hidden(pattern: re.Pattern[str], text: str) -> str:
    """Return *text* with stars between the first and the last group of whatever *pattern* finds in it."""
    parts, done = [], 0
    for found in pattern.finditer(text.translate(_FOLDED)):
        is_number = bool(found.re.groups > 1)
        tail = found.start(2) if is_number else found.end() - 1
        parts += [text[done : found.end(1)], "****" if is_number else "***"]
        done = tail
    return "".join([*parts, text[done:]])


def _spelled(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _spelled_in_text(found: re.Match[str]) -> str:
    return found.group() if found.group() in _LINES else _spelled(found)
