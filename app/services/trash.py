"""The trash: 30 days in which a deleted record, with everything below it, can come back."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, inspect, select
from sqlalchemy.orm import Session

from app.core.errors import Blocked, Missing
from app.core.ids import as_id
from app.core.words import N_, Phrase
from app.core.work import Actor, Work
from app.domain.permissions import Scope
from app.domain.searching import like_pattern, words_of
from app.models.attributes import Attribute, attributes_of
from app.models.base import Record, Trashed
from app.models.trash_entry import TrashEntry
from app.services import attachment, audit, search, trash_entry
from app.services.crud import Crud
from app.services.registry import SERVICES
from app.services.rows import children_of

KEPT = timedelta(days=30)
PURGED_AT_ONCE = 200


class Trash(Crud[Any]):
    """Everybody sees what they deleted themselves; who may see all sees all."""

    def living(self) -> list[ColumnElement[bool]]:
        """Every entry is there until its record is restored or gone."""
        return []

    def in_scope(self, actor: Actor, scope: str, verb: str) -> list[ColumnElement[bool]]:
        """Own: what the actor deleted."""
        return [] if scope == Scope.ALL else [TrashEntry.deleted_by_id == actor.user_id]

    def matching(self, term: str, actor: Actor, *, own: bool = False) -> list[ColumnElement[bool]]:
        """The names of what was deleted."""
        shown = func.lower(TrashEntry.text)
        return [shown.like(like_pattern(word), escape="\\") for word in words_of(term)]


trash = Trash(TrashEntry, "trash")


def restore_entry(work: Work, entry: TrashEntry) -> Any:
    """Bring back the record of *entry*."""
    return restore(work, _service_of(entry.entity), entry.record_id)


def restore(work: Work, service: Crud[Any], record_id: object) -> Any:
    """Bring a record back from the trash, with everything below it.

    Raises:
        Missing: it is not in the trash, or not within the actor's reach.
        Blocked: a living record has its name or number, or what it belongs to is in the trash itself.
    """
    work.require(f"{service.entity}.restore")
    record = _trashed(work.session, work.actor, service, record_id)
    _check_unique(work.session, record)
    _check_above(record)
    record.deleted_at = record.deleted_by = None
    trash_entry.take_out(work, service.entity, record.id)
    for one in (record, *record.search_also()):
        search.index(work.session, SERVICES[type(one)].entity, one)
    audit.remember(work, f"{service.entity}.restore", service.entity, record.id)
    work.session.flush()
    return record


def _trashed(session: Session, actor: Actor, service: Crud[Any], record_id: object) -> Any:
    model: Any = service.model
    key = as_id(record_id)
    if key is None or not issubclass(model, Trashed):
        raise Missing
    reach = actor.scope(service.entity, "restore")
    mine = [] if reach == Scope.ALL else [model.deleted_by == actor.user_id]
    found = session.scalar(
        select(model).where(model.id == key, model.deleted_at.is_not(None), *mine)
    )
    if found is None:
        raise Missing
    return found


def _check_unique(session: Session, record: Any) -> None:
    """Raise Blocked, naming it, if a living record took what must be unique."""
    model = type(record)
    for index in inspect(model).local_table.indexes:
        if not index.unique:
            continue
        values = [getattr(record, column.key) for column in index.columns]
        if None in values:
            continue
        same = [column == value for column, value in zip(index.columns, values, strict=True)]
        taken = session.scalar(
            select(model).where(*same, model.deleted_at.is_(None), model.id != record.id)
        )
        if taken is not None:
            raise Blocked(N_("不能恢复：已有“%(name)s”。"), [str(taken)], name=str(taken))


def _check_above(record: Record) -> None:
    """Raise Blocked if something that *record* belongs to lies in the trash."""
    for attribute in attributes_of(type(record)).values():
        if attribute.kind == "relation" and not _may_be_empty(attribute):
            above = getattr(record, attribute.name)
            if above is not None and getattr(above, "deleted_at", None) is not None:
                raise Blocked(
                    N_("不能恢复：%(label)s“%(name)s”还在回收站，请先恢复它。"),
                    label=Phrase(attribute.label),
                    name=str(above),
                )


def _may_be_empty(attribute: Attribute) -> bool:
    """Tell whether the database empties *attribute* when what it refers to goes: a record lives on without."""
    keys = attribute.column.property.columns[0].foreign_keys
    return all(key.ondelete == "SET NULL" for key in keys)


def purge(work: Work) -> int:
    """Delete for good what has been in the trash for 30 days; return how many records went.

    Newest first, so that an order goes before the customer it belongs to.
    """
    due = select(TrashEntry).where(TrashEntry.deleted_at < work.now - KEPT)
    entries = work.session.scalars(due.order_by(TrashEntry.id).limit(PURGED_AT_ONCE)).all()
    for entry in sorted(entries, key=lambda one: one.entity != "order"):
        service = _service_of(entry.entity)
        record = work.session.get(service.model, entry.record_id)
        if record is not None:
            _destroy(work, service.entity, record)
        audit.remember(work, f"{entry.entity}.purge", entry.entity, entry.record_id)
        work.session.delete(entry)
    work.session.flush()
    return len(entries)


def _service_of(entity: str) -> Crud[Any]:
    return next(service for service in SERVICES.values() if service.entity == entity)


def _destroy(work: Work, entity: str, record: Record) -> None:
    """Delete *record* and its rows from every table, what they are found by included."""
    for child in list(children_of(record)):
        if type(child) in SERVICES:
            search.forget(work.session, SERVICES[type(child)].entity, child.id)
        work.session.delete(child)
    work.session.flush()
    _forget_followers(work, record)
    attachment.forget(work, entity, record.id)
    work.session.expire(record)
    work.session.delete(record)
    work.session.flush()
    search.forget(work.session, entity, record.id)


def _forget_followers(work: Work, record: Record) -> None:
    """Drop the words and files of what the database deletes together with *record*."""
    for service in SERVICES.values():
        for attribute in service.attributes().values():
            if attribute.kind == "relation" and attribute.target is type(record):
                keys = attribute.column.property.columns[0].foreign_keys
                if any(key.ondelete == "CASCADE" for key in keys):
                    rows = select(service.model.id).where(attribute.column == record.id)
                    for row_id in work.session.scalars(rows).all():
                        search.forget(work.session, service.entity, row_id)
                        attachment.forget(work, service.entity, row_id)
                        trash_entry.take_out(work, service.entity, row_id)
