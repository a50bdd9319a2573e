"""What the makers share: one piece of work, values for forms, and facts no form may set."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.work import SYSTEM, Work, work_for
from app.models.user import User
from app.services.crud import Crud

_numbers = count(1)


def number() -> int:
    """Return a number that no other record of this run has."""
    return next(_numbers)


def user_id(username: str) -> int:
    """Return the id of one of the people of conftest."""
    found = db.session.scalar(select(User.id).where(User.username == username))
    assert found is not None, username
    return found


def make_all(
    service: Crud[Any], many: list[Mapping[str, Any]], facts: list[Mapping[str, Any]]
) -> list[int]:
    """Make a record of each of *many*, then set its *facts* past all rules; return the ids."""
    with work_for(SYSTEM) as work:
        return [
            _make(work, service, values, given) for values, given in zip(many, facts, strict=True)
        ]


def _make(work: Work, service: Crud[Any], values: Mapping[str, Any], facts: Any) -> int:
    record = service.create(work, values)
    for name, value in facts.items():
        setattr(record, name, value)
    work.session.flush()
    return int(record.id)


def change(model: type[Any], record_id: int, **facts: Any) -> None:
    """Set *facts* of a stored record past all rules, as another piece of work would."""
    with work_for(SYSTEM) as work:
        record = work.session.get_one(model, record_id)
        for name, value in facts.items():
            setattr(record, name, value)


def load(model: type[Any], record_id: int) -> Any:
    """Return what the database holds now."""
    db.session.remove()
    return db.session.get(model, record_id)


def split(values: Mapping[str, Any], names: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield the values whose names are not in *names*, then those whose names are."""
    yield {name: value for name, value in values.items() if name not in names}
    yield {name: value for name, value in values.items() if name in names}
