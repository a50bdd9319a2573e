"""Second factors of a user: whether one is on, whether it is asked for, how often it may be guessed."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.errors import Blocked, TooMany
from app.core.words import N_
from app.core.work import Work
from app.domain.second_factor import GUESSES, TOO_MANY
from app.models.passkey import Passkey
from app.models.recovery_code import RecoveryCode
from app.models.totp import Totp
from app.models.user import User
from app.services import pending_login, rate_counter, trusted_device

LAST_ONE = N_("您的角色必须使用两步验证，请先设置另一种验证方式。")


def is_on(user_id: InstrumentedAttribute[int] | int) -> ColumnElement[bool]:
    """Return, for a statement, whether the user has an authenticator app or a passkey."""
    return or_(
        exists().where(Totp.user_id == user_id),
        exists().where(Passkey.user_id == user_id),
    )


def has_one(session: Session, user_id: int) -> bool:
    """Tell whether the user has an authenticator app or a passkey."""
    return bool(session.scalar(select(is_on(user_id))))


def is_asked(session: Session, user_id: int, trust_token: str, *, now: datetime) -> bool:
    """Tell whether a second factor has to come after the password of this user in this browser."""
    if not has_one(session, user_id):
        return False
    return not trusted_device.is_trusted(session, user_id, trust_token, now=now)


def owner(work: Work, user_id: int) -> User | None:
    """Return the user, if they may sign in, as stored now.

    The row stays locked, and comes before all others: factors, sessions and the password of one
    person change one after another, and never wait for each other.
    """
    return work.session.scalar(
        select(User)
        .where(User.id == user_id, User.is_active)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def require_another(session: Session, user_id: int) -> None:
    """Raise Blocked if the user has one authenticator or passkey only, which a role demands."""
    number = select(
        select(func.count()).where(Totp.user_id == user_id).scalar_subquery()
        + select(func.count()).where(Passkey.user_id == user_id).scalar_subquery()
    )
    if (session.scalar(number) or 0) <= 1:
        raise Blocked(LAST_ONE)


def forget_rest(work: Work, user_id: int) -> None:
    """Where no factor is on, forget what only counts beside one: recovery codes, trust, a short password."""
    if has_one(work.session, user_id):
        return
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    trusted_device.distrust_all(work, user_id)
    work.session.execute(
        update(User)
        .where(User.id == user_id, User.password_needs_factor)
        .values(must_change_password=True)
    )


def forget(work: Work, user_id: int) -> None:
    """Forget every second factor of the user, what was guessed of them, and whoever waits for one."""
    work.session.execute(select(User.id).where(User.id == user_id).with_for_update())
    for kind in (Totp, Passkey):
        work.session.execute(delete(kind).where(kind.user_id == user_id))
    forget_rest(work, user_id)
    pending_login.drop_all(work, user_id)
    forgive(work, user_id)


def charge(work: Work, user_id: int) -> None:
    """Count one guess of the account's second factors, before anything is judged.

    Commit it before judging: a guess that is rolled back would be a guess for free. Raises TooMany
    where it is one too many; such a guess is never judged, and so need not be counted.
    """
    for most, period in GUESSES:
        seconds = int(period.total_seconds())
        if rate_counter.hit(work, _key(user_id, seconds), seconds=seconds) > most:
            ends_at = rate_counter.standing(work.session, _key(user_id, seconds), now=work.now)[1]
            wait = max(1, -int((work.now - ends_at).total_seconds() // 1))
            raise TooMany(wait, TOO_MANY, n=-(-wait // 60))


def give_back(work: Work, user_id: int) -> None:
    """Take one guess back: it was right. What strangers guessed still counts."""
    for _, period in GUESSES:
        seconds = int(period.total_seconds())
        rate_counter.give_back(work, _key(user_id, seconds))


def forgive(work: Work, user_id: int) -> None:
    """Forget all guesses: an administrator let the owner in again."""
    for _, period in GUESSES:
        rate_counter.forget(work, _key(user_id, int(period.total_seconds())))


def _key(user_id: int, seconds: int) -> str:
    return f"factor:{seconds}:{user_id}"
