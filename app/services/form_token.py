"""One form, sent twice or at the same time, makes one record."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete

from app.core.work import Work
from app.models.base import Record
from app.models.form_token import FormToken

KEPT = timedelta(days=7)


def record_made(work: Work, token: str) -> int | None:
    """Return the id of the record that this form already made for the actor, if any."""
    made = work.session.get(FormToken, _digest(work, token))
    return made.record_id if made else None


def once(work: Work, token: str, entity: str, make: Callable[[], Record]) -> int:
    """Make the record of this form, or return the id of the one it made before.

    Two requests at the same time: the second one fails on the token's key and is rolled back whole.
    """
    before = record_made(work, token)
    if before is not None:
        return before
    record = make()
    work.session.add(
        FormToken(
            digest=_digest(work, token),
            user_id=work.actor.user_id,
            entity=entity,
            record_id=record.id,
            created_at=work.now,
        )
    )
    work.session.flush()
    return record.id


def forget_old(work: Work) -> None:
    """Drop the tokens of forms that nobody can still have open."""
    work.session.execute(delete(FormToken).where(FormToken.created_at < work.now - KEPT))


def _digest(work: Work, token: str) -> str:
    return sha256(f"{work.actor.user_id}:{token}".encode()).hexdigest()
