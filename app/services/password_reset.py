"""Forgotten passwords: a link by mail or a code by SMS, good once.

Asking only puts a job in line, whoever is named: the answer takes the same time for people who
exist and for those who do not. The worker looks them up and writes the mail or the message.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, or_, select, update
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
from app.services import audit, jobs, letters, login, login_counter, rate_counter, sms_code
from app.services.login_counter import Charge

JOB = "password_reset"
SMS_JOB = "password_reset_sms"
MAX_IDENTITY = 254
MAILS = ((3, 3600), (5, 24 * 3600))  # so many within so many seconds
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


def ask(work: Work, identity: str, *, by_sms: bool = False, known: Collection[str] = ()) -> None:
    """Put the look-up of *identity* – user name, e-mail or phone – in line, nothing else.

    *known* are digests of the user names with which the asking browser has signed in before.
    """
    asked = {
        "identity": identity[:MAX_IDENTITY],
        "address": work.origin.address,
        "known": list(known),
    }
    jobs.enqueue(work, SMS_JOB if by_sms else JOB, asked)


def send_links(
    work: Work, identity: str, *, site: str, minutes: int, known: Collection[str] = ()
) -> None:
    """Mail a link below *site* to whoever *identity* names; it replaces any older link.

    Nobody gets more than 3 mails an hour and 5 a day that strangers asked for; as many more may be
    asked for with a browser that is *known* to be theirs.
    """
    for user in _people_named(work, identity):
        is_known = login.identity_of(user.username) in known
        if not user.email or _had_enough(work, user.id, is_known=is_known):
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
    """Remove links that died long ago."""
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
    """Return who is meant: a user name means its owner alone, though it be somebody's phone."""
    key = username_key(identity)
    named = [User.username_folded == key]
    for column, canonical in ((User.email, canonical_email), (User.phone, canonical_phone)):
        try:
            named.append(column == canonical(identity))
        except InvalidValue:
            continue
    people = work.session.scalars(
        select(User)
        .where(User.is_active, or_(*named))
        .order_by(case((User.username_folded == key, 0), else_=1), User.id)
        .limit(_MOST_PEOPLE)
    ).all()
    return people[:1] if people and people[0].username_folded == key else people


def _only_one_named(work: Work, identity: str) -> User | None:
    people = _people_named(work, identity)
    return people[0] if len(people) == 1 else None


def _had_enough(work: Work, user_id: int, *, is_known: bool) -> bool:
    """Tell whether one more mail is too much, of those that anybody or the owner asked for; else count it."""
    who = "known" if is_known else "anybody"
    counters = {f"reset:{who}:{seconds}:{user_id}": (most, seconds) for most, seconds in MAILS}
    for key, (most, _) in counters.items():
        if rate_counter.standing(work.session, key, now=work.now)[0] >= most:
            return True
    for key, (_, seconds) in counters.items():
        rate_counter.hit(work, key, seconds=seconds)
    return False
