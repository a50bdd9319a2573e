"""The trash: what was deleted and can still come back, in one list."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.words import N_
from app.models.base import Base, Code, Id, Line, column

if TYPE_CHECKING:
    from app.models.user import User


class TrashEntry(Base):
    """One record in the trash; the record itself keeps its row, marked as deleted."""

    __tablename__ = "trash_entries"
    __table_args__ = (
        Index("uq_trash_entries_record", "entity", "record_id", unique=True),
        Index("ix_trash_entries_deleted_by_id", "deleted_by_id", "id"),
        Index("ix_trash_entries_deleted_at", "deleted_at", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, info={"label": N_("编号")})
    entity: Mapped[Code] = column(N_("记录类型"), kind="entity")
    record_id: Mapped[Id] = column(N_("记录编号"))
    text: Mapped[Line] = column(N_("内容"))
    deleted_at: Mapped[datetime] = column(N_("删除时间"))
    deleted_by_id: Mapped[Id | None] = column(
        N_("删除人"), ForeignKey("users.id", ondelete="SET NULL")
    )

    deleted_by: Mapped["User | None"] = relationship()

    def __str__(self) -> str:
        return self.text
