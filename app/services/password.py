"""Passwords: choosing one, being given one, and what follows for sessions and links."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core import passwords
from app.core.config import Settings
from app.core.errors import Problems, TooMany
from app.core.invalid import InvalidValue
from app.core.words import N_
from app.core.work import Work
from app.domain.password_rules import HISTORY, PasswordContext, PasswordProfile, broken_rules
from app.models.password_history import PasswordHistory
from app.models.user import User
from app.services import (
    audit,
    device_session,
    letters,
    password_reset,
    pending_login,
    second_factor,
    trusted_device,
)

PER_DAY = 5  # changes, so that nobody cycles through the remembered ones in a minute
ONE_TIME = timedelta(hours=24)
WARN_DAYS = 14
_DAY = timedelta(days=1)

SUBJECT = N_("密码已修改")
TEXT = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 的密码刚刚已修改，所有设备已退出登录。\n\n"
    "如果不是您本人操作，请立即联系系统管理员。\n"
)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Which rules hold, whose company it is, after how many days a password expires (0: never)."""

    profile: PasswordProfile
    company: str
    max_days: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what *settings* ask for; the profile ``nist`` knows no expiry."""
        profile = PasswordProfile(settings.password_profile)
        days = 0 if profile is PasswordProfile.NIST else settings.password_max_days
        return cls(profile, settings.company, days)

    def days_left(self, changed_at: datetime | None, now: datetime) -> int | None:
        """Return in how many days a password expires, 0 or less if it has; None: never."""
        if not self.max_days or changed_at is None:
            return None
        rest = changed_at + timedelta(days=self.max_days) - now
        return -(-rest // _DAY)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A password that keeps the rules, hashed. Made outside of transactions: hashing is slow.

    *needs_factor* says that it keeps them only because a second factor is on.
    """

    user_id: int
    password_hash: str
    needs_factor: bool = False


def choose(
    session: Session, user: User, new: str, *, field: str, policy: PasswordPolicy, now: datetime
) -> Chosen:
    """Return *new* as a password that *user* may take; every broken rule is raised beside *field*.

    Raises TooMany after the fifth change of a day.
    """
    problems = Problems()
    try:
        passwords.normalised(new)
    except InvalidValue as error:
        problems.add(field, error.message, **error.facts)
    problems.raise_if_any()
    context = PasswordContext(
        username=user.username,
        name=user.name,
        email=user.email or "",
        phones=(user.phone,) if user.phone else (),
        company=policy.company,
        used_before=passwords.used_before(new, _remembered(session, user)),
        has_second_factor=bool(user.id) and second_factor.has_one(session, user.id),
    )
    for rule in broken_rules(new, policy.profile, context):
        problems.add(field, rule.label, **rule.facts)
    problems.raise_if_any()
    if user.id and _changes_today(session, user, now) >= PER_DAY:
        raise TooMany(int(_DAY.total_seconds()), N_("今天修改密码的次数已达上限，请明天再试。"))
    alone = replace(context, has_second_factor=False)
    needs_factor = context.has_second_factor and bool(broken_rules(new, policy.profile, alone))
    return Chosen(user.id, passwords.make_hash(new), needs_factor)


def take(work: Work, chosen: Chosen, *, must_change: bool = False) -> User:
    """Make *chosen* the password of its user: every session and link ends, the owner is told.

    A front door that keeps its user signed in begins a new session afterwards.
    """
    user = work.session.get_one(User, chosen.user_id, with_for_update=True, populate_existing=True)
    _set(work, user, chosen.password_hash, was_chosen=True)
    user.password_needs_factor = chosen.needs_factor
    user.must_change_password, user.password_expires_at = must_change, None
    letters.write(work, user, SUBJECT, TEXT)
    audit.remember(work, "user.password", "user", user.id)
    work.session.flush()
    second_factor.forget_rest(work, user.id)  # the one that it leans on may be gone by now
    return user


def issue(work: Work, user: User) -> str:
    """Give *user* a one-time password and return it; good for a day, to be changed at once."""
    password = passwords.one_time_password(user.username)
    _set(work, user, passwords.make_hash(password), was_chosen=False)
    user.must_change_password, user.password_expires_at = True, work.now + ONE_TIME
    work.session.flush()
    return password


def _set(work: Work, user: User, password_hash: str, *, was_chosen: bool) -> None:
    user.password_hash, user.password_changed_at = password_hash, work.now
    user.password_needs_factor = False
    work.session.flush()  # a new user gets the id that the history speaks of
    work.session.add(
        PasswordHistory(
            user_id=user.id,
            password_hash=password_hash,
            was_chosen=was_chosen,
            created_at=work.now,
        )
    )
    work.session.flush()
    _trim_history(work, user)
    password_reset.supersede(work, user.id)
    pending_login.drop_all(work, user.id)
    trusted_device.distrust_all(work, user.id)
    device_session.end_all(work, user.id)


def _trim_history(work: Work, user: User) -> None:
    """Keep what is still compared, and what is still counted."""
    newest = (
        select(PasswordHistory.id)
        .where(PasswordHistory.user_id == user.id)
        .order_by(PasswordHistory.id.desc())
        .limit(HISTORY)
    )
    work.session.execute(
        delete(PasswordHistory).where(
            PasswordHistory.user_id == user.id,
            PasswordHistory.id.not_in(list(work.session.scalars(newest))),
            PasswordHistory.created_at < work.now - _DAY,
        )
    )


def _changes_today(session: Session, user: User, now: datetime) -> int:
    changes = select(func.count()).where(
        PasswordHistory.user_id == user.id,
        PasswordHistory.was_chosen,
        PasswordHistory.created_at > now - _DAY,
    )
    return session.scalar(changes) or 0


def _remembered(session: Session, user: User) -> Sequence[str]:
    newest = (
        select(PasswordHistory.password_hash)
        .where(PasswordHistory.user_id == user.id)
        .order_by(PasswordHistory.id.desc())
        .limit(HISTORY)
    )
    hashes = list(session.scalars(newest))
    return hashes or ([user.password_hash] if user.password_hash else [])
