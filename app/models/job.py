"""Jobs: work that is done after the answer, by the background worker."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.words import N_
from app.domain.job import JobState
from app.models.base import Base, Code, Id, Line, column
from app.models.types import Key


class Job(Base):
    """One piece of work to do. *payload* is encrypted: it may hold a link that lets people in.

    A worker leases the job; if the worker dies, the lease runs out and another one takes over.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "state", "run_after", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True, info={"label": N_("编号")})
    kind: Mapped[Code] = column(N_("任务"))
    state: Mapped[JobState] = column(N_("状态"), Key(JobState), default=JobState.WAITING)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)  # one job for one cause
    payload: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = column(N_("尝试次数"), default=0)
    run_after: Mapped[datetime] = column(N_("最早开始"))
    lease_until: Mapped[datetime | None] = column(N_("占用至"))
    created_at: Mapped[datetime] = column(N_("创建时间"))
    finished_at: Mapped[datetime | None] = column(N_("完成时间"), index=True)
    error: Mapped[Line] = column(N_("错误"), default="")

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
