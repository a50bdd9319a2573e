"""Doing an action to every chosen row, in one transaction, and gathering all that speaks against it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from flask_babel import gettext

from app.admin_views.base.actions import Action
from app.core.errors import Blocked, Problem, RuleBroken
from app.core.words import N_, filled
from app.core.work import Work

#: Stands for a reason while we look on for what else is wrong; it is never stored.
ASSUMED = "……"


class Refused(Exception):
    """Rows that break rules: every row with its problems, those that a reason would let pass among them."""

    def __init__(self, found: Sequence[tuple[Any, Sequence[Problem]]]) -> None:
        self.found = found
        super().__init__()

    def each(self) -> Iterator[tuple[Any, Problem]]:
        """Yield every problem with its row."""
        for record, problems in self.found:
            for problem in problems:
                yield record, problem


class Answers(Protocol):
    """What somebody answered: to the action itself, and for exceptions they were shown."""

    def values(self) -> dict[str, Any]:
        """Return what the action asks, without reasons for exceptions."""

    def excuses(self, record: Any, names: Iterable[str]) -> dict[str, Any] | None:
        """Return the reasons for the exceptions *names* of *record*, or None."""


def excuse_key(name: str, record: Any) -> str:
    """Return how a page remembers that it showed the exception *name* of *record*."""
    return f"{name}-{record.id}"


def named(record: Any, text: str) -> str:
    """Return *text* with the row it speaks of."""
    return gettext("%(name)s：%(text)s", name=str(record), text=text)


def apply_all(work: Work, action: Action, records: Sequence[Any], answers: Answers) -> list[str]:
    """Do *action* to all *records*; return the secrets to be shown.

    A row that a reason would let pass counts as let through for those after it: what is said of them
    holds if somebody answers for all.

    Raises:
        Refused: rows break rules; nothing is to be kept then.
        Blocked: the state of a row stands in the way, which is named if there are several.
    """
    values = answers.values()
    secrets, found, is_refused = [], [], False
    for record in records:
        try:
            secrets.append(_done(work, action, record, values))
            continue
        except RuleBroken as refusal:
            problems = refusal.problems
        except Blocked as refusal:
            raise _blocked(refusal, record) if len(records) > 1 else refusal from None
        names = {problem.override or "" for problem in problems}
        excuses = None if "" in names else answers.excuses(record, names)
        reasons = excuses or dict.fromkeys(names - {""}, ASSUMED)
        try:
            if "" not in names:
                secrets.append(_done(work, action, record, {**values, **reasons}))
        except RuleBroken as refusal:
            problems, excuses = refusal.problems, None
        is_refused |= excuses is None
        found.append((record, problems))
    if is_refused:
        raise Refused(found)
    return [secret for secret in secrets if secret]


def _done(work: Work, action: Action, record: Any, values: Mapping[str, Any]) -> str | None:
    """Do it to one row, or leave nothing of it behind."""
    with work.session.begin_nested():
        return action.apply(work, record, values)


def _blocked(refusal: Blocked, record: Any) -> Blocked:
    text = filled(refusal.message, refusal.facts, gettext)
    return Blocked(N_("%(name)s：%(text)s"), refusal.items, name=str(record), text=text)
