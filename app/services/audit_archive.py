"""Old entries of the audit move into the archive, where the chain begins; nothing is ever cleared."""

from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import broken
from app.core.words import N_
from app.core.work import Work
from app.domain.audit import ARCHIVED, KEPT
from app.models.audit import Audit, AuditArchive
from app.services import audit

BATCH = 5_000  # entries per piece of work


def require_old(day: date) -> None:
    """Raise RuleBroken unless everything before *day* is old enough."""
    latest = clock.today() - KEPT
    if day > latest:
        message = N_("最近 %(days)s 天的操作记录必须保留，日期最晚为 %(date)s。")
        raise broken("before", message, days=KEPT.days, date=latest.isoformat())


def end_of_old(session: Session, day: date) -> int:
    """Return the id of the last entry to move: the archive is the beginning of the chain, without gaps."""
    start, _ = clock.day_bounds(day)
    first_young = session.scalar(select(func.min(Audit.id)).where(Audit.at >= start))
    if first_young is not None:
        return first_young - 1
    return session.scalar(select(func.max(Audit.id))) or 0


def move(work: Work, day: date, last: int) -> int:
    """Move the oldest entries up to *last*, BATCH at most, and write that down; return how many."""
    oldest = select(Audit.id).where(Audit.id <= last).order_by(Audit.id).limit(BATCH).subquery()
    first, end, number = work.session.execute(
        select(func.min(oldest.c.id), func.max(oldest.c.id), func.count(oldest.c.id))
    ).one()
    if not number:
        return 0
    names = [column.name for column in AuditArchive.__table__.columns]
    rows = select(*(getattr(Audit, name) for name in names)).where(Audit.id <= end)
    work.session.execute(insert(AuditArchive).from_select(names, rows))
    work.session.execute(
        delete(Audit).where(Audit.id <= end), execution_options={"synchronize_session": False}
    )
    changes = {"before": day.isoformat(), "first": first, "last": end, "rows": number}
    audit.remember(work, ARCHIVED, "audit", changes=changes)
    return int(number)
