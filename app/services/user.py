"""Users: making, changing, helping and removing the people who sign in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, func, inspect, or_, select
from sqlalchemy.orm import Session

from app.core.errors import Blocked, Missing, Problems, broken
from app.core.invalid import InvalidValue
from app.core.words import N_, Phrase
from app.core.work import Actor, Work
from app.domain.email import canonical_email
from app.domain.identity import username_key
from app.domain.permissions import ENTITIES
from app.domain.phone import canonical_phone
from app.domain.username import canonical_username
from app.models.base import Base, Record
from app.models.role import Role, user_roles
from app.models.user import User
from app.services import (
    audit,
    device_session,
    letters,
    login,
    login_counter,
    password,
    password_reset,
    profile,
    second_factor,
)
from app.services.crud import Crud
from app.services.reasons import reason_in
from app.services.registry import SERVICES
from app.services.rights import KEYS, check_offices, check_own, require_height, require_reach
from app.services.role import ADMIN
from app.services.tidying import tidy_with

LAST_ADMIN = N_("至少要保留一位启用的系统管理员。")
SUBJECT_PASSWORD = N_("密码已由管理员重设")
TEXT_PASSWORD = N_(
    "%(name)s，您好：\n\n"
    "管理员刚刚重设了您在 %(company)s 的账号 %(username)s 的密码，所有设备已退出登录。\n\n"
    "如果您没有提出过这个请求，请立即联系系统管理员。\n"
)
SUBJECT_RESET = N_("两步验证已重设")
TEXT_RESET = N_(
    "%(name)s，您好：\n\n"
    "管理员刚刚重设了您在 %(company)s 的账号 %(username)s 的两步验证，所有设备已退出登录。\n\n"
    "如果您没有提出过这个请求，请立即联系系统管理员。\n"
)


NO_VALUES: Mapping[str, Any] = MappingProxyType({})


class Users(Crud[User]):
    """The people of the factory who sign in."""

    def referable_by(self, actor: Actor) -> list[ColumnElement[bool]]:
        """Colleagues may be chosen by everybody, as long as they work here."""
        seen = super().referable_by(actor) if actor.may("user.see") else []
        return [*seen, User.is_active.is_(True)]

    def prepare(self, work: Work, record: User) -> None:
        """A new user has to choose a password before anything else."""
        record.is_active = True
        record.must_change_password = True

    def settle(self, work: Work, record: User) -> None:
        """Reckon what user names are compared by."""
        record.username_folded = username_key(record.username or "") or "?"

    def check(
        self, work: Work, record: User, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """Names are free, numbers real; nobody raises own rights; an administrator remains."""
        self._check_name(work, record, problems)
        tidy_with(problems, record, "phone", canonical_phone)
        tidy_with(problems, record, "email", canonical_email)
        if record.manager is record or (record.id and record.manager_id == record.id):
            problems.add("manager", N_("直属上级不能是本人。"))
        check_offices(work, record, problems)
        if not inspect(record).persistent:
            return
        check_own(work, record, problems)
        if audit.is_changed(record, "roles"):
            # Ordered for an account with less, by whoever had its address then.
            password_reset.supersede(work, record.id)
        profile.note_contact(work, record)
        if not (record.is_active and _is_admin(record)):
            _lock_admins(work)
            _require_other_admin(work.session, record)

    def announce(self, work: Work, record: User, verb: str) -> None:
        """Give a new user a one-time password, tell the stored address, put a disabled one out."""
        if record.former_email:
            letters.write(work, record, profile.SUBJECT, profile.TEXT, to=record.former_email)
        if verb == "create":
            record.one_time_password = password.issue(work, record)
        elif not record.is_active:
            device_session.end_all(work, record.id)

    def delete(self, work: Work, record: User, *, version: int | None) -> None:
        """Delete for good; two administrators cannot delete each other at the same time."""
        work.require("user.delete")
        require_height(work, record)
        _lock_admins(work)
        super().delete(work, record, version=version)

    def check_delete(self, session: Session, record: User) -> None:
        """The last administrator stays, and so does whoever has, made or changed records."""
        _require_other_admin(session, record)
        for mapper in Base.registry.mappers:
            model = mapper.class_
            number = _traces(session, model, record) if issubclass(model, Record) else 0
            if number:
                service = SERVICES.get(model)
                label = ENTITIES[service.entity].label if service else N_("其他记录")
                raise Blocked(
                    N_("不能删除：还有 %(n)s 条%(label)s，可以停用这个用户。"),
                    n=number,
                    label=Phrase(label),
                )

    # -- helping people in ----------------------------------------------------------------

    def unlock(self, work: Work, record: User, values: Mapping[str, Any] = NO_VALUES) -> None:
        """Forget failed tries, of second factors too, so that the user may sign in again at once."""
        work.require("user.unlock")
        login_counter.unlock(work, login.identity_of(record.username))
        second_factor.forgive(work, record.id)
        audit.remember(work, "user.unlock", "user", record.id, _reason(values))

    def end_sessions(self, work: Work, record: User, values: Mapping[str, Any] = NO_VALUES) -> None:
        """Sign the user out everywhere."""
        work.require("user.end_sessions")
        device_session.end_all(work, record.id)
        audit.remember(work, "user.end_sessions", "user", record.id, _reason(values))

    def end_session(self, work: Work, record: User, session_id: int | None) -> None:
        """Sign the user out on one device; raise Missing if there is no such session of theirs."""
        work.require("user.end_sessions")
        if session_id is None:
            raise Missing
        device_session.end(work, record.id, session_id)
        audit.remember(work, "user.end_sessions", "user", record.id)

    def reset_password(
        self, work: Work, record: User, values: Mapping[str, Any] = NO_VALUES
    ) -> str:
        """Return a new one-time password for the user, whose sessions and locks end."""
        work.require("user.reset_password")
        require_reach(work, record)
        if work.actor.user_id is not None and not reason_in(values, "reason"):
            raise broken("reason", N_("请填写原因。"))
        issued = password.issue(work, record)
        letters.write(work, record, SUBJECT_PASSWORD, TEXT_PASSWORD)
        login_counter.unlock(work, login.identity_of(record.username))
        audit.remember(work, "user.reset_password", "user", record.id, _reason(values))
        return issued

    def reset_mfa(self, work: Work, record: User, values: Mapping[str, Any] = NO_VALUES) -> None:
        """Take every second factor away, for somebody who lost the phone; sessions end, the owner is told."""
        work.require("user.reset_mfa")
        require_reach(work, record)
        if work.actor.user_id is not None and not reason_in(values, "reason"):
            raise broken("reason", N_("请填写原因。"))
        second_factor.forget(work, record.id)
        device_session.end_all(work, record.id)
        letters.write(work, record, SUBJECT_RESET, TEXT_RESET)
        audit.remember(work, "user.reset_mfa", "user", record.id, _reason(values))

    def _check_name(self, work: Work, record: User, problems: Problems) -> None:
        try:
            record.username = canonical_username(record.username or "")
        except InvalidValue as error:
            if not problems.has("username"):
                problems.add("username", error.message, **error.facts)
            return
        if self.taken(work, record, User.username_folded == record.username_folded):
            problems.add("username", N_("用户名已被使用。"))


users = Users(User, "user")


def is_delicate(record: User, values: Mapping[str, Any]) -> bool:
    """Tell whether *values* change what the account is entered by, or what its owner may do."""
    if any(name in values and (values[name] or None) != getattr(record, name) for name in KEYS):
        return True
    return "roles" in values and set(values["roles"] or ()) != {role.id for role in record.roles}


def named(session: Session, username: str) -> User | None:
    """Return the user of this name, however it is written."""
    return session.scalar(select(User).where(User.username_folded == username_key(username)))


def _is_admin(record: User) -> bool:
    return any(role.name == ADMIN for role in record.roles)


def _lock_admins(work: Work) -> None:
    """Let nobody else appoint or dismiss administrators until this work is done."""
    work.session.scalar(select(Role.id).where(Role.name == ADMIN).with_for_update())


def _require_other_admin(session: Session, record: User) -> None:
    """Raise Blocked if *record* is, as stored, the only administrator who may sign in."""
    holders = (
        select(User.id)
        .join(user_roles, user_roles.c.user_id == User.id)
        .join(Role, Role.id == user_roles.c.role_id)
        .where(Role.name == ADMIN, User.is_active)
    )
    if set(session.scalars(holders)) == {record.id}:
        raise Blocked(LAST_ADMIN)


def _traces(session: Session, model: type[Record], user: User) -> int:
    """Return how many records of *model* speak of *user*, other than the user's own."""
    columns = [
        column
        for column in inspect(model).columns
        if any(key.column.table is User.__table__ for key in column.foreign_keys)
    ]
    if not columns:
        return 0
    others = [model.id != user.id] if model is User else []
    speaking = or_(*(column == user.id for column in columns))
    return session.scalar(select(func.count()).select_from(model).where(speaking, *others)) or 0


def _reason(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reason as the audit keeps it."""
    reason = reason_in(values, "reason")
    return {"reason": [None, reason]} if reason else {}
