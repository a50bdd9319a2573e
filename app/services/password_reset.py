"""Forgotten passwords: a link by mail or a code by SMS, good once.

Asking only puts a job in line, whoever is named: the answer takes the same time for people who
exist and for those who do not. The worker looks them up and writes the mail or the message.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.core import tokens
from app.core.errors import TooMany
from app.core.invalid import InvalidValue
from app.core.tokens import box
from app.core.words import N_
from app.core.work import Work
from app.domain.email import canonical_email
from app.domain.identity import username_key
from app.domain.phone import canonical_phone
from app.domain.sms_code import Purpose
from app.models.password_reset import PasswordReset
from app.models.user import User
from app.services import audit, jobs, letters, login_counter, sms_code
from app.services.login_counter import Charge

JOB = "password_reset"
SMS_JOB = "password_reset_sms"
MAX_IDENTITY = 254
PER_HOUR, PER_DAY = 3, 5
_MOST_PEOPLE = 3  # who share an address
_KEPT = timedelta(days=7)

SUBJECT = N_("重设密码")
TEXT = N_(
    "%(name)s，您好：\n\n"
    "我们收到了重设 %(company)s 账号 %(username)s 密码的请求。"
    "请在 %(minutes)s 分钟内打开下面的链接：\n\n"
    "%(link)s\n\n"
    "链接只能使用一次。如果不是您本人操作，请忽略这封邮件，密码不会改变。\n"
)


def ask(work: Work, identity: str, *, by_sms: bool = False) -> None:
    """Put the look-up of *identity* – user name, e-mail or phone – in line, nothing else."""
    asked = {"identity": identity[:MAX_IDENTITY], "address": work.origin.address}
    jobs.enqueue(work, SMS_JOB if by_sms else JOB, asked)


def send_links(work: Work, identity: str, *, site: str, minutes: int) -> None:
    """Mail a link below *site* to whoever *identity* names; it replaces any older link.

    Nobody gets more than 3 mails an hour and 5 a day.
    """
    for user in _people_named(work, identity):
        if not user.email or _had_enough(work, user.id):
            continue
        link = f"{site}/reset-password/{_new_token(work, user.id, minutes)}"
        letters.write(work, user, SUBJECT, TEXT, link=link, minutes=minutes)
        audit.remember(work, "user.reset_asked", "user", user.id)


def send_code(work: Work, identity: str) -> None:
    """Send a code to the phone of the one person whom *identity* names; it replaces any older code.

    Where several share a phone, the code could not tell whose password it is for: they are asked to
    give their user names. What is too often is not sent.
    """
    user = _only_one_named(work, identity)
    if user is None:
        return
    try:
        sms_code.send(work, user, Purpose.RESET)
    except TooMany:
        return
    audit.remember(work, "user.reset_asked", "user", user.id)


def charge_code(work: Work, identity: str) -> Charge:
    """Count one try of a code for *identity*, existing or not; commit it before judging."""
    name = box().name(f"reset:{username_key(identity[:MAX_IDENTITY])}")
    return login_counter.charge(work, f"reset:{name}")


def redeem_code(work: Work, identity: str, typed: str, *, minutes: int) -> str | None:
    """Use the code *typed* up and return a token like that of a link; None if it is not right."""
    user = _only_one_named(work, identity[:MAX_IDENTITY])
    if not sms_code.accept(work, user, typed, Purpose.RESET) or user is None:
        return None
    return _new_token(work, user.id, minutes)


def owner_of(session: Session, token: str, *, now: datetime) -> User | None:
    """Return whose password *token* may reset at *now*, without using it up."""
    return session.scalar(
        select(User)
        .join(PasswordReset, PasswordReset.user_id == User.id)
        .where(User.is_active, *_is_good(token, now))
    )


def redeem(work: Work, token: str) -> int | None:
    """Use *token* up and return whose it was; None if it is dead. Of parallel tries one wins."""
    return work.session.scalar(
        update(PasswordReset)
        .where(*_is_good(token, work.now))
        .values(used_at=work.now)
        .returning(PasswordReset.user_id)
    )


def supersede(work: Work, user_id: int) -> None:
    """Kill every link and code of the user that is still good."""
    sms_code.kill(work, user_id, Purpose.RESET)
    work.session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=work.now)
    )


def forget_old(work: Work) -> None:
    """Remove links that died long ago; those of the last days are still counted."""
    work.session.execute(delete(PasswordReset).where(PasswordReset.created_at < work.now - _KEPT))


def _new_token(work: Work, user_id: int, minutes: int) -> str:
    supersede(work, user_id)
    token = tokens.new_token()
    work.session.add(
        PasswordReset(
            digest=tokens.digest_of(token),
            user_id=user_id,
            created_at=work.now,
            expires_at=work.now + timedelta(minutes=minutes),
        )
    )
    return token


def _is_good(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        PasswordReset.digest == tokens.digest_of(token),
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > now,
    )


def _people_named(work: Work, identity: str) -> Sequence[User]:
    named = [User.username_folded == username_key(identity)]
    for column, canonical in ((User.email, canonical_email), (User.phone, canonical_phone)):
        try:
            named.append(column == canonical(identity))
        except InvalidValue:
            continue
    return work.session.scalars(
        select(User).where(User.is_active, or_(*named)).order_by(User.id).limit(_MOST_PEOPLE)
    ).all()


def _only_one_named(work: Work, identity: str) -> User | None:
    people = _people_named(work, identity)
    return people[0] if len(people) == 1 else None


def _had_enough(work: Work, user_id: int) -> bool:
    def since(period: timedelta) -> int:
        asked = select(func.count()).where(
            PasswordReset.user_id == user_id, PasswordReset.created_at > work.now - period
        )
        return work.session.scalar(asked) or 0

    return since(timedelta(hours=1)) >= PER_HOUR or since(timedelta(days=1)) >= PER_DAY
