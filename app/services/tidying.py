"""Bringing values into their one canonical form, with the message beside the field when they have none."""

from collections.abc import Callable
from decimal import Decimal

from app.core.errors import Problems
from app.core.invalid import InvalidValue
from app.core.words import N_
from app.models.base import Record

MAX_PERCENT = Decimal(100)


def tidy_with(
    problems: Problems, record: Record, name: str, canonical: Callable[[str], str]
) -> bool:
    """Replace *name* of *record* by its canonical form; note the problem and return False if it has none."""
    value = getattr(record, name)
    if not value:
        return True
    try:
        tidied = canonical(value)
    except InvalidValue as error:
        problems.add(field_of(record, name), error.message, **error.facts)
        return False
    if tidied != value:
        setattr(record, name, tidied)
    return True


def field_of(record: Record, name: str) -> str:
    """Return what *name* of *record* is called in the form that is being saved."""
    return f"{record.form_prefix}-{name}" if record.form_prefix else name


def check_range(
    problems: Problems,
    record: Record,
    name: str,
    *,
    is_percent: bool = False,
    most: Decimal | None = None,
) -> None:
    """Note a problem if the number *name* of *record* is below zero or above *most*, of a percentage 100."""
    value = getattr(record, name)
    if value is None:
        return
    if value < 0:
        problems.add(field_of(record, name), N_("不能小于 0。"))
    elif is_percent and value > MAX_PERCENT:
        problems.add(field_of(record, name), N_("不能大于 100。"))
    elif most is not None and value > most:
        problems.add(field_of(record, name), N_("不能大于 %(n)s。"), n=f"{most:,}")
