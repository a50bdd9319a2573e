"""Rate counters in the database, shared by all processes of an installation without Redis."""

from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.work import Work
from app.models.rate_counter import RateCounter
from app.models.types import UTCDateTime


def hit(work: Work, key: str, *, seconds: int, amount: int = 1) -> int:
    """Add to the counter *key*, which lives *seconds* from its first hit; return its sum."""
    now = literal(work.now, UTCDateTime())
    end = work.now + timedelta(seconds=seconds)
    is_over = RateCounter.expires_at <= now
    dialect = work.session.get_bind().dialect.name
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(RateCounter)
    counting = (
        insert.values(key=key, hits=amount, expires_at=end)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "hits": case((is_over, amount), else_=RateCounter.hits + amount),
                "expires_at": case(
                    (is_over, literal(end, UTCDateTime())), else_=RateCounter.expires_at
                ),
            },
        )
        .returning(RateCounter.hits)
    )
    return int(work.session.execute(counting).scalar_one())


def give_back(work: Work, key: str) -> None:
    """Take one hit of the counter *key* back."""
    work.session.execute(
        update(RateCounter)
        .where(RateCounter.key == key, RateCounter.hits > 0, RateCounter.expires_at > work.now)
        .values(hits=RateCounter.hits - 1)
    )


def standing(session: Session, key: str, *, now: datetime) -> tuple[int, datetime]:
    """Return the sum of the counter *key* and the instant it ends; 0 and now if there is none."""
    found = session.execute(
        select(RateCounter.hits, RateCounter.expires_at).where(
            RateCounter.key == key, RateCounter.expires_at > now
        )
    ).one_or_none()
    return (found.hits, found.expires_at) if found else (0, now)


def forget(work: Work, key: str | None = None) -> None:
    """Remove the counter *key*, or all that have ended."""
    gone = RateCounter.key == key if key else RateCounter.expires_at <= work.now
    work.session.execute(delete(RateCounter).where(gone))
