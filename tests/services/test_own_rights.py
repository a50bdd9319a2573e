"""Nobody raises their own rights: not by a role, an account, a department, a team or a mask."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import NotAllowed, RuleBroken
from app.core.work import SYSTEM, work_for
from app.models.department import Department
from app.models.user import User
from app.services.role import roles
from app.services.rows import ChildRow
from app.services.user import named, users
from tests.factories.customer import make_customer
from tests.services.conftest import problems_of
from tests.services.people import (
    acting,
    change,
    give,
    hold,
    make_role,
    role_id,
    separate,
    user_id,
)
from tests.services.test_role import change as change_role
from tests.services.test_role import grants_of

ALL = "all"
PERSONNEL = {
    "user": {"see": ALL, "create": ALL, "edit": ALL},
    "department": {"see": ALL},
}


def refused(who, whom, /, **values):
    """Return the fields beside which the change was refused."""
    with pytest.raises(RuleBroken) as refusal:
        change(who, whom, **values)
    return set(problems_of(refusal))


def department(name):
    return db.session.scalars(select(Department.id).where(Department.name == name)).one()


# -- roles -----------------------------------------------------------------------------------


def test_who_edits_users_gives_no_roles(app):
    """AZ-12, MAS-1: neither to a new user nor to anybody else."""
    clerk = hold("clerk", PERSONNEL)
    with pytest.raises(NotAllowed), work_for(clerk) as work:
        users.create(work, {"username": "wu", "name": "吴", "roles": [role_id("admin")]})
    for whom in ("clerk", "sales1"):
        with pytest.raises(NotAllowed):
            change(clerk, whom, roles=[role_id("admin")])


def test_a_new_role_with_more_rights_is_not_for_its_maker(app):
    """AZ-12: security makes it and gives it to others, never to itself."""
    security = acting("security")
    with work_for(security) as work:
        made = {"name": "boss", "label": "老板", "grants": {"customer": {"see": ALL}}}
        boss = roles.create(work, made).id
    assert refused(security, "security", roles=[role_id("security"), boss]) == {"roles"}
    change(security, "sales1", roles=[boss])
    assert acting("sales1").scope("customer", "see") == ALL
    assert refused(security, "security", roles=[boss]) == {"roles"}


def test_a_role_given_by_a_colleague_is_widened_by_others_only(app):
    """AZ-12: editing a role counts for whoever holds it now, however they came by it."""
    make_role("helper", {"loginlog": {"see": ALL}})
    security = acting("security")
    change_role(security, "helper", grants={"loginlog": {"see": ALL, "export": ALL}})
    give("security", "security", "helper")
    with pytest.raises(RuleBroken):
        change_role(acting("security"), "helper", grants={"customer": {"see": ALL}})


def test_a_mask_is_not_shaken_off(app):
    """AZ-12, PII-1: neither by narrowing the role that masks, nor by giving it up."""
    see = {"customer": {"see": "department"}}
    make_role("masked", see, hidden=["phones"])
    own = {"customer": {"see": "own"}, "role": {"see": ALL, "edit": ALL}}
    make_role("plain", own | {"user": {"see": ALL, "grant": ALL}})
    give("clerk", "masked", "plain")
    clerk = acting("clerk")
    assert clerk.hidden == {"phones"}
    for narrower in ({}, {"customer": {"see": "own"}}):
        with pytest.raises(RuleBroken):
            change_role(clerk, "masked", grants=narrower)
    assert refused(clerk, "clerk", roles=[role_id("plain")]) == {"roles"}
    change(clerk, "clerk", roles=[role_id("masked")])
    assert acting("clerk").hidden == {"phones"}


def test_roles_may_be_given_up(app):
    give("sales1", "sales", "admin")
    change(acting("sales1"), "sales1", roles=[role_id("sales")])
    assert not acting("sales1").may("user.see")


# -- scopes ----------------------------------------------------------------------------------


def test_nobody_moves_to_the_department_whose_customers_they_want(app):
    """AZ-8, AZ-12"""
    grants = PERSONNEL | {"customer": {"see": "department"}}
    clerk = hold("clerk", grants)
    other, own = department("业务二部"), department("业务一部")
    assert refused(clerk, "clerk", department=other) == {"department"}
    assert refused(clerk, "sales3", department=own) == {"department"}
    change(clerk, "sales3", department=department("财务部"))
    change(acting("admin"), "admin", department=other)
    change(acting("admin"), "sales3", department=other)


def test_nobody_makes_others_their_people(app):
    """AZ-8, AZ-12: whoever sees what belongs to their people fetches nobody, near or far."""
    grants = PERSONNEL | {"customer": {"see": "subordinates"}}
    clerk = hold("clerk", grants)
    change(SYSTEM, "sales1", manager=user_id("clerk"))
    for manager in ("clerk", "sales1"):
        assert refused(clerk, "sales3", manager=user_id(manager)) == {"manager"}
    change(clerk, "sales3", manager=user_id("sales2"))
    change(clerk, "sales1", manager=user_id("sales2"))


# -- teams -----------------------------------------------------------------------------------


def team(username, access, number=None):
    values = {"user": user_id(username), "access": access}
    return [ChildRow("team-0", number, values)]


def set_team(who, customer, rows):
    from app.services.customer import customers

    with work_for(who) as work:
        found = customers.get(work.session, who, customer, "edit")
        customers.update(work, found, {"team": rows}, version=found.version)
        return [row.id for row in found.team]


def test_who_looks_after_a_customer_chooses_its_team(app):
    """AZ-8: a member with write access edits the customer, not its team."""
    one = make_customer("sales3")
    set_team(acting("sales3"), one, team("sales1", "write"))
    with pytest.raises(NotAllowed):
        set_team(acting("sales1"), one, team("sales2", "write"))


def test_a_member_edits_the_customer_without_its_team(visit):
    """AZ-8, MAS-1: the form holds no team, and what is posted all the same is not written."""
    one = make_customer("sales3")
    set_team(acting("sales3"), one, team("sales1", "write"))
    member, path = visit("sales1"), f"/admin/customer/edit/?id={one}"
    assert not [name for name in member.form(path) if name.startswith("team-")]
    forged = {"team-1-user": user_id("sales2"), "team-1-access": "write"}
    assert member.submit(path, short_name="海燕", **forged).status_code == 302
    data = visit("manager").json(f"/admin/customer/details/?id={one}")
    assert data["values"]["short_name"] == "海燕"
    assert [row["user"]["id"] for row in data["children"]["team"]] == [user_id("sales1")]


def test_nobody_joins_a_team_by_themselves(app):
    """AZ-8, AZ-12: with rights for the department one does not make oneself a member for good."""
    one = make_customer("sales1")
    clerk = acting("clerk")
    with pytest.raises(RuleBroken) as refusal:
        set_team(clerk, one, team("clerk", "write"))
    assert set(problems_of(refusal)) == {"team"}
    (row,) = set_team(acting("manager"), one, team("clerk", "read"))
    with pytest.raises(RuleBroken):
        set_team(clerk, one, team("clerk", "write", row))
    set_team(acting("manager"), one, team("clerk", "write", row))


# -- 三权分立 --------------------------------------------------------------------------------


def test_separated_administrators_have_no_business_data_by_any_role(app):
    """AZ-13: neither the administrator nor security, whatever else they hold."""
    for name in ("admin", "security"):
        give(name, name, "manager")
    give("clerk", "security", "admin")
    separate()
    for name in ("admin", "security"):
        assert not {"customer", "contact", "order", "activity"} & set(acting(name).grants)
    both = acting("clerk")  # the office of granting is not the administrator's
    assert not both.may("user.grant")
    assert not both.may("role.edit")


def test_separated_security_gives_itself_no_business_data(app):
    """AZ-13"""
    give("security", "security", "manager")
    separate()
    security = acting("security")
    assert refused(security, "security", roles=[role_id("manager")]) == {"roles"}
    with pytest.raises(RuleBroken):
        change_role(
            security, "security", grants={**grants_of("security"), "customer": {"see": ALL}}
        )


def test_separated_offices_are_three_people(app):
    """AZ-13"""
    separate()
    security = acting("security")
    two = [role_id("auditor"), role_id("admin")]
    assert refused(security, "auditor", roles=two) == {"roles"}
    change(security, "sales1", roles=[role_id("sales"), role_id("auditor")])
    with pytest.raises(NotAllowed):
        change(acting("admin"), "sales1", roles=[])


def test_separated_administrators_get_at_nothing_through_other_accounts(app):
    """AZ-13: they disable a salesperson, and neither redirect nor open the account."""
    separate()
    admin = acting("admin")
    assert refused(admin, "sales1", email="me@example.com") == {"email"}
    for whom in ("sales1", "security"):
        with pytest.raises(NotAllowed), work_for(admin) as work:
            users.reset_password(work, named(work.session, whom), {"reason": "忘记密码"})
    with work_for(acting("security")) as work:
        users.reset_password(work, named(work.session, "sales1"), {"reason": "忘记密码"})
    change(admin, "sales1", is_active=False)
    with work_for(admin) as work:
        new = users.create(work, {"username": "wu", "name": "吴"})
        assert new.one_time_password
        assert work.session.get(User, new.id).roles == []
