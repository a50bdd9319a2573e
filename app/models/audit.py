"""The audit: who did what to which record, when, from where, with what result."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.words import N_
from app.models.base import Base, Code, Id, Name, ShortText, column


class Entry:
    """What an entry holds, wherever it is kept. *changes* is attribute → [old, new], masked where personal.

    Ids are given by the chain, without gaps; *digest* covers everything else and the digest before.
    """

    id: Mapped[Id] = mapped_column(
        primary_key=True, autoincrement=False, info={"label": N_("编号")}
    )
    at: Mapped[datetime] = column(N_("时间"))
    actor_id: Mapped[Id | None] = column(N_("操作人编号"))
    actor: Mapped[Name] = column(N_("操作人"), kind="actor")
    action: Mapped[ShortText] = column(N_("操作"), kind="action")
    entity: Mapped[Code | None] = column(N_("记录类型"), kind="entity")
    record_id: Mapped[Id | None] = column(N_("记录编号"))
    changes: Mapped[dict[str, Any]] = column(N_("变更内容"), JSON, kind="json", default=dict)
    address: Mapped[ShortText] = column(N_("来源地址"), kind="code", default="")
    request_id: Mapped[ShortText] = column(N_("请求编号"), kind="code", default="")
    result: Mapped[Code] = column(N_("结果"), kind="result", default="ok")
    digest: Mapped[ShortText] = column(N_("链摘要"), kind="code")


class Audit(Entry, Base):
    """One entry; nothing changes it, and only the archive takes it away."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_action", "action"),
        Index("ix_audit_record", "entity", "record_id", "id"),
        Index("ix_audit_actor", "actor_id", "id"),
        Index("ix_audit_at", "at", "id"),
    )

    def __str__(self) -> str:
        return f"{self.action} {self.id}"


class AuditArchive(Entry, Base):
    """An old entry: the beginning of the chain, which nobody has to look through every day."""

    __tablename__ = "audit_archive"
    __table_args__ = (Index("ix_audit_archive_record", "entity", "record_id", "id"),)


class AuditHead(Base):
    """The one row that says how far the chain goes; whoever adds to the chain holds it locked."""

    __tablename__ = "audit_heads"

    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[Id] = mapped_column()
    digest: Mapped[ShortText] = mapped_column()
