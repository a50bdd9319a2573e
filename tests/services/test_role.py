"""Roles: grants that exist, and nobody's own ones made wider."""

import pytest

from app.core.errors import Blocked, RuleBroken
from app.core.work import SYSTEM, work_for
from app.models.role import Role
from app.services.role import ensure_roles, roles
from tests.services.test_user import actor, problems, role_id


def change(who, role_name, **values):
    with work_for(who) as work:
        role = work.session.get_one(Role, role_id(role_name))
        return roles.update(work, role, values, version=role.version)


def remove(number, *, version):
    with work_for(SYSTEM) as work:
        roles.delete(work, work.session.get_one(Role, number), version=version)


def grants_of(name):
    with work_for(SYSTEM) as work:
        role = work.session.get_one(Role, role_id(name))
        return {entity: dict(verbs) for entity, verbs in role.grants.items()}


def test_nobody_widens_a_role_of_his_own(app):
    """AZ-12"""
    security = actor("security")
    with pytest.raises(RuleBroken) as refusal:
        change(security, "security", grants={**grants_of("security"), "customer": {"see": "all"}})
    assert problems(refusal) == {"grants": "不能扩大自己所持角色的权限。"}
    with pytest.raises(RuleBroken):
        change(security, "security", export_rows=10)
    change(security, "viewer", grants={"customer": {"see": "all"}})


def test_a_role_may_be_narrowed(app):
    grants = grants_of("security")
    del grants["loginlog"]
    change(actor("security"), "security", grants=grants)
    assert not actor("security").may("loginlog.see")


@pytest.mark.parametrize(
    "grants",
    [
        *(
            {"nothing": {"see": "all"}},
            {"customer": {"fly": "all"}},
            {"customer": {"see": "galaxy"}},
        ),
        *({"audit": {"edit": "all"}}, {"customer": {"edit": "all"}}, [], "x", {"customer": 1}),
    ],
)
def test_unknown_grants_are_refused(app, grants):
    """AUD-3, SQL-3"""
    with pytest.raises(RuleBroken) as refusal:
        change(actor("admin"), "viewer", grants=grants)
    assert set(problems(refusal)) == {"grants"}


def test_the_administrator_keeps_what_repairs_mistakes(app):
    """AZ-12"""
    grants = grants_of("admin")
    del grants["role"]
    with pytest.raises(RuleBroken):
        change(SYSTEM, "admin", grants=grants)


def test_a_role_in_use_stays(app):
    """AZ-11"""
    with work_for(SYSTEM) as work:
        new = roles.create(work, {"name": "helper", "label": "帮手", "grants": {}})
        version, number = new.version, new.id
    with pytest.raises(Blocked):
        remove(role_id("sales"), version=1)
    remove(number, version=version)


def test_names_stay_and_are_unique(app):
    with pytest.raises(Blocked):
        change(actor("admin"), "viewer", name="guest")
    with pytest.raises(RuleBroken) as refusal, work_for(SYSTEM) as work:
        roles.create(work, {"name": "sales", "label": "又一个", "grants": {}})
    assert problems(refusal) == {"name": "已有同名的角色。"}


def test_deleted_default_roles_do_not_come_back(app):
    with work_for(SYSTEM) as work:
        before = work.session.query(Role).count()
        ensure_roles(work)
        assert work.session.query(Role).count() == before
