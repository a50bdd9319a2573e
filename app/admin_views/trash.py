"""The trash: what was deleted, and the way back."""

from collections.abc import Mapping
from typing import Any

from app.admin_views.base import Action, RecordView
from app.core.words import N_
from app.core.work import Work
from app.models.trash_entry import TrashEntry
from app.services.trash import restore_entry, trash


def bring_back(work: Work, entry: TrashEntry, _values: Mapping[str, Any]) -> None:
    """Restore the record of *entry*."""
    restore_entry(work, entry)


class TrashView(RecordView):
    """Thirty days to change one's mind."""

    service = trash
    icon = "trash"
    title = N_("回收站")
    noun = N_("已删除的记录")
    writable = False

    column_list = ("text", "entity", "record_id", "deleted_by", "deleted_at")
    sections = ((N_("回收站"), column_list),)
    # Newest first: what was deleted last is what the others belonged to.
    actions = (
        Action(
            "restore",
            N_("恢复"),
            bring_back,
            "arrow-back-up",
            needs="see",
            turn=lambda entry: -entry.id,
        ),
    )
