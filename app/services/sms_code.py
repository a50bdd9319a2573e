"""SMS codes: send one to the phone of a user, and use it up.

The row keeps keyed digests only; the code itself is in the encrypted payload of the job that sends
it, and nowhere once it is sent.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, delete, exists, literal, select, update
from sqlalchemy.orm import Session

from app.core.errors import TooMany
from app.core.tokens import box
from app.core.work import Work
from app.domain.second_factor import SMS_DIGITS, typed_code
from app.domain.sms_code import (
    COUNTED,
    LIFE,
    RESETS,
    SENDING,
    TRIES,
    Purpose,
    takes_messages,
    words_for,
)
from app.models.sms_code import SmsCode
from app.models.types import UTCDateTime
from app.models.user import User
from app.services import audit, jobs, rate_counter, second_factor

JOB = "sms"
Limits = Sequence[tuple[int, timedelta]]


def is_offered(session: Session, user: User) -> bool:
    """Tell whether *user* may prove to be themselves by SMS: as one more way, never as the only one.

    Whoever reset the password by SMS has shown the phone already, and a new phone may be that of
    whoever changed it; until something else was proved, neither counts as a second factor, too.
    """
    if user.phone_unproved_since is not None:
        return False
    was_reset = exists().where(
        SmsCode.user_id == user.id,
        SmsCode.purpose == Purpose.RESET.value,
        SmsCode.used_at.is_not(None),
    )
    return takes_messages(user.phone) and bool(
        session.scalar(select(second_factor.is_on(user.id) & ~was_reset))
    )


def send(work: Work, user: User, purpose: Purpose, *, bound_to: str = "") -> None:
    """Put a message with a new code in line; older ones for this purpose are worth nothing.

    Raises TooMany where the phone got enough of them.
    """
    if not takes_messages(user.phone):
        return
    to = _phone(user)
    _require_pause(work, to, purpose)
    kill(work, user.id, purpose)
    code = "".join(secrets.choice("0123456789") for _ in range(SMS_DIGITS))
    row = SmsCode(
        user_id=user.id,
        purpose=purpose.value,
        bound_to=bound_to,
        phone=to,
        digest=_digest(user.id, purpose, bound_to, code),
        created_at=work.now,
        expires_at=work.now + LIFE,
    )
    work.session.add(row)
    work.session.flush()
    message = {
        "row": row.id,
        "to": user.phone,
        "code": code,
        "purpose": purpose.value,
        "locale": user.locale,
        "at": work.now.isoformat(),
    }
    jobs.enqueue(work, JOB, message)
    audit.remember(work, "user.sms_code", "user", user.id, {"purpose": purpose.value})


def is_wanted(session: Session, row_id: int, *, now: datetime) -> bool:
    """Tell whether the code of a message that waits to be sent is still good for something."""
    good = select(SmsCode.id).where(
        SmsCode.id == row_id, SmsCode.used_at.is_(None), SmsCode.expires_at > now
    )
    return session.scalar(good) is not None


def accept(
    work: Work, user: User | None, typed: str, purpose: Purpose, *, bound_to: str = ""
) -> bool:
    """Tell whether *typed* is the code that was sent, and use it up; for nobody, as for anybody.

    One statement counts the try and judges it: of parallel tries none is free, and one wins.
    """
    number = user.id if user else 0
    is_right = SmsCode.digest == _digest(number, purpose, bound_to, typed)
    judged = work.session.execute(
        update(SmsCode)
        .where(
            SmsCode.user_id == number,
            SmsCode.purpose == purpose.value,
            SmsCode.bound_to == bound_to,
            SmsCode.phone == _phone(user),
            SmsCode.used_at.is_(None),
            SmsCode.expires_at > work.now,
            SmsCode.tries < TRIES,
        )
        .values(
            tries=SmsCode.tries + 1,
            used_at=case((is_right, literal(work.now, UTCDateTime())), else_=None),
        )
        .returning(SmsCode.used_at)
        .execution_options(synchronize_session=False)
    )
    return judged.scalar() is not None


def kill(work: Work, user_id: int, purpose: Purpose) -> None:
    """End every code of the user for *purpose*. Only a code that was typed right is ever *used*."""
    work.session.execute(
        update(SmsCode)
        .where(
            SmsCode.user_id == user_id,
            SmsCode.purpose == purpose.value,
            SmsCode.used_at.is_(None),
            SmsCode.expires_at > work.now,
        )
        .values(expires_at=work.now)
    )


def count_again(work: Work, user_id: int) -> None:
    """Let the phone count as a second factor again: something else was proved since reset or change."""
    work.session.execute(
        update(User)
        .where(User.id == user_id, User.phone_unproved_since.is_not(None))
        .values(phone_unproved_since=None)
    )
    work.session.execute(
        delete(SmsCode).where(
            SmsCode.user_id == user_id,
            SmsCode.purpose == Purpose.RESET.value,
            SmsCode.used_at.is_not(None),
        )
    )


def forget_old(work: Work) -> None:
    """Remove what no limit counts any more; a reset is kept until something else was proved."""
    is_kept = (SmsCode.purpose == Purpose.RESET.value) & SmsCode.used_at.is_not(None)
    work.session.execute(delete(SmsCode).where(SmsCode.created_at < work.now - COUNTED, ~is_kept))


def _require_pause(work: Work, phone: str, purpose: Purpose) -> None:
    """Raise TooMany where *phone* got enough; whoever else sends to it waits until we are done."""
    rate_counter.hit(work, f"sms:{phone}", seconds=int(COUNTED.total_seconds()))  # holds its row
    sent = work.session.execute(
        select(SmsCode.created_at, SmsCode.purpose)
        .where(SmsCode.phone == phone, SmsCode.created_at > work.now - COUNTED)
        .order_by(SmsCode.created_at.desc(), SmsCode.id.desc())
    ).all()
    wait = _wait(work, [at for at, _ in sent], SENDING)
    if purpose is Purpose.RESET:
        resets = [at for at, why in sent if why == purpose.value]
        wait = max(wait, _wait(work, resets, RESETS))
    if wait > timedelta():
        seconds = -int(-wait.total_seconds() // 1)
        message, number = words_for(seconds)
        raise TooMany(seconds, message, n=number)


def _wait(work: Work, sent: Sequence[datetime], limits: Limits) -> timedelta:
    """Return how long to wait after what was *sent*, the newest first, until one more is within *limits*."""
    waits = [at + period - work.now for n, period in limits for at in sent[n - 1 : n]]
    return max(waits, default=timedelta())


def _phone(user: User | None) -> str:
    return box().name(f"phone:{user.phone if user else ''}")


def _digest(user_id: int, purpose: Purpose, bound_to: str, code: str) -> str:
    return box().name(f"sms:{purpose.value}:{user_id}:{bound_to}:{typed_code(code)}")
