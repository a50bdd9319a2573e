"""The address of a list: read from the request, kept in links, signed where it must not be bent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from app.core.words import Word
from app.services.filtering import PREFIX, Condition, InvalidFilter, conditions_in, parsed
from app.services.keyset import Cursor
from app.services.listing import Sort

PAGE_SIZES = (10, 20, 50, 100, 200)
DEFAULT_SIZE = 20
MAX_SEARCH = 200
MAX_PAGE_DIGITS = 9

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Query:
    """What a list URL asks for."""

    pairs: tuple[tuple[str, str], ...]
    search: str
    conditions: tuple[Condition, ...]
    sort: Sort | None
    page_size: int
    page: int
    cursor: str

    def but(self, *dropped: str, **given: object) -> Pairs:
        """Return the parameters without *dropped* and with *given*; where one is in the list is dropped, too."""
        gone = {"cursor", "page", "format", *dropped, *given}
        kept = [(name, value) for name, value in self.pairs if name not in gone]
        return [*kept, *((name, str(value)) for name, value in given.items() if value is not None)]


def query_from_request() -> Query:
    """Read the parameters of the list; what cannot be read falls back, filters never do."""
    arguments = request.args
    known = ("search", "sort", "page_size")
    pairs = [
        (name, value)
        for name, value in arguments.items(multi=True)
        if name in known or name.startswith(PREFIX)
    ]
    return Query(
        tuple(pairs),
        arguments.get("search", "").replace("\0", "").strip()[:MAX_SEARCH],
        tuple(conditions_in(pairs)),
        _sort(arguments.get("sort", "")),
        _size(arguments.get("page_size", "")),
        _page(arguments.get("page", "")),
        arguments.get("cursor", ""),
    )


def _sort(text: str) -> Sort | None:
    return Sort(text.removeprefix("-"), text.startswith("-")) if text else None


def _size(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        return DEFAULT_SIZE
    return max(PAGE_SIZES[0], min(int(text[:MAX_PAGE_DIGITS]), PAGE_SIZES[-1]))


def _page(text: str) -> int:
    """Return the page gone to, from 1; 0 when none was asked for."""
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()):
        return 1
    return max(1, int(text)) if len(text) <= MAX_PAGE_DIGITS else 10**MAX_PAGE_DIGITS


def url_with(base: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return *base* with the parameters *pairs*."""
    text = urlencode(list(pairs))
    return f"{base}?{text}" if text else base


# -- cursors ------------------------------------------------------------------------------


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="list-cursor")


def signed(cursor: Cursor, sort: Sort) -> str:
    """Return *cursor* as opaque text; it belongs to one order of the list."""
    key = [str(sort), _plain(cursor.key), cursor.id, cursor.backwards, cursor.position]
    return str(_signer().dumps(key))


def unsigned(text: str, sort: Sort, attribute: Any) -> Cursor | None:
    """Return the cursor in *text*; None if it is broken, bent, or of another order."""
    if not text:
        return None
    try:
        order, key, record_id, backwards, position = _signer().loads(text)
        if order != str(sort):
            return None
        return Cursor(_typed(key, attribute), int(record_id), bool(backwards), int(position))
    except (BadData, ValueError, TypeError, InvalidFilter):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Word):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def _typed(value: Any, attribute: Any) -> Any:
    if value is None or attribute is None or not isinstance(value, str):
        return value
    if attribute.kind == "instant":
        return datetime.fromisoformat(value)
    if attribute.kind in ("date", "enum", "money", "price", "percent"):
        return parsed(attribute, value)
    return value
