"""What can be granted, and what several roles add up to."""

import pytest

from app.core.invalid import InvalidValue
from app.domain.permissions import (
    ENTITIES,
    FIELD_VERBS,
    VERBS,
    Scope,
    clean_grants,
    edit_doors,
    field_verb,
    hidden_from,
    merged,
    widest,
)

OWN, SUBORDINATES, DEPARTMENT, ALL = Scope


def test_every_verb_has_a_label():
    assert {verb for entity in ENTITIES.values() for verb in entity.verbs} == set(VERBS)


def test_the_keys_are_those_of_the_interface():
    assert {"see", "create", "edit", "delete", "restore", "export", "import"} <= set(VERBS)
    assert [scope.value for scope in Scope] == ["own", "subordinates", "department", "all"]


def test_everything_that_can_be_granted_can_be_seen_first():
    assert all(entity.verbs[0] == "see" for entity in ENTITIES.values())


def test_aud_3_nobody_can_be_granted_to_change_the_audit():
    """AUD-3."""
    for name in ("audit", "loginlog"):
        assert set(ENTITIES[name].verbs) == {"see", "export"}


def test_fields_with_a_verb_of_their_own_have_one_that_exists():
    for entity, fields in FIELD_VERBS.items():
        assert set(fields.values()) <= set(ENTITIES[entity].verbs)


def test_a_field_verb_opens_the_edit_page():
    assert edit_doors("customer") == {"edit", "credit", "owner"}
    assert edit_doors("contact") == {"edit"}
    assert (
        field_verb("customer", "credit_limit")
        == field_verb("customer", "payment_terms")
        == "credit"
    )
    assert field_verb("customer", "owner") == "owner"
    assert field_verb("customer", "name") == field_verb("contact", "name") == "edit"


def test_scopes_widen_step_by_step():
    assert [scope.rank for scope in Scope] == [0, 1, 2, 3]
    assert widest([DEPARTMENT, OWN, SUBORDINATES]) is DEPARTMENT
    assert widest([]) is None


def test_several_roles_add_up_to_the_widest_scope():
    sales = {"customer": {"see": OWN, "claim": OWN}}
    clerk = {"customer": {"see": DEPARTMENT}, "order": {"see": ALL}}
    both = {"customer": {"see": DEPARTMENT, "claim": OWN}, "order": {"see": ALL}}
    assert merged([sales, clerk]) == merged([clerk, sales]) == both
    assert merged([]) == {}


def test_merging_leaves_the_roles_as_they_were():
    one = {"customer": {"see": OWN}}
    merged([one, {"customer": {"see": ALL}}])
    assert one == {"customer": {"see": OWN}}


@pytest.mark.parametrize("entity", ["user", "role", "department", "dictionary", "contact"])
def test_only_what_has_a_trash_can_be_restored(entity):
    assert "restore" not in ENTITIES[entity].verbs


def test_a_role_of_an_older_house_keeps_the_rest():
    older = {"user": {"see": "all", "edit": "all", "restore": "all"}}
    assert clean_grants(older) == {"user": {"see": ALL, "edit": ALL}}


def see(scope):
    return {name: {"see": scope} for name in ("customer", "contact", "order")}


BOTH = frozenset({"phones", "money"})


@pytest.mark.parametrize(
    ("roles", "hidden"),
    [
        ([(see(DEPARTMENT), BOTH)], BOTH),
        ([(see(DEPARTMENT), BOTH), (see(OWN), ())], BOTH),  # the wide view stays masked
        ([(see(DEPARTMENT), BOTH), (see(DEPARTMENT), ())], frozenset()),
        ([(see(DEPARTMENT), BOTH), (see(ALL), ())], frozenset()),
        ([(see(DEPARTMENT), BOTH), (see(DEPARTMENT), {"money"})], frozenset({"money"})),
        ([(see(DEPARTMENT), BOTH), ({"user": {"see": ALL}}, ())], BOTH),  # no business data there
        ([(see(DEPARTMENT), BOTH), ({"customer": {"see": ALL}}, ())], BOTH),  # orders stay masked
        ([({"user": {"see": ALL}}, ())], frozenset()),
        ([], frozenset()),
    ],
)
def test_pii_1_a_second_role_does_not_unmask_by_accident(roles, hidden):
    """PII-1."""
    assert hidden_from(roles) == hidden_from(reversed(roles)) == hidden


def test_grants_are_read_back_from_their_keys():
    raw = {"customer": {"see": "department", "edit": "own"}, "order": {}}
    assert clean_grants(raw) == {"customer": {"see": DEPARTMENT, "edit": OWN}}


@pytest.mark.parametrize(
    "raw",
    [
        *(
            None,
            [],
            "customer",
            {"customer": ["see"]},
            {"customer": "see"},
            {"spaceship": {"see": "all"}},
        ),
        *(
            {"customer": {"fly": "all"}},
            {"customer": {"see": "galaxy"}},
            {"customer": {"see": None}},
        ),
        *({"audit": {"see": "all", "edit": "all"}}, {"user": {"see": "own"}}, {1: {"see": "all"}}),
        *({"customer": {"see": ["all"]}}, {"customer": {1: "all"}}, {"*": {"see": "all"}}),
        *({"customer": {"edit": "own"}}, {"customer": {"see": "own", "edit": "all"}}),
    ],
)
def test_anything_else_is_no_grant(raw):
    with pytest.raises(InvalidValue):
        clean_grants(raw)


def test_writing_reaches_no_further_than_seeing():
    with pytest.raises(InvalidValue) as refusal:
        clean_grants({"customer": {"see": "own", "edit": "all"}})
    assert str(refusal.value) == "客户信息：“编辑”的范围不能大于“查看”的范围。"
