"""Rights of people as they are stored, and the rules by which nobody raises their own."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.core.errors import NotAllowed, Problems
from app.core.words import N_
from app.core.work import Actor, Work
from app.domain.permissions import Scope
from app.domain.rights import OFFICES, Held, Rights, is_above, is_wider, readable, rights_of
from app.models.role import Role
from app.models.user import User
from app.services import audit, second_factor
from app.services.people import people_within
from app.services.setting import value_of

#: Whoever changes one of these could sign in as that person.
KEYS = ("username", "email", "phone")
GUARDED = N_("此用户启用了两步验证，这一项须由能重设两步验证的人修改。")
ABOVE = N_("此用户的权限比您大，这一项须由能授予角色的人修改。")


def held(roles: Iterable[Role]) -> list[Held]:
    """Return *roles* as plain values, in the order of their ids as the door reads them."""
    return [plain(role) for role in sorted(roles, key=lambda role: role.id)]


def plain(role: Any) -> Held:
    """Return one role as plain values."""
    return Held(
        role.name,
        role.label,
        readable(role.grants),
        frozenset(role.hidden or []),
        role.export_rows or 0,
    )


def has_separate_duties(session: Session) -> bool:
    """Tell whether 三权分立 is on."""
    return bool(value_of(session, "separate_duties"))


def rights(session: Session, roles: Iterable[Role]) -> Rights:
    """Return what somebody may do here who holds *roles*."""
    return rights_of(held(roles), has_separate_duties=has_separate_duties(session))


def actor_for(session: Session, user: User) -> Actor:
    """Return *user* as somebody who acts, as the door would let them in."""
    return acting(user, rights(session, user.roles))


def acting(user: Any, found: Rights) -> Actor:
    """Return *user* – a record or a row with the same columns – as an actor with the rights *found*."""
    return Actor(
        user.id,
        user.name,
        found.grants,
        department_id=user.department_id,
        hidden=found.hidden,
        export_rows=found.export_rows,
    )


# -- nobody raises their own -------------------------------------------------------------


def check_own(work: Work, record: User, problems: Problems) -> None:
    """Note what of the pending changes of *record*, who is stored, would raise the actor's rights."""
    _check_roles(work, record, problems)
    _check_keys(work, record, problems)
    _check_department(work.actor, record, problems)
    _check_manager(work, record, problems)


def require_reach(work: Work, record: User) -> None:
    """Raise NotAllowed where the actor would get into the account of somebody who may or sees more.

    Whoever grants roles decides about rights anyway, and may.
    """
    if not _is_within_reach(work, record):
        raise NotAllowed("user.grant")


def require_height(work: Work, record: User) -> None:
    """Raise NotAllowed where *record* runs or watches more of the house than the actor, who would remove them."""
    theirs = rights(work.session, _roles_before(record))
    if not work.actor.may("user.grant") and is_above(theirs, work.actor.grants, business=False):
        raise NotAllowed("user.grant")


def check_offices(work: Work, record: User, problems: Problems) -> None:
    """Where duties are separated, nobody holds two of the three offices."""
    names = OFFICES & {role.name for role in record.roles}
    changed = audit.is_changed(record, "roles")
    if changed and len(names) > 1 and has_separate_duties(work.session):
        problems.add("roles", N_("三权分立：系统管理员、安全管理员、审计员必须是三个不同的人。"))


def _check_roles(work: Work, record: User, problems: Problems) -> None:
    """Giving up a role may also widen what one sees: the mask that came with it is gone."""
    if record.id != work.actor.user_id or not audit.is_changed(record, "roles"):
        return
    before = _roles_before(record)
    now, then = rights(work.session, record.roles), rights(work.session, before)
    if set(record.roles) - set(before) or is_wider(now, then):
        problems.add("roles", N_("不能给自己增加角色。"))


def _roles_before(record: User) -> list[Role]:
    """Return the roles that *record* holds as stored."""
    _ = record.roles  # only what is loaded has a history
    history = inspect(record).attrs.roles.history
    return [*history.unchanged, *history.deleted]


def _check_keys(work: Work, record: User, problems: Problems) -> None:
    """A key opens the account, past its second factor: so it needs as much as taking that away."""
    changed = [name for name in KEYS if audit.is_changed(record, name)]
    if changed and not _is_within_reach(work, record):
        problems.add(changed[0], ABOVE)
    elif changed and not _may_pass_factor(work, record):
        problems.add(changed[0], GUARDED)
    if audit.is_changed(record, "is_active") and not _may_switch(work, record):
        problems.add("is_active", ABOVE)


def _is_within_reach(work: Work, record: User) -> bool:
    """Tell whether the account of *record* leads to nothing that the actor could not do or see."""
    if work.actor.may("user.grant") or record.id == work.actor.user_id:
        return True
    actor = work.actor
    mine = Rights(actor.grants, actor.hidden, actor.export_rows)
    return not is_wider(rights(work.session, _roles_before(record)), mine)


def _may_pass_factor(work: Work, record: User) -> bool:
    if work.actor.may("user.reset_mfa") or record.id == work.actor.user_id:
        return True
    return not second_factor.has_one(work.session, record.id)


def _may_switch(work: Work, record: User) -> bool:
    """Waking an account up lets its owner in, nobody else: business data are theirs anyway.

    Putting one out gives nobody anything, but could rid the house of whoever runs or watches it.
    """
    if work.actor.may("user.grant") or record.id == work.actor.user_id:
        return True
    theirs = rights(work.session, _roles_before(record))
    with_business = record.is_active and has_separate_duties(work.session)
    return not is_above(theirs, work.actor.grants, business=with_business)


def _check_department(actor: Actor, record: User, problems: Problems) -> None:
    """Whoever sees what belongs to the department neither moves there nor fetches people."""
    now = record.department
    if now is None or not audit.is_changed(record, "department"):
        return
    if record.id == actor.user_id:
        if reaches(actor, Scope.DEPARTMENT):
            problems.add("department", N_("不能修改自己的所属部门：您的权限按部门计算。"))
    elif now.id == actor.department_id and reaches(actor, Scope.DEPARTMENT):
        problems.add("department", N_("不能把人员调入自己的部门：您的权限按部门计算。"))


def _check_manager(work: Work, record: User, problems: Problems) -> None:
    """Whoever sees what belongs to their people makes nobody one of them."""
    now = record.manager
    if now is None or not audit.is_changed(record, "manager"):
        return
    if not reaches(work.actor, Scope.SUBORDINATES):
        return
    mine = set(work.session.scalars(people_within(work.actor, Scope.SUBORDINATES)))
    if now.id in mine and record.id not in mine:
        problems.add("manager", N_("不能把人员变成自己的下属：您的权限按下属计算。"))


def reaches(actor: Actor, scope: Scope) -> bool:
    """Tell whether *actor* holds anything at just this *scope*."""
    return any(scope in verbs.values() for verbs in actor.grants.values())
