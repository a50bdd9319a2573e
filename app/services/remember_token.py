"""Remembering a browser: a token replaces the password, once, for a new one."""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from sqlalchemy import delete, select, update

from app.core import tokens
from app.core.words import N_
from app.core.work import Work
from app.models.device_session import DeviceSession
from app.models.remember_token import RememberToken
from app.models.user import User
from app.services import audit, device_session, letters, pending_login, trusted_device

DAYS = timedelta(days=14)
_GRACE = timedelta(seconds=30)  # in which the last secret is still good

SUBJECT = N_("登录状态可能被盗用")
TEXT = N_(
    "%(name)s，您好：\n\n"
    "有人用您在 %(company)s 的账号 %(username)s 的一份过时的“记住我”登录状态打开了系统，它可能被复制了。"
    "所有设备已退出登录，信任的设备也已取消。\n\n"
    "请重新登录并修改密码；如有疑问请联系系统管理员。\n"
)


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

    The last secret is believed until its answer has arrived: on a bad line it may never have, and
    then another secret takes the place of the one that nobody received. Any older one ends
    everything of its user: somebody copied the cookie.
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
    is_late = row.former is not None and compare_digest(row.former, digest)
    if is_late and work.now - row.used_at <= _GRACE:  # several requests at once: one has got it
        return Remembered(row.id, row.user_id, None)
    if not is_late and not compare_digest(row.digest, digest):
        _end_everything(work, row.user_id)
        return None
    fresh = tokens.new_token()
    row.former, row.digest = digest, tokens.digest_of(fresh)
    row.used_at = work.now
    work.session.flush()
    return Remembered(row.id, row.user_id, f"{series}.{fresh}")


def note_arrival(work: Work, session_id: int) -> None:
    """Stop believing the last secret of a browser whose session is in use: it got the next one."""
    this = select(DeviceSession.remember_id).where(DeviceSession.id == session_id)
    work.session.execute(
        update(RememberToken)
        .where(
            RememberToken.id == this.scalar_subquery(),
            RememberToken.former.is_not(None),
            RememberToken.used_at < work.now - _GRACE,
        )
        .values(former=None)
    )


def forget(work: Work, cookie: str) -> None:
    """Forget the browser that shows *cookie*."""
    series = tokens.digest_of(cookie.partition(".")[0])
    work.session.execute(delete(RememberToken).where(RememberToken.series == series))


def forget_over(work: Work) -> None:
    """Remove the tokens that nobody used for too long."""
    work.session.execute(delete(RememberToken).where(RememberToken.expires_at <= work.now))


def _end_everything(work: Work, user_id: int) -> None:
    """Sign the user out everywhere, believe none of their browsers, and tell them."""
    device_session.end_all(work, user_id)
    trusted_device.distrust_all(work, user_id)
    pending_login.drop_all(work, user_id)
    letters.write(work, work.session.get_one(User, user_id), SUBJECT, TEXT)
    audit.remember(
        work, "login", "user", user_id, {"cause": [None, "stolen cookie"]}, result="stolen"
    )
