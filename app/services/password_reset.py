"""Forgotten passwords: a link by mail, good once.

Asking only puts a job in line, whoever is named: the answer takes the same time for people who
exist and for those who do not. The worker looks them up and writes the mail.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.core import tokens
from app.core.invalid import InvalidValue
from app.core.words import N_
from app.core.work import Work
from app.domain.email import canonical_email
from app.domain.identity import username_key
from app.domain.phone import canonical_phone
from app.models.password_reset import PasswordReset
from app.models.user import User
from app.services import audit, jobs, letters

JOB = "password_reset"
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


def ask(work: Work, identity: str) -> None:
    """Put the look-up of *identity* – user name, e-mail or phone – in line, nothing else."""
    jobs.enqueue(work, JOB, {"identity": identity[:MAX_IDENTITY], "address": work.origin.address})


def send_links(work: Work, identity: str, *, site: str, minutes: int) -> None:
    """Mail a link below *site* to whoever *identity* names; it replaces any older link.

    Nobody gets more than 3 mails an hour and 5 a day.
    """
    for user in _people_named(work, identity):
        if not user.email or _had_enough(work, user.id):
            continue
        supersede(work, user.id)
        token = tokens.new_token()
        work.session.add(
            PasswordReset(
                digest=tokens.digest_of(token),
                user_id=user.id,
                created_at=work.now,
                expires_at=work.now + timedelta(minutes=minutes),
            )
        )
        link = f"{site}/reset-password/{token}"
        letters.write(work, user, SUBJECT, TEXT, link=link, minutes=minutes)
        audit.remember(work, "user.reset_asked", "user", user.id)


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
    """Kill every link of the user that is still good."""
    work.session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=work.now)
    )


def forget_old(work: Work) -> None:
    """Remove links that died long ago; those of the last days are still counted."""
    work.session.execute(delete(PasswordReset).where(PasswordReset.created_at < work.now - _KEPT))


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


def _had_enough(work: Work, user_id: int) -> bool:
    def since(period: timedelta) -> int:
        asked = select(func.count()).where(
            PasswordReset.user_id == user_id, PasswordReset.created_at > work.now - period
        )
        return work.session.scalar(asked) or 0

    return since(timedelta(hours=1)) >= PER_HOUR or since(timedelta(days=1)) >= PER_DAY
