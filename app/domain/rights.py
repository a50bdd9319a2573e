"""What several roles give together, and whether one such bundle reaches further than another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.invalid import InvalidValue
from app.domain.permissions import (
    ENTITIES,
    Grants,
    Scope,
    clean_grants,
    hidden_from,
    merged,
    shows_masked,
)
from app.domain.role import separated

#: The three offices of 三权分立: under separate duties nobody holds two of them.
OFFICES = frozenset({"admin", "security", "auditor"})
#: The offices that run the house; under separate duties they see no business data, whatever else they hold.
RUNNING = frozenset({"admin", "security"})


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds, as plain values."""

    name: str
    label: str
    grants: Grants
    hidden: frozenset[str]
    export_rows: int


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do: entity → verb → scope, the field groups masked, the cap of one export."""

    grants: Mapping[str, Mapping[str, str]]
    hidden: frozenset[str] = frozenset()
    export_rows: int = 0


def readable(raw: Any) -> Grants:
    """Return *raw* as grants; what cannot be understood grants nothing."""
    try:
        return clean_grants(raw or {})
    except InvalidValue:
        return {}


def left_of(role: Held, together: Iterable[str]) -> dict[str, dict[str, Scope]]:
    """Return what *role* gives under separate duties to somebody who holds *together*.

    Whoever runs the house has no business data from any role, and whoever holds both running
    offices only keeps what the administrator has: granting stays with somebody else.
    """
    names = frozenset(together)
    kept = separated(role.name, role.grants)
    if names & RUNNING:
        kept = {e: v for e, v in kept.items() if e == "trash" or not ENTITIES[e].is_business}
    return separated("", kept) if names >= RUNNING else kept


def parts_of(held: Sequence[Held], *, has_separate_duties: bool) -> list[Grants]:
    """Return what each role of *held* gives, in their order."""
    if not has_separate_duties:
        return [role.grants for role in held]
    names = [role.name for role in held]
    return [left_of(role, names) for role in held]


def rights_of(held: Sequence[Held], *, has_separate_duties: bool) -> Rights:
    """Return what somebody may do who holds *held*: of each permission the widest scope."""
    parts = parts_of(held, has_separate_duties=has_separate_duties)
    return Rights(
        merged(parts),
        hidden_from((part, role.hidden) for part, role in zip(parts, held, strict=True)),
        max((role.export_rows for role in held), default=0),
    )


def is_wider(after: Rights, before: Rights) -> bool:
    """Tell whether *after* gives anything that *before* did not: a verb, a scope, a value, a row."""
    if next(_beyond(after.grants, before.grants), None) or after.export_rows > before.export_rows:
        return True
    sees = any("see" in after.grants.get(e, {}) for e in filter(shows_masked, ENTITIES))
    return sees and bool(before.hidden - after.hidden)


def is_above(theirs: Rights, mine: Mapping[str, Mapping[str, str]], *, business: bool) -> bool:
    """Tell whether *theirs* holds a permission to run the house that *mine* lacks.

    With *business* those over business data count, too: where duties are separated, they are what
    the administrator must not get at through somebody else's account.
    """
    return any(business or not ENTITIES[e].is_business for e, _ in _beyond(theirs.grants, mine))


def _beyond(
    wide: Mapping[str, Mapping[str, str]], narrow: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield (entity, verb) of what *wide* allows further than *narrow*."""
    for entity, verbs in wide.items():
        for verb, scope in verbs.items():
            had = narrow.get(entity, {}).get(verb)
            if had is None or Scope(scope).rank > Scope(had).rank:
                yield entity, verb
