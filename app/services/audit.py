"""The audit: what changed, old → new, written in the same transaction as the change itself."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from app.core.money import rounded
from app.core.work import Work
from app.domain.audit import clear, one_line, without_numbers
from app.domain.email import masked_email
from app.domain.phone import masked_phone
from app.models.attributes import Attribute, attributes_of
from app.models.base import Record
from app.services import rate_counter

HOUSEKEEPING = frozenset(
    {"id", "version", "created_at", "updated_at", "created_by", "updated_by", "password_hash"}
)
DENIALS = 20  # of one person, each with an entry of its own, a minute
_LONGEST_NAME, _LONGEST = 120, 64  # characters
Changes = dict[str, Any]


def remember(
    work: Work,
    action: str,
    entity: str | None = None,
    record_id: int | None = None,
    changes: Mapping[str, Any] | None = None,
    *,
    result: str = "ok",
) -> None:
    """Add an entry to the audit; it commits with the work it speaks of, or not at all."""
    known = work.actor.user_id is not None
    actor = work.actor.name if known else without_numbers(work.actor.name)  # typed at the door
    work.entries.append(
        {
            "at": work.now,
            "actor_id": work.actor.user_id,
            "actor": one_line(actor, _LONGEST_NAME),
            "action": action,
            "entity": entity,
            "record_id": record_id,
            "changes": clear(changes or {}),
            "address": one_line(work.origin.address, _LONGEST),
            "request_id": one_line(work.origin.request_id, _LONGEST),
            "result": result,
        }
    )


def remember_denied(work: Work, permission: str, path: str) -> None:
    """Add the entry of a denial; of a flood of them, DENIALS a minute and one that says so."""
    number = rate_counter.hit(work, f"denied:{work.actor.user_id}", seconds=60)
    if number > DENIALS + 1:
        return
    entity = permission.partition(".")[0] or None
    result = "denied" if number <= DENIALS else "flood"
    changes = {"permission": permission, "path": path}
    remember(work, "access.denied", entity, changes=changes, result=result)


def changes_of(record: Record) -> Changes:
    """Return what the pending changes of *record* and its rows are: attribute → [old, new].

    Of a collection: a list of ``{"id", "verb", "changes"}``. Call it before the flush.
    """
    changes = _own_changes(record)
    for name, attribute in attributes_of(type(record)).items():
        if attribute.kind != "rows" or name not in inspect(record).dict:
            continue
        rows = list(_row_changes(record, name))
        if rows:
            changes[name] = rows
    return changes


def farewell(record: Record) -> Changes:
    """Return the last values of *record*, for the entry of its deletion."""
    changes: Changes = {}
    for name, attribute in _tracked(record):
        value = attribute.stored(record)
        if attribute.kind not in ("rows", "relations") and value not in (None, ""):
            changes[name] = [_shown(attribute, value, record), None]
    return changes


def is_changed(record: Record, name: str) -> bool:
    """Tell whether *name* of *record* has a new value that is not stored yet."""
    state: Any = inspect(record)
    return bool(state.attrs[name].history.has_changes())


def rows_of(record: Record) -> Iterator[Record]:
    """Yield the child rows of *record* that are in memory."""
    for name, attribute in attributes_of(type(record)).items():
        if attribute.kind == "rows" and name in inspect(record).dict:
            yield from getattr(record, name)


def _tracked(record: Record) -> Iterator[tuple[str, Attribute]]:
    for name, attribute in attributes_of(type(record)).items():
        written = attribute.kind in ("rows", "relations") or hasattr(attribute.column, "property")
        if name not in HOUSEKEEPING and written and attribute.readable:
            yield name, attribute


def _own_changes(record: Record) -> Changes:
    state: Any = inspect(record)
    changes: Changes = {}
    for name, attribute in _tracked(record):
        if attribute.kind == "rows":
            continue
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        if attribute.kind == "relations":
            before: Any = [str(item) for item in (*history.unchanged, *history.deleted)]
            after: Any = [str(item) for item in (*history.unchanged, *history.added)]
            changes[name] = [before, after]
            continue
        old, new = (values[0] if values else None for values in (history.deleted, history.added))
        # Two numbers may look the same behind their masks; they are a change nevertheless.
        if old != new and not (_is_nothing(old) and _is_nothing(new)):
            changes[name] = [_shown(attribute, old, record), _shown(attribute, new, record)]
    return changes


def _row_changes(record: Record, name: str) -> Iterator[Changes]:
    history = inspect(record).attrs[name].history
    for child in history.deleted:
        yield {"id": child.id, "verb": "delete", "changes": farewell(child)}
    for child in history.added:
        yield {
            "id": None,
            "row": child.form_prefix,
            "verb": "create",
            "changes": _own_changes(child),
        }
    for child in history.unchanged:
        changes = _own_changes(child)
        if changes:
            yield {"id": child.id, "verb": "edit", "changes": changes}


def _is_nothing(value: Any) -> bool:
    return value is None or value == ""


def _shown(attribute: Attribute, value: Any, record: Record) -> Any:
    if _is_nothing(value):
        return None
    if attribute.kind == "relation":
        related = value if isinstance(value, Record) else getattr(record, attribute.name)
        text = _initial(related) if "name" in getattr(related, "personal", ()) else str(related)
        return {"id": getattr(related, "id", value), "text": text}
    if attribute.group == "phones":
        return masked_email(value) if attribute.kind == "email" else masked_phone(str(value))
    if attribute.name in type(record).personal:
        return _initial(value)
    if isinstance(value, Decimal):
        return str(rounded(value, attribute.places))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, bool | int | list | dict) else str(value)


def _initial(value: Any) -> str:
    return f"{str(value)[:1]}**"
