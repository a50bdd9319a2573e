"""Workflows as data: which verb leads from which states to which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.core.invalid import InvalidValue
from app.core.words import N_, Phrase, Word

S = TypeVar("S", bound=Word)


class WrongState(InvalidValue):
    """The record's state does not allow the verb (409). Facts: *state*, *action*."""


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """One verb of a workflow.

    *needs_reason*: people must say why. *by_hand* is False for steps that only other records take; no
    button offers those. *needs* is its permission where that is not its verb.
    """

    verb: str
    label: str
    sources: frozenset[S]
    target: S
    needs_reason: bool = False
    by_hand: bool = True
    needs: str = ""

    @property
    def permission(self) -> str:
        """The verb that people must hold to take the step."""
        return self.needs or self.verb


class Workflow(Generic[S]):
    """The life of one kind of record: it begins in *start* and moves along *transitions*."""

    def __init__(self, start: S, transitions: Sequence[Transition[S]]) -> None:
        self.start = start
        self.transitions = tuple(transitions)
        self._by_verb = {transition.verb: transition for transition in self.transitions}
        if len(self._by_verb) != len(self.transitions):
            raise ValueError("a verb stands twice")

    @property
    def states(self) -> list[S]:
        """Every state there is, in the order of declaration."""
        return list(type(self.start))

    @property
    def actions(self) -> tuple[Transition[S], ...]:
        """The transitions that people choose, in order."""
        return tuple(transition for transition in self.transitions if transition.by_hand)

    def __getitem__(self, verb: str) -> Transition[S]:
        """Return the transition of this *verb*; KeyError if there is none."""
        return self._by_verb[verb]

    def check(self, state: S, verb: str) -> S:
        """Return the state that *verb* leads to from *state*; raise WrongState if it may not."""
        transition = self[verb]
        if state not in transition.sources:
            raise WrongState(
                N_("%(state)s状态下不能%(action)s。"), state=state, action=Phrase(transition.label)
            )
        return transition.target

    def allowed(self, state: S) -> tuple[Transition[S], ...]:
        """Return what people may choose in *state*, in order; permissions are not judged here."""
        return tuple(transition for transition in self.actions if state in transition.sources)

    def unreachable(self) -> set[S]:
        """Return the states no chain of verbs reaches from the start; a sound flow has none."""
        reached: set[S] = set()
        frontier: set[S] = {self.start}
        while frontier:
            reached |= frontier
            frontier = self._after(frontier) - reached
        return set(self.states) - reached

    def _after(self, states: Iterable[S]) -> set[S]:
        return {t.target for state in states for t in self.transitions if state in t.sources}
