"""Child rows: contacts of a customer, lines of an order, saved together with their parent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect

from app.core.errors import Missing, Problems
from app.core.words import N_, Phrase
from app.core.work import Work
from app.models.attributes import Attribute, attributes_of
from app.models.base import Record
from app.services import audit, search
from app.services.registry import SERVICES

Setter = Callable[[Work, Record, Attribute, Any, str, Problems], None]


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One row as given: *prefix* is its name in the form (``lines-3``), *id* None for a new row."""

    prefix: str
    id: int | None
    values: Mapping[str, Any]
    delete: bool = False


def assign_rows(
    work: Work,
    parent: Record,
    collection: Attribute,
    rows: Sequence[ChildRow],
    set_value: Setter,
    problems: Problems,
) -> None:
    """Add, change and remove children of *parent*; rows not mentioned stay as they are.

    Raises:
        Missing: a row names a child that is not this parent's.
    """
    children = getattr(parent, collection.name)
    known = {child.id: child for child in children if child.id is not None}
    attributes = attributes_of(collection.target)
    for row in rows:
        if row.id is not None and row.id not in known:
            raise Missing
        if row.delete:
            _remove(work, children, known.get(row.id) if row.id else None)
            continue
        child = known[row.id] if row.id else _new_child(work, children, collection)
        child.form_prefix = row.prefix
        for name, value in row.values.items():
            set_value(work, child, attributes[name], value, f"{row.prefix}-{name}", problems)
        if child.id and audit.changes_of(child):
            child.updated_at, child.updated_by = work.now, work.actor.user_id


def _new_child(work: Work, children: list[Any], collection: Attribute) -> Any:
    child: Any = collection.target()  # type: ignore[misc]
    child.created_by = child.updated_by = work.actor.user_id
    child.created_at = child.updated_at = work.now
    children.append(child)
    return child


def _remove(work: Work, children: list[Any], child: Any) -> None:
    if child is not None:
        children.remove(child)
        if not inspect(child).pending:
            work.session.delete(child)


def family(record: Record) -> Iterator[Record]:
    """Yield *record* and its rows that are in memory."""
    yield record
    yield from audit.rows_of(record)


def children_of(record: Record) -> Iterator[Record]:
    """Yield all rows of *record*, read from the database where they are not in memory yet."""
    for name, attribute in attributes_of(type(record)).items():
        if attribute.kind == "rows":
            yield from getattr(record, name)


def check_required(record: Record, problems: Problems) -> None:
    """Note every attribute that must not be empty and is, of *record* and of its rows."""
    for one in family(record):
        start = f"{one.form_prefix}-" if one is not record else ""
        for name, attribute in attributes_of(type(one)).items():
            is_asked = attribute.required and attribute.readable and name not in GIVEN_BY_PARENT
            if is_asked and _is_blank(getattr(one, name)) and not problems.has(start + name):
                problems.add(start + name, N_("请填写%(field)s。"), field=Phrase(attribute.label))


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


#: Relations that a row gets from the parent it is saved with.
GIVEN_BY_PARENT = frozenset({"order", "customer_id"})


def check_rows(work: Work, record: Record, problems: Problems) -> None:
    """Apply to rows that are records of their own kind the rules of that kind."""
    for child in audit.rows_of(record):
        service = SERVICES.get(type(child))
        if service is not None:
            service.check(work, child, {}, problems)


def require_rows(work: Work, record: Record, changes: Mapping[str, Any]) -> None:
    """Raise NotAllowed unless the actor may do to the rows what *changes* say."""
    for name, attribute in attributes_of(type(record)).items():
        service = SERVICES.get(attribute.target) if attribute.kind == "rows" else None  # type: ignore[arg-type]
        if service is not None:
            for change in changes.get(name, ()):
                work.require(f"{service.entity}.{change['verb']}")


def remember_rows(work: Work, record: Record, changes: Mapping[str, Any]) -> None:
    """Write the history of rows that are records of their own kind, and keep them findable."""
    for name, attribute in attributes_of(type(record)).items():
        service = SERVICES.get(attribute.target) if attribute.kind == "rows" else None  # type: ignore[arg-type]
        if service is None or name not in changes:
            continue
        by_prefix = {child.form_prefix: child.id for child in getattr(record, name)}
        touched = set()
        for change in changes[name]:
            row_id = change["id"] or by_prefix[change["row"]]
            touched.add(row_id)
            action = f"{service.entity}.{change['verb']}"
            audit.remember(work, action, service.entity, row_id, change["changes"])
            if change["verb"] == "delete":
                search.forget(work.session, service.entity, row_id)
        for child in getattr(record, name):
            if child.id in touched:
                search.index(work.session, service.entity, child)
