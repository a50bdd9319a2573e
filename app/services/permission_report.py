"""What somebody may do, and why: the answers of the very code that decides, with the roles behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import Session

from app.core.errors import Missing
from app.core.words import N_, Phrase
from app.core.work import Actor
from app.domain.customer import TeamAccess
from app.domain.permissions import (
    ENTITIES,
    HIDDEN_LABELS,
    POOL_VERB,
    VERBS,
    Grants,
    Scope,
    edit_doors,
    merged,
)
from app.domain.rights import Held, parts_of
from app.models.customer import Customer, TeamMember
from app.models.user import User
from app.services import second_factor
from app.services.crud import Crud
from app.services.customer import customers
from app.services.people import people_within
from app.services.registry import SERVICES
from app.services.rights import actor_for, has_separate_duties, held

#: Verbs that are not asked of a record that is there.
BEFORE_OR_AFTER = frozenset({"create", "import", "restore"})
DISABLED = N_("账号已停用，什么都不能做。")
NO_ROLE = N_("没有任何角色给予这项权限。")
TAKEN = N_("三权分立取消了这项权限。")


@dataclass(frozen=True, slots=True)
class Source:
    """A role that gives a permission, with its scope."""

    role: str
    label: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Cell:
    """One permission: how far it reaches (None: not at all), who gives it, and what separate duties took."""

    scope: Scope | None
    sources: list[Source]
    taken: list[Source]


@dataclass(frozen=True, slots=True)
class Mask:
    """A group of fields: whether it is masked, and the roles that ask for it."""

    group: str
    is_masked: bool
    roles: list[str]


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of the rights of *user*; *cells* is entity → verb → Cell."""

    user: User
    roles: Sequence[Held]
    cells: Mapping[str, Mapping[str, Cell]]
    masks: Sequence[Mask]
    export_rows: int
    sees_pool: bool
    teams: Mapping[str, int]
    subordinates: int
    has_factor: bool
    is_separated: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether *verb* reaches a record, and why: a message with its facts."""

    verb: str
    is_allowed: bool
    reason: str
    facts: Mapping[str, Any]


def report_on(session: Session, user: User) -> Report:
    """Return what *user* may do now, with the roles behind every permission."""
    roles, separate = held(user.roles), has_separate_duties(session)
    actor = actor_for(session, user)
    parts = parts_of(roles, has_separate_duties=separate)
    return Report(
        user,
        roles,
        _cells(roles, parts, actor),
        [
            Mask(one, one in actor.hidden, [r.label for r in roles if one in r.hidden])
            for one in HIDDEN_LABELS
        ],
        actor.export_rows,
        _sees_pool(actor),
        _teams(session, user),
        len(list(session.scalars(people_within(actor, Scope.SUBORDINATES)))) - 1,
        bool(session.scalar(select(second_factor.is_on(user.id)))),
        separate,
    )


def _cells(
    roles: Sequence[Held], parts: Sequence[Grants], actor: Actor
) -> dict[str, dict[str, Cell]]:
    whole = merged(role.grants for role in roles)
    return {
        name: {
            verb: Cell(
                Scope.of(actor.scope(name, verb)),
                list(_sources(roles, parts, name, verb)),
                list(_sources(roles, [role.grants for role in roles], name, verb))
                if verb in whole.get(name, {}) and not actor.may(f"{name}.{verb}")
                else [],
            )
            for verb in entity.verbs
        }
        for name, entity in ENTITIES.items()
    }


def _sources(
    roles: Sequence[Held], parts: Sequence[Grants], entity: str, verb: str
) -> Iterable[Source]:
    for role, grants in zip(roles, parts, strict=True):
        scope = grants.get(entity, {}).get(verb)
        if scope is not None:
            yield Source(role.name, role.label, scope)


def _sees_pool(actor: Actor) -> bool:
    sight = actor.scope("customer", "see")
    return sight == Scope.ALL or (sight is not None and actor.may(f"customer.{POOL_VERB}"))


def _teams(session: Session, user: User) -> dict[str, int]:
    rows = session.execute(
        select(TeamMember.access, func.count())
        .join(Customer, Customer.id == TeamMember.customer_id)
        .where(TeamMember.user_id == user.id, Customer.deleted_at.is_(None))
        .group_by(TeamMember.access)
    )
    counted = {str(access): number for access, number in rows}
    return {str(access.value): counted.get(str(access.value), 0) for access in TeamAccess}


# -- one record ------------------------------------------------------------------------------


def askable(asker: Actor) -> list[str]:
    """Return the kinds of records that *asker* may ask about: those they see."""
    known = {service.entity for service in SERVICES.values()}
    return [name for name in ENTITIES if name in known and asker.may(f"{name}.see")]


def record_for(session: Session, asker: Actor, entity: str, record_id: object) -> Any:
    """Return the record that *asker* asks about; raise Missing unless they see it themselves."""
    if entity not in askable(asker):
        raise Missing
    return _service_of(entity).get(session, asker, record_id)


def answers_on(
    session: Session, asker: Actor, user: User, entity: str, record: Any
) -> list[Answer]:
    """Return, verb by verb, whether *user* may do it with *record*, and why."""
    service, actor = _service_of(entity), actor_for(session, user)
    verbs = [verb for verb in ENTITIES[entity].verbs if verb not in BEFORE_OR_AFTER]
    asked = [and_(true(), *service.visible_to(actor, verb)).label(verb) for verb in verbs]
    row = session.execute(select(*asked).where(service.model.id == record.id)).one()
    why = _Why(session, asker, actor, service, record)
    whole = merged(role.grants for role in held(user.roles)).get(entity, {})
    return [
        Answer(verb, bool(reaches) and user.is_active, *_reason(user, why, verb, reaches, whole))
        for verb, reaches in zip(verbs, row, strict=True)
    ]


def _reason(
    user: User, why: "_Why", verb: str, reaches: object, whole: Mapping[str, Scope]
) -> tuple[str, dict[str, Any]]:
    if not user.is_active:
        return DISABLED, {}
    if reaches:
        return why.reached(verb)
    if why.actor.scope(why.service.entity, verb) is None:
        return (TAKEN if verb in whole else NO_ROLE), {}
    return why.missed(verb)


class _Why:
    """Says by which way a record is reached: asks the ways of the service one by one."""

    def __init__(
        self, session: Session, asker: Actor, actor: Actor, service: Crud[Any], record: Any
    ) -> None:
        self.session, self.actor, self.service, self.record = session, actor, service, record
        self.customer = (
            record if isinstance(record, Customer) else getattr(record, "customer", None)
        )
        self.owner = self._owner(asker)

    def reached(self, verb: str) -> tuple[str, dict[str, Any]]:
        """Return why *verb* reaches the record, as a message and its facts."""
        entity = self.service.entity
        for door in [verb, *sorted(edit_doors(entity) - {verb})] if verb == "edit" else [verb]:
            scope = self.actor.scope(entity, door)
            if scope is None:
                continue
            for way in ("all",) if scope == Scope.ALL else self._ways(Scope(scope), door):
                message, facts = WAYS[way], self._facts(Scope(scope))
                return (message, facts) if door == verb else (BY_DOOR, facts | _door(door))
        return WITHIN, self._facts(Scope.OWN)

    def missed(self, verb: str) -> tuple[str, dict[str, Any]]:
        """Return why *verb*, which is granted, does not reach the record."""
        scope = Scope(str(self.actor.scope(self.service.entity, verb)))
        facts = self._facts(scope)
        if self.customer is None:
            return OUTSIDE, facts
        if "team" in self._ways(scope, "see"):
            return READ_ONLY, facts
        return (OUTSIDE_POOL if self.customer.owner_id is None else OUTSIDE_OTHER), facts

    def _ways(self, scope: Scope, verb: str) -> list[str]:
        """Return the ways that lead to the customer of the record, the nearest first."""
        if self.customer is None:
            return ["deleted"] if self.service.entity == "trash" else []
        found: dict[str, Any] = {}
        for one in Scope:
            if one.rank <= scope.rank and one is not Scope.ALL:
                found |= {
                    way: criterion
                    for way, criterion in customers.ways(self.actor, one, verb).items()
                    if way not in found
                }
        asked = [criterion.label(way) for way, criterion in found.items()]
        this = select(*asked).where(Customer.id == self.customer.id)
        row = self.session.execute(this).one()
        open_ways = {way for way, is_open in zip(found, row, strict=True) if is_open}
        return [way for way in WAYS if way in open_ways]

    def _owner(self, asker: Actor) -> Any:
        """Return whose customer it is, if the asker may know."""
        if self.customer is None:
            return ""
        this = select(Customer.id).where(Customer.id == self.customer.id)
        if self.session.scalar(this.where(*customers.visible_to(asker))) is None:
            return Phrase(SOMEBODY)
        return str(self.customer.owner or "")

    def _facts(self, scope: Scope) -> dict[str, Any]:
        return {"scope": scope, "owner": self.owner}


SOMEBODY = N_("其他人")
#: Way → how it is said; in the order in which one of several is named.
WAYS = {
    "own": N_("客户归本人负责。"),
    "team": N_("是这个客户的团队成员。"),
    "pool": N_("客户在公海，可以领取客户的人都看得到。"),
    "subordinates": N_("客户归下属%(owner)s负责，权限范围是“%(scope)s”。"),
    "department": N_("客户归同部门的%(owner)s负责，权限范围是“%(scope)s”。"),
    "deleted": N_("由本人删除。"),
    "all": N_("权限范围是“全部”。"),
}
WITHIN = N_("在权限范围之内。")
BY_DOOR = N_("只限其中一项：%(door)s。")
OUTSIDE = N_("权限范围是“%(scope)s”，这条记录不在其中。")
OUTSIDE_POOL = N_("权限范围是“%(scope)s”，客户在公海，不属于任何人。")
OUTSIDE_OTHER = N_("权限范围是“%(scope)s”，客户归%(owner)s负责，不在其中。")
READ_ONLY = N_("是这个客户的团队成员，但在团队中只能查看。")


def _door(verb: str) -> dict[str, Any]:
    return {"door": Phrase(VERBS[verb])}


def _service_of(entity: str) -> Crud[Any]:
    return next(service for service in SERVICES.values() if service.entity == entity)
