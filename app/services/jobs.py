"""Background jobs: put in line with the work that caused them, leased, done, tried again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update

from app.core.tokens import box
from app.core.work import Work
from app.domain.job import LEASE, MAX_ATTEMPTS, JobState, wait_after
from app.models.job import Job

KEPT = timedelta(days=7)
_MAX_ERROR = 255


@dataclass(frozen=True, slots=True)
class Leased:
    """A job that is ours for a while."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int


def enqueue(
    work: Work,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    delay: timedelta = timedelta(),
) -> None:
    """Put a job in line; it exists if the work commits, and never otherwise.

    With *key*, a cause that already has its job gets no second one.
    """
    if key and work.session.scalar(select(Job.id).where(Job.key == key)):
        return
    work.session.add(
        Job(
            kind=kind,
            key=key,
            payload=box().close(json.dumps(payload)),
            run_after=work.now + delay,
            created_at=work.now,
        )
    )
    work.session.flush()


def claim(work: Work) -> Leased | None:
    """Lease the oldest job that is due, also one whose worker let its lease run out."""
    due = (
        select(Job.id)
        .where(
            or_(
                (Job.state == JobState.WAITING) & (Job.run_after <= work.now),
                (Job.state == JobState.RUNNING) & (Job.lease_until <= work.now),
            )
        )
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    number = work.session.scalar(due)
    if number is None:
        return None
    job = work.session.get_one(Job, number)
    job.state, job.lease_until = JobState.RUNNING, work.now + LEASE
    job.attempts += 1
    work.session.flush()
    text = box().open(job.payload)
    return Leased(job.id, job.kind, json.loads(text) if text else {}, job.attempts)


def finish(work: Work, job: Leased) -> None:
    """Mark a leased job as done and drop its payload; in vain if somebody else took it over."""
    _settle(work, job, state=JobState.DONE, finished_at=work.now, payload="", error="")


def fail(work: Work, job: Leased, error: str, *, for_good: bool = False) -> None:
    """Let a leased job wait for its next try, longer each time; the last one is the end."""
    if for_good or job.attempts >= MAX_ATTEMPTS:
        _settle(
            work,
            job,
            state=JobState.FAILED,
            finished_at=work.now,
            payload="",
            error=error[:_MAX_ERROR],
        )
        return
    _settle(
        work,
        job,
        state=JobState.WAITING,
        run_after=work.now + wait_after(job.attempts),
        error=error[:_MAX_ERROR],
    )


def forget_finished(work: Work) -> None:
    """Remove the jobs that ended a week ago."""
    work.session.execute(delete(Job).where(Job.finished_at < work.now - KEPT))


def _settle(work: Work, job: Leased, **values: Any) -> bool:
    """Write *values*, unless the lease has passed on; tell whether it was still ours."""
    done: CursorResult[Any] = work.session.execute(  # type: ignore[assignment]
        update(Job)
        .where(Job.id == job.id, Job.attempts == job.attempts, Job.state == JobState.RUNNING)
        .values(lease_until=None, **values)
    )
    return bool(done.rowcount)
