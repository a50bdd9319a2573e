"""Counting tries: charged before anything is judged, so that no parallel guess slips through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, false, literal, null, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from app.core.work import Work
from app.domain.login import QUIET, TRIES, WINDOW
from app.models.login_counter import LoginCounter
from app.models.types import UTCDateTime

MANY = 100  # of this many refused tries one is written down


@dataclass(frozen=True, slots=True)
class Charge:
    """One try, counted. *left* tries remain after it; *wait* seconds, where the limit is reached.

    *is_worth_noting* is False for most of the refused ones, so that nobody floods the logs.
    """

    key: str
    is_allowed: bool
    left: int
    wait: int
    is_worth_noting: bool


def charge(
    work: Work,
    key: str,
    *,
    tries: int = TRIES,
    steps: Sequence[int] = (),
    identity: str | None = None,
) -> Charge:
    """Count one try against *key*, in one statement, and say whether it may be judged.

    With *steps* (minutes), the last of *tries* within 15 minutes closes the key for the first step;
    each time it happens again, for the next one. Tries while it is closed change nothing. Without
    *steps*, whatever is too much within 15 minutes is refused until they are over.
    """
    number, since_at, locked_until = work.session.execute(
        _charging(work, key, tries, steps, identity)
    ).one()
    open_again = locked_until or (since_at + WINDOW)
    is_allowed = number <= tries
    left = max(tries - number, 0)
    return Charge(
        key,
        is_allowed,
        left,
        0 if left else max(1, -(-int((open_again - work.now).total_seconds() * 1000) // 1000)),
        is_allowed or (number - tries) % MANY == 1,
    )


def forgive(work: Work, key: str) -> None:
    """Forget what was counted against *key*: the right password was given."""
    work.session.execute(delete(LoginCounter).where(LoginCounter.key == key))


def give_back(work: Work, key: str) -> None:
    """Take one try back: it was no failure."""
    work.session.execute(
        update(LoginCounter)
        .where(LoginCounter.key == key, LoginCounter.tries > 0)
        .values(tries=LoginCounter.tries - 1)
    )


def unlock(work: Work, identity: str) -> None:
    """Forget every counter of the user name with the digest *identity*, on known devices too."""
    work.session.execute(delete(LoginCounter).where(LoginCounter.identity == identity))


def forget_quiet(work: Work) -> None:
    """Remove counters that nobody tried for a day."""
    work.session.execute(
        delete(LoginCounter).where(
            LoginCounter.last_at < work.now - QUIET,
            or_(LoginCounter.locked_until.is_(None), LoginCounter.locked_until < work.now),
        )
    )


def _charging(
    work: Work, key: str, tries: int, steps: Sequence[int], identity: str | None
) -> ReturningInsert[int, datetime, datetime | None]:
    """Return the statement that counts: a first try makes the row, later ones move it on."""
    old, now = LoginCounter, literal(work.now, UTCDateTime())
    is_locked = old.locked_until > now
    is_forgotten = old.last_at < literal(work.now - QUIET, UTCDateTime())
    is_over = old.since_at <= literal(work.now - WINDOW, UTCDateTime())
    begins_anew = or_(old.locked_until.is_not(None), is_forgotten, is_over)
    step = case((is_forgotten, 0), else_=old.step)
    number = case((is_locked, old.tries + 1), (begins_anew, 1), else_=old.tries + 1)
    closes = (number == tries) if steps else false()
    dialect = work.session.get_bind().dialect.name
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(LoginCounter)
    return (
        insert.values(
            key=key, identity=identity, tries=1, step=0, since_at=work.now, last_at=work.now
        )
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "tries": number,
                "step": case((is_locked, old.step), (closes, step + 1), else_=step),
                "since_at": case((is_locked, old.since_at), (begins_anew, now), else_=old.since_at),
                "last_at": case((is_locked, old.last_at), else_=now),
                "locked_until": case(
                    (is_locked, old.locked_until),
                    (closes, _end_of_lock(work, step, steps)),
                    else_=null(),
                ),
            },
        )
        .returning(LoginCounter.tries, LoginCounter.since_at, LoginCounter.locked_until)
    )


def _end_of_lock(
    work: Work, step: ColumnElement[int], steps: Sequence[int]
) -> ColumnElement[datetime]:
    """Return when a lock imposed now ends; after the last step it stays the longest."""
    ends = [literal(work.now + timedelta(minutes=minutes), UTCDateTime()) for minutes in steps]
    if len(ends) < 2:  # noqa: PLR2004 - nothing to choose from
        return ends[0] if ends else literal(work.now, UTCDateTime())
    return case(*((step == number, end) for number, end in enumerate(ends[:-1])), else_=ends[-1])
