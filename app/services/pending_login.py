"""Pending logins: remember that a password was right until the second factor comes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import tokens
from app.core.work import Work
from app.domain.second_factor import PENDING
from app.models.pending_login import PendingLogin
from app.models.user import User


@dataclass(frozen=True, slots=True)
class Pending:
    """Who is between two factors, and what they asked for; *user* is as stored now."""

    digest: str
    user: User
    wants_remembering: bool
    remember_id: int | None

    @property
    def is_fresh(self) -> bool:
        """Whether the password was given, rather than a remembered browser believed."""
        return self.remember_id is None


def begin(
    work: Work, user_id: int, *, wants_remembering: bool = False, remember_id: int | None = None
) -> str:
    """Return a token for the browser alone, good for ten minutes."""
    token = tokens.new_token()
    work.session.add(
        PendingLogin(
            digest=tokens.digest_of(token),
            user_id=user_id,
            wants_remembering=wants_remembering,
            remember_id=remember_id,
            expires_at=work.now + PENDING,
        )
    )
    work.session.flush()
    return token


def find(session: Session, token: str, *, now: datetime) -> Pending | None:
    """Return who waits with *token*; None if nobody does, or no longer."""
    row = session.execute(
        select(PendingLogin, User)
        .join(User, User.id == PendingLogin.user_id)
        .where(
            PendingLogin.digest == tokens.digest_of(token),
            PendingLogin.expires_at > now,
            User.is_active,
        )
    ).one_or_none()
    if row is None:
        return None
    waiting, user = row
    return Pending(waiting.digest, user, waiting.wants_remembering, waiting.remember_id)


def close(work: Work, pending: Pending) -> bool:
    """End the waiting; of two requests that both proved a factor, one is told True."""
    gone = work.session.execute(
        delete(PendingLogin)
        .where(PendingLogin.digest == pending.digest, PendingLogin.expires_at > work.now)
        .returning(PendingLogin.id)
    )
    return gone.scalar() is not None


def drop_all(work: Work, user_id: int) -> None:
    """End all waiting of the user: the password has changed, or the factors have."""
    work.session.execute(delete(PendingLogin).where(PendingLogin.user_id == user_id))


def forget_over(work: Work) -> None:
    """Remove the rows of those who never came back."""
    work.session.execute(delete(PendingLogin).where(PendingLogin.expires_at <= work.now))
