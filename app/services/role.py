"""Roles: what their holders may do; never a way to raise one's own rights."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, inspect, select
from sqlalchemy.orm import Session

from app.core.errors import Blocked, Problems
from app.core.invalid import InvalidValue
from app.core.words import N_
from app.core.work import Actor, Work
from app.domain.permissions import HIDDEN_LABELS, Scope, clean_grants
from app.domain.rights import Held, is_wider, readable, rights_of
from app.domain.role import DEFAULT_ROLES
from app.models.role import Role, user_roles
from app.models.user import User
from app.services import audit, search
from app.services.crud import Crud
from app.services.rights import has_separate_duties, plain

ADMIN = "admin"
#: Without these nobody could repair a mistake.
_ADMIN_KEEPS = (
    ("user", "see"),
    ("user", "edit"),
    ("user", "grant"),
    ("role", "see"),
    ("role", "edit"),
)


class Roles(Crud[Role]):
    """The roles of the house."""

    def referable_by(self, actor: Actor) -> list[ColumnElement[bool]]:
        """Whoever may grant roles may choose among all of them."""
        return [] if actor.may("user.grant") else super().referable_by(actor)

    def locked(self, record: Role) -> frozenset[str]:
        """The name stays: commands and settings speak of it."""
        return frozenset({"name"})

    def check(
        self, work: Work, record: Role, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """Grants must be ones that exist; nobody widens a role of their own."""
        try:
            record.grants = _plain(clean_grants(record.grants))
        except InvalidValue as error:
            problems.add("grants", error.message, **error.facts)
            return
        if not set(record.hidden or []) <= set(HIDDEN_LABELS):
            problems.add("hidden", N_("请从列表中选择。"))
        if self.taken(work, record, Role.name == record.name):
            problems.add("name", N_("已有同名的角色。"))
        if record.name == ADMIN and not all(
            verb in record.grants.get(e, {}) for e, verb in _ADMIN_KEEPS
        ):
            problems.add("grants", N_("系统管理员必须能管理用户和角色。"))
        if record.id and self._is_held_by(work, record) and _widens(work, record):
            problems.add("grants", N_("不能扩大自己所持角色的权限。"))

    def check_delete(self, session: Session, record: Role) -> None:
        """A role that somebody holds stays."""
        if record.name == ADMIN:
            raise Blocked(N_("系统管理员角色不能删除。"))
        held = select(func.count()).where(user_roles.c.role_id == record.id)
        number = session.scalar(held)
        if number:
            raise Blocked(N_("不能删除：还有 %(n)s 个用户持有此角色。"), n=number)

    def _is_held_by(self, work: Work, record: Role) -> bool:
        held = select(user_roles.c.user_id).where(
            user_roles.c.role_id == record.id, user_roles.c.user_id == work.actor.user_id
        )
        return work.session.scalar(held) is not None


roles = Roles(Role, "role")


def ensure_roles(work: Work) -> None:
    """Make the default roles in a database that has none; later ones are the administrator's."""
    if work.session.scalar(select(Role.id).limit(1)) is not None:
        return
    for name, default in DEFAULT_ROLES.items():
        role = Role(
            name=name,
            label=default.label,
            grants=_plain(default.grants),
            hidden=sorted(default.hidden),
            export_rows=default.export_rows,
            created_at=work.now,
            updated_at=work.now,
        )
        work.session.add(role)
        work.session.flush()
        search.index(work.session, "role", role)
        audit.remember(work, "role.create", "role", role.id)


def unknown_names(session: Session, names: Collection[str]) -> list[str]:
    """Return those of *names* that no role has."""
    known = set(session.scalars(select(Role.name).where(Role.name.in_(names))))
    return [name for name in names if name not in known]


def _plain(grants: Mapping[str, Mapping[str, Scope]]) -> dict[str, dict[str, str]]:
    """Return *grants* as JSON keeps them."""
    return {
        entity: {verb: str(scope.value) for verb, scope in verbs.items()}
        for entity, verbs in grants.items()
        if verbs
    }


def _widens(work: Work, record: Role) -> bool:
    """Tell whether the pending changes of *record* give the actor, who holds it, anything new.

    By itself it must not; nor together with the other roles: a narrower view may drop a mask.
    """
    then, now = _as_before(record), plain(record)
    if is_wider(
        rights_of([now], has_separate_duties=False), rights_of([then], has_separate_duties=False)
    ):
        return True
    if set(then.hidden) - set(now.hidden):
        return True
    user = work.session.get_one(User, work.actor.user_id)
    others = [plain(role) for role in user.roles if role is not record]
    separate = has_separate_duties(work.session)
    return is_wider(
        rights_of([*others, now], has_separate_duties=separate),
        rights_of([*others, then], has_separate_duties=separate),
    )


def _as_before(record: Role) -> Held:
    return Held(
        record.name,
        record.label,
        readable(_before(record, "grants")),
        frozenset(_before(record, "hidden") or []),
        _before(record, "export_rows") or 0,
    )


def _before(record: Role, name: str) -> Any:
    history = inspect(record).attrs[name].history
    return history.deleted[0] if history.deleted else getattr(record, name)
