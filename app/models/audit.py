"""The audit: who did what to which record, when, from where, with what result."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.words import N_
from app.models.base import Base, Code, Id, Name, ShortText, column


class Audit(Base):
    """One entry. *changes* holds attribute → [old, new], masked where the attribute is personal."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_record", "entity", "record_id", "id"),
        Index("ix_audit_actor", "actor_id", "id"),
        Index("ix_audit_at", "at", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, info={"label": N_("编号")})
    at: Mapped[datetime] = column(N_("时间"))
    actor_id: Mapped[Id | None] = column(N_("操作人编号"))
    actor: Mapped[Name] = column(N_("操作人"))
    action: Mapped[ShortText] = column(N_("操作"), kind="code", index=True)
    entity: Mapped[Code | None] = column(N_("记录类型"), kind="code")
    record_id: Mapped[Id | None] = column(N_("记录编号"))
    changes: Mapped[dict[str, Any]] = column(N_("变更内容"), JSON, kind="json", default=dict)
    address: Mapped[ShortText] = column(N_("来源地址"), kind="code", default="")
    request_id: Mapped[ShortText] = column(N_("请求编号"), kind="code", default="")
    result: Mapped[Code] = column(N_("结果"), kind="code", default="ok")

    def __str__(self) -> str:
        return f"{self.action} {self.id}"
