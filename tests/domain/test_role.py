"""The table "Who sees what", cell by cell."""

import pytest

from app.domain.permissions import ENTITIES, Scope, clean_grants
from app.domain.role import DEFAULT_ROLES, separated

OWN, _, DEPARTMENT, ALL = Scope
BUSINESS = ("customer", "contact", "order")
WRITING = {"create", "edit", "delete", "restore", "import"}


def scope(role, permission):
    entity, verb = permission.split(".")
    return DEFAULT_ROLES[role].grants.get(entity, {}).get(verb)


@pytest.mark.parametrize("role", DEFAULT_ROLES)
def test_the_grants_of_a_role_are_sound(role):
    grants = DEFAULT_ROLES[role].grants
    assert clean_grants(grants) == grants


def test_the_roles_are_those_of_the_first_start():
    assert {name: role.label for name, role in DEFAULT_ROLES.items()} == {
        "admin": "系统管理员",
        "security": "安全管理员",
        "auditor": "审计员",
        "manager": "经理",
        "sales": "业务员",
        "clerk": "跟单",
        "finance": "财务",
        "viewer": "访客",
    }


@pytest.mark.parametrize(
    ("permission", "cells"),
    [
        ("customer.see", (ALL, ALL, OWN, DEPARTMENT, ALL, DEPARTMENT)),
        ("customer.create", (ALL, ALL, OWN, DEPARTMENT, None, None)),
        ("customer.edit", (ALL, ALL, OWN, DEPARTMENT, None, None)),
        ("customer.delete", (ALL, ALL, OWN, None, None, None)),
        ("customer.restore", (ALL, ALL, OWN, None, None, None)),
        ("customer.export", (ALL, ALL, OWN, DEPARTMENT, None, None)),
        ("customer.import", (ALL, ALL, None, None, None, None)),
        ("customer.claim", (ALL, ALL, OWN, None, None, None)),
        ("customer.release", (ALL, ALL, None, None, None, None)),
        ("customer.transfer", (ALL, ALL, None, None, None, None)),
        ("customer.credit", (ALL, ALL, None, None, ALL, None)),
        ("customer.owner", (ALL, ALL, None, None, None, None)),
        ("contact.see", (ALL, ALL, OWN, DEPARTMENT, ALL, DEPARTMENT)),
        ("contact.create", (ALL, ALL, OWN, DEPARTMENT, None, None)),
        ("contact.edit", (ALL, ALL, OWN, DEPARTMENT, None, None)),
        ("contact.delete", (ALL, ALL, OWN, DEPARTMENT, None, None)),
        ("contact.export", (ALL, ALL, OWN, DEPARTMENT, None, None)),
        ("order.see", (ALL, ALL, OWN, ALL, ALL, DEPARTMENT)),
        ("order.create", (ALL, ALL, OWN, ALL, None, None)),
        ("order.edit", (ALL, ALL, OWN, ALL, None, None)),
        ("order.delete", (ALL, ALL, OWN, ALL, None, None)),
        ("order.restore", (ALL, ALL, OWN, OWN, None, None)),
        ("order.export", (ALL, ALL, OWN, ALL, None, None)),
        ("order.import", (ALL, ALL, None, None, None, None)),
        ("order.confirm", (ALL, ALL, OWN, ALL, None, None)),
        ("order.produce", (ALL, ALL, None, ALL, None, None)),
        ("order.ship", (ALL, ALL, None, ALL, None, None)),
        ("order.complete", (ALL, ALL, None, ALL, None, None)),
        ("order.cancel", (ALL, ALL, None, ALL, None, None)),
        ("order.short_close", (ALL, ALL, None, ALL, None, None)),
        ("order.reopen", (ALL, ALL, None, ALL, None, None)),
        ("order.override", (ALL, ALL, None, None, None, None)),
        ("trash.see", (ALL, ALL, OWN, OWN, OWN, OWN)),
        ("user.see", (ALL, None, None, None, None, None)),
        ("role.edit", (ALL, None, None, None, None, None)),
        ("setting.edit", (ALL, None, None, None, None, None)),
        ("dictionary.edit", (ALL, None, None, None, None, None)),
        ("audit.see", (ALL, None, None, None, None, None)),
    ],
)
def test_az_2_the_business_roles(permission, cells):
    """AZ-2."""
    roles = ("admin", "manager", "sales", "clerk", "finance", "viewer")
    assert tuple(scope(role, permission) for role in roles) == cells


def test_az_13_the_auditor_sees_everything_and_changes_nothing():
    """AZ-13."""
    grants = DEFAULT_ROLES["auditor"].grants
    assert all(grants[entity]["see"] is ALL for entity in ENTITIES)
    assert {v for verbs in grants.values() for v in verbs} == {"see", "export"}
    assert {e for e, verbs in grants.items() if "export" in verbs} == {"audit", "loginlog"}


def test_security_sees_users_roles_and_the_login_log_only():
    grants = DEFAULT_ROLES["security"].grants
    assert set(grants) == {"user", "role", "loginlog", "trash"}
    assert not set(grants["user"]) & WRITING
    assert set(grants["user"]) >= {"grant", "unlock", "end_sessions", "reset_password", "reset_mfa"}
    assert set(grants["role"]) >= {"see", "create", "edit", "delete"}


def test_finance_writes_nothing_of_a_customer_but_its_credit():
    assert set(DEFAULT_ROLES["finance"].grants["customer"]) == {"see", "credit"}


def test_the_viewer_may_see_only_and_neither_phones_nor_money():
    viewer = DEFAULT_ROLES["viewer"]
    assert {verb for verbs in viewer.grants.values() for verb in verbs} == {"see"}
    assert viewer.hidden == {"phones", "money"}
    assert not any(role.hidden for name, role in DEFAULT_ROLES.items() if name != "viewer")


def test_csv_5_how_many_rows_each_role_may_export():
    """CSV-5."""
    rows = {name: role.export_rows for name, role in DEFAULT_ROLES.items() if role.export_rows}
    people = {"sales": 10_000, "clerk": 10_000, "auditor": 10_000}
    assert rows == {"admin": 1_000_000, "manager": 1_000_000, **people}
    for role in DEFAULT_ROLES.values():
        may_export = any("export" in verbs for verbs in role.grants.values())
        assert may_export == bool(role.export_rows)


def test_the_administrator_may_do_everything_there_is():
    grants = DEFAULT_ROLES["admin"].grants
    assert all(grants[name].keys() == set(entity.verbs) for name, entity in ENTITIES.items())


def test_az_13_with_separated_duties_the_administrator_has_no_business_data():
    """AZ-13."""
    left = separated("admin", DEFAULT_ROLES["admin"].grants)
    assert not set(left) & {*BUSINESS, "trash"}
    assert left["role"] == {"see": ALL}
    assert "grant" not in left["user"]
    assert left["user"]["edit"] is ALL
    assert left["setting"]["edit"] is ALL


def test_az_13_with_separated_duties_only_security_grants_roles():
    """AZ-13."""
    for name, role in DEFAULT_ROLES.items():
        left = separated(name, role.grants)
        assert ("grant" in left.get("user", {})) == (name == "security")
        assert bool(set(left.get("role", {})) & WRITING) == (name == "security")
        if name not in {"admin", "security"}:
            assert left == role.grants


def test_separating_leaves_the_roles_as_they_were():
    separated("admin", DEFAULT_ROLES["admin"].grants)
    assert scope("admin", "user.grant") is ALL
