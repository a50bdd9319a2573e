"""Workflows as data."""

import pytest

from app.core.words import Word
from app.domain.workflow import Transition, Workflow, WrongState


class Light(Word):
    RED = "red", "红"
    GREEN = "green", "绿"
    BROKEN = "broken", "坏"


GO = Transition("go", "放行", frozenset({Light.RED}), Light.GREEN)
STOP = Transition("stop", "停止", frozenset({Light.GREEN}), Light.RED, by_hand=False)
FLOW = Workflow(Light.RED, (GO, STOP))


def test_a_verb_leads_to_its_state():
    assert FLOW.check(Light.RED, "go") is Light.GREEN


def test_a_wrong_state_is_refused_with_both_words():
    with pytest.raises(WrongState) as refusal:
        FLOW.check(Light.GREEN, "go")
    assert refusal.value.facts == {"state": Light.GREEN, "action": "放行"}
    assert "绿" not in refusal.value.message


def test_an_unknown_verb_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        FLOW.check(Light.RED, "fly")


def test_only_steps_by_hand_are_offered():
    assert FLOW.actions == FLOW.allowed(Light.RED) == (GO,)
    assert FLOW.allowed(Light.GREEN) == ()


def test_a_step_needs_its_own_verb_unless_it_names_another():
    assert GO.permission == "go"
    part = Transition("go_slowly", "慢行", frozenset({Light.RED}), Light.GREEN, needs="go")
    assert part.permission == "go"


def test_a_state_without_a_way_to_it_is_named():
    assert FLOW.unreachable() == {Light.BROKEN}


def test_a_verb_may_stand_once_only():
    with pytest.raises(ValueError, match="twice"):
        Workflow(Light.RED, (GO, GO))
