"""Remembering a browser: a token replaces the password, once, for a new one."""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from sqlalchemy import delete, select

from app.core import tokens
from app.core.work import Work
from app.models.device_session import DeviceSession
from app.models.remember_token import RememberToken
from app.models.user import User
from app.services import audit

DAYS = timedelta(days=14)
_GRACE = timedelta(seconds=30)  # in which the last secret is still good


@dataclass(frozen=True, slots=True)
class Remembered:
    """Whose browser it is; *cookie* is its new secret, None if another request just got it."""

    id: int | None
    user_id: int
    cookie: str | None


NOT_REMEMBERED = Remembered(None, 0, None)


def remember(work: Work, user_id: int) -> Remembered:
    """Remember a browser for 14 days."""
    series, secret = tokens.new_token(), tokens.new_token()
    row = RememberToken(
        series=tokens.digest_of(series),
        digest=tokens.digest_of(secret),
        user_id=user_id,
        created_at=work.now,
        used_at=work.now,
        expires_at=work.now + DAYS,
    )
    work.session.add(row)
    work.session.flush()
    return Remembered(row.id, user_id, f"{series}.{secret}")


def redeem(work: Work, cookie: str) -> Remembered | None:
    """Return whose browser shows *cookie*, with its next one; None if it is worth nothing.

    A secret that was used before ends everything of its user: somebody copied the cookie.
    """
    series, _, secret = cookie.partition(".")
    row = work.session.scalar(
        select(RememberToken)
        .join(User, User.id == RememberToken.user_id)
        .where(
            RememberToken.series == tokens.digest_of(series),
            RememberToken.expires_at > work.now,
            User.is_active,
        )
        .with_for_update()
    )
    if row is None:
        return None
    digest = tokens.digest_of(secret)
    if compare_digest(row.digest, digest):
        fresh = tokens.new_token()
        row.former, row.digest = row.digest, tokens.digest_of(fresh)
        row.used_at = work.now
        work.session.flush()
        return Remembered(row.id, row.user_id, f"{series}.{fresh}")
    is_late = row.former is not None and compare_digest(row.former, digest)
    if is_late and work.now - row.used_at <= _GRACE:
        return Remembered(row.id, row.user_id, None)
    _end_everything(work, row.user_id)
    return None


def forget(work: Work, cookie: str) -> None:
    """Forget the browser that shows *cookie*."""
    series = tokens.digest_of(cookie.partition(".")[0])
    work.session.execute(delete(RememberToken).where(RememberToken.series == series))


def forget_over(work: Work) -> None:
    """Remove the tokens that nobody used for too long."""
    work.session.execute(delete(RememberToken).where(RememberToken.expires_at <= work.now))


def _end_everything(work: Work, user_id: int) -> None:
    for kind in (RememberToken, DeviceSession):
        work.session.execute(delete(kind).where(kind.user_id == user_id))
    audit.remember(
        work, "login", "user", user_id, {"cause": [None, "stolen cookie"]}, result="stolen"
    )
