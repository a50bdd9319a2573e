"""Filters of a list: ``flt_<column>_<op>=<value>``, typed by the attribute, or refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from app.core import clock
from app.core.invalid import InvalidValue
from app.core.money import parse_decimal
from app.core.work import Actor
from app.domain.folding import plain
from app.domain.phone import canonical_phone
from app.domain.searching import like_pattern
from app.models.attributes import DAYS, NUMBERS, Attribute
from app.services.masking import is_masked

PREFIX = "flt_"
MAX_TEXT = 200
MAX_MEMBERS = 100
MAX_WHOLE = 2**63 - 1
CHOSEN = frozenset({"enum", "dictionary", "relation", "relations", "flag"})
MASKED_OPS = ("eq",)  # anything else would tell the value bit by bit
SHAPELESS = frozenset({"json", "grants", "groups", "rows"})  # nothing to compare with


class InvalidFilter(Exception):
    """The condition names no column, no operation or no value that this list knows."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter as given: column, operation, and the text of its value."""

    column: str
    op: str
    value: str


def ops_of(attribute: Attribute, actor: Actor) -> tuple[str, ...]:
    """Return the operations that make sense for *attribute*; of what *actor* sees masked only its whole value."""
    if attribute.kind in SHAPELESS:
        return ()
    if is_masked(actor, attribute):
        return MASKED_OPS
    if attribute.kind in CHOSEN:
        return ("eq", "ne", "in", "empty")
    if attribute.kind in NUMBERS or attribute.kind in DAYS:
        return ("eq", "ne", "in", "ge", "le", "empty")
    return ("eq", "ne", "in", "contains", "empty")


def conditions_in(pairs: Sequence[tuple[str, str]]) -> list[Condition]:
    """Return the filters among the parameters of a list URL; those without a value are left out."""
    found = []
    for name, value in pairs:
        if name.startswith(PREFIX) and value != "":
            column, _, op = name.removeprefix(PREFIX).rpartition("_")
            found.append(Condition(column, op, value))
    return found


def criterion(
    condition: Condition, attributes: Mapping[str, Attribute], actor: Actor
) -> ColumnElement[bool]:
    """Return the SQL of *condition*.

    Raises:
        InvalidFilter: unknown column, operation that does not fit, or unreadable value.
    """
    attribute = attributes.get(condition.column)
    if attribute is None or attribute.column is None or not attribute.readable:
        raise InvalidFilter
    if not attribute.filterable:
        raise InvalidFilter
    if (
        condition.op not in ops_of(attribute, actor)
        or len(condition.value) > MAX_TEXT * MAX_MEMBERS
    ):
        raise InvalidFilter
    if "\0" in condition.value:
        raise InvalidFilter
    return _OPS[condition.op](attribute, condition.value)


def _empty(attribute: Attribute, text: str) -> ColumnElement[bool]:
    if text not in ("0", "1"):
        raise InvalidFilter
    column = attribute.column
    if attribute.kind == "relations":
        bare: ColumnElement[bool] = ~column.any()
        return bare if text == "1" else ~bare
    bare = column.is_(None)
    if attribute.kind not in CHOSEN | NUMBERS | DAYS:
        bare = or_(bare, column == "")
    return bare if text == "1" else ~bare


def _equal(attribute: Attribute, text: str) -> ColumnElement[bool]:
    value = parsed(attribute, text)
    if attribute.kind == "instant" and type(value) is date:
        start, end = clock.day_bounds(value)
        return and_(attribute.column >= start, attribute.column < end)
    if attribute.kind == "relations":
        return attribute.column.any(attribute.target.id == value)  # type: ignore[no-any-return, union-attr]
    return attribute.column == value  # type: ignore[no-any-return]


def _unequal(attribute: Attribute, text: str) -> ColumnElement[bool]:
    if attribute.kind == "relations":
        return ~_equal(attribute, text)
    return or_(~_equal(attribute, text), attribute.column.is_(None))


def _among(attribute: Attribute, text: str) -> ColumnElement[bool]:
    members = text.split(",")
    if len(members) > MAX_MEMBERS:
        raise InvalidFilter
    return or_(*(_equal(attribute, member) for member in members))


def _contains(attribute: Attribute, text: str) -> ColumnElement[bool]:
    pattern = like_pattern(text.lower())
    return func.lower(attribute.column).like(pattern, escape="\\")


def _at_least(attribute: Attribute, text: str) -> ColumnElement[bool]:
    value = parsed(attribute, text)
    if attribute.kind == "instant" and type(value) is date:
        value, _ = clock.day_bounds(value)
    return attribute.column >= value  # type: ignore[no-any-return]


def _at_most(attribute: Attribute, text: str) -> ColumnElement[bool]:
    value = parsed(attribute, text)
    if attribute.kind == "instant" and type(value) is date:
        _, end = clock.day_bounds(value)
        return attribute.column < end  # type: ignore[no-any-return]
    return attribute.column <= value  # type: ignore[no-any-return]


_OPS: dict[str, Callable[[Attribute, str], ColumnElement[bool]]] = {
    "empty": _empty,
    "eq": _equal,
    "ne": _unequal,
    "in": _among,
    "contains": _contains,
    "ge": _at_least,
    "le": _at_most,
}


def parsed(attribute: Attribute, text: str) -> Any:
    """Return *text* as a value of *attribute*; raise InvalidFilter if it is none."""
    try:
        return _PARSERS.get(attribute.kind, _text)(attribute, text.strip())
    except (ValueError, InvalidValue, ArithmeticError) as error:
        raise InvalidFilter from error


def _text(_attribute: Attribute, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError(text)
    return text


def _phone(_attribute: Attribute, text: str) -> str:
    try:
        return canonical_phone(text)
    except InvalidValue:
        return text


def _enum(attribute: Attribute, text: str) -> Any:
    if attribute.words is None:
        raise ValueError(text)
    return attribute.words(text)


def _flag(_attribute: Attribute, text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


def _whole(_attribute: Attribute, text: str) -> int:
    number = int(parse_decimal(text, 0, negative=True))
    if abs(number) > MAX_WHOLE:
        raise ValueError(text)
    return number


def _decimal(attribute: Attribute, text: str) -> Decimal:
    return parse_decimal(text, attribute.places, negative=True)


def _instant(_attribute: Attribute, text: str) -> date | datetime:
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment.astimezone(UTC) if moment.tzinfo else clock.from_local(moment)


_PARSERS: dict[str, Callable[[Attribute, str], Any]] = {
    "code": lambda attribute, text: _text(attribute, plain(text)),
    "enum": _enum,
    "flag": _flag,
    "relation": _whole,
    "relations": _whole,
    "integer": _whole,
    "money": _decimal,
    "price": _decimal,
    "percent": _decimal,
    "date": lambda _attribute, text: date.fromisoformat(text),
    "instant": _instant,
    "phone": _phone,
}
