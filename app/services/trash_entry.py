"""The list of what lies in the trash, kept in the transaction that puts it in or takes it out."""

from sqlalchemy import delete

from app.core.work import Work
from app.models.base import Record
from app.models.trash_entry import TrashEntry


def put_in(work: Work, entity: str, record: Record) -> None:
    """List *record*, which has just been marked as deleted."""
    work.session.add(
        TrashEntry(
            entity=entity,
            record_id=record.id,
            text=str(record),
            deleted_at=work.now,
            deleted_by_id=work.actor.user_id,
        )
    )


def take_out(work: Work, entity: str, record_id: int) -> None:
    """Drop the entry of a record that came back or is gone for good."""
    work.session.execute(
        delete(TrashEntry).where(TrashEntry.entity == entity, TrashEntry.record_id == record_id)
    )
