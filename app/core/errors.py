"""Ways of saying no. Services raise them; the front doors show them beside their cause."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.words import N_


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field; *override* names the field whose reason would let it pass."""

    field: str | None
    message: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    override: str | None = None


class Refusal(Exception):
    """A rule said no. *message* is a message id; *facts* are its parameters."""

    message = ""

    def __init__(self, message: str | None = None, /, **facts: Any) -> None:
        self.message = message or self.message
        self.facts = facts
        super().__init__(self.message)


class RuleBroken(Refusal):
    """Values break rules: every problem, each beside its field (422)."""

    message = N_("有 %(n)s 处需要修改")

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(n=len(self.problems))


class NotAllowed(Refusal):
    """The actor lacks *permission* (403)."""

    message = N_("您没有此操作的权限。")

    def __init__(self, permission: str = "") -> None:
        self.permission = permission
        super().__init__()


class Missing(Refusal):
    """There is no such record, or none that the actor may see: nobody can tell which (404)."""

    message = N_("记录不存在或您无权查看。")


class Stale(Refusal):
    """Somebody else saved first (409)."""

    message = N_("此记录已被他人修改。")


@dataclasses.dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stands in the way: a message with its *facts*, and the record it speaks of, if any."""

    message: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    entity: str = ""
    record_id: int | None = None


class Blocked(Refusal):
    """The record's state, or other records, stand in the way (409); *items* name them."""

    def __init__(self, message: str, items: Sequence[str | Obstacle] = (), /, **facts: Any) -> None:
        self.items = list(items)
        super().__init__(message, **facts)


class TooMany(Refusal):
    """Too often (429); *retry_after* seconds."""

    message = N_("操作太频繁")

    def __init__(self, retry_after: int, message: str | None = None, /, **facts: Any) -> None:
        self.retry_after = retry_after
        super().__init__(message, **facts)


class Unavailable(Refusal):
    """The database cannot take it now (503)."""

    message = N_("系统正忙")


class Problems:
    """Collects what is wrong, so that people see everything at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(
        self, field: str | None, message: str, /, *, override: str | None = None, **facts: Any
    ) -> None:
        """Note a problem with *field* (None: with the record as a whole)."""
        self.found.append(Problem(field, message, facts, override))

    def has(self, field: str) -> bool:
        """Tell whether *field* already has a problem."""
        return any(problem.field == field for problem in self.found)

    def raise_if_any(self) -> None:
        """Raise RuleBroken if anything was noted."""
        if self.found:
            raise RuleBroken(self.found)


def broken(field: str | None, message: str, /, **facts: Any) -> RuleBroken:
    """Return the refusal of a single field."""
    return RuleBroken([Problem(field, message, facts)])
