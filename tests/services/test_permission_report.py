"""What somebody may do, and why: the page says what the house does."""

import pytest

from app.core.db import db
from app.core.errors import Missing
from app.core.work import SYSTEM
from app.domain.permissions import ENTITIES
from app.models.user import User
from app.services.customer import customers
from app.services.order import orders
from app.services.permission_report import answers_on, record_for, report_on
from app.services.registry import SERVICES
from tests.conftest import PEOPLE
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.order import make_order
from tests.services.people import acting, change, give, hold, separate, user_id
from tests.services.test_own_rights import set_team, team

BY_NAME = {service.entity: service for service in SERVICES.values()}
VERBS = ("see", "edit", "delete", "export")


def report(username):
    db.session.remove()
    return report_on(db.session(), db.session.get_one(User, user_id(username)))


def answers(username, entity, number, *, asker="manager"):
    """Return the answers: verb → (allowed, reason with its facts filled in)."""
    who = acting(asker)
    user = db.session.get_one(User, user_id(username))
    record = record_for(db.session(), who, entity, number)
    return {
        one.verb: (one.is_allowed, one.reason % {k: str(v) for k, v in one.facts.items()})
        for one in answers_on(db.session(), who, user, entity, record)
    }


@pytest.fixture
def world(app):
    """Customers of three people, one of them with a team, and one in the pool; what is below them."""
    change(SYSTEM, "sales2", manager=user_id("sales1"))
    made = {
        name: make_customer(name, name=f"{name}纸业") for name in ("sales1", "sales2", "sales3")
    }
    made["read"] = make_customer("sales3", name="团队甲")
    made["write"] = make_customer("sales3", name="团队乙")
    made["pool"] = make_customer(None, name="公海纸业")
    for access in ("read", "write"):
        set_team(acting("manager"), made[access], team("sales1", access))
    return made


# -- the table -------------------------------------------------------------------------------


@pytest.mark.parametrize("username", sorted(PEOPLE))
def test_the_report_is_what_the_door_lets_in(app, username):
    """AZ-2: every cell agrees with what the person holds, and names a role for it."""
    found, actor = report(username), acting(username)
    for name, entity in ENTITIES.items():
        for verb in entity.verbs:
            cell = found.cells[name][verb]
            assert cell.scope == actor.scope(name, verb)
            assert bool(cell.sources) == actor.may(f"{name}.{verb}")
            assert not cell.taken
    assert {mask.group for mask in found.masks if mask.is_masked} == actor.hidden
    assert found.export_rows == actor.export_rows


def test_several_roles_are_named_with_their_scopes(app):
    give("viewer", "viewer", "sales")
    found = report("viewer")
    see = found.cells["customer"]["see"]
    assert {(one.role, one.scope) for one in see.sources} == {
        ("viewer", "department"),
        ("sales", "own"),
    }
    assert see.scope == "department"
    assert [one.role for one in found.cells["customer"]["edit"].sources] == ["sales"]
    assert {mask.group: (mask.is_masked, mask.roles) for mask in found.masks} == {
        "phones": (True, ["访客"]),
        "money": (True, ["访客"]),
    }
    assert found.sees_pool


def test_separate_duties_are_named_as_what_takes_away(app):
    """AZ-13"""
    separate()
    found = report("admin")
    see, grant = found.cells["customer"]["see"], found.cells["user"]["grant"]
    assert (see.scope, see.sources, [one.role for one in see.taken]) == (None, [], ["admin"])
    assert (grant.scope, [one.role for one in grant.taken]) == (None, ["admin"])
    assert not report("manager").cells["customer"]["see"].taken


def test_teams_and_people_are_counted(world):
    found = report("sales1")
    assert (found.teams, found.subordinates) == ({"read": 1, "write": 1}, 1)


# -- one record ------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["sales1", "clerk", "viewer", "finance", "manager", "admin"])
def test_the_answer_is_what_happens(world, username):
    """AZ-3: yes exactly where the services find the record for that verb."""
    actor = acting(username)
    below = {"contact": make_contact(world["write"]), "order": make_order(world["sales3"])}
    for entity, number in [*(("customer", one) for one in world.values()), *below.items()]:
        found = answers(username, entity, number)
        for verb in VERBS:
            if verb in found:
                try:
                    BY_NAME[entity].get(db.session(), actor, number, verb)
                    reached = True
                except Missing:
                    reached = False
                assert found[verb][0] is reached, (entity, number, verb, found[verb])


def test_the_reasons_are_the_ways(world):
    """AZ-3"""
    see = {name: answers("sales1", "customer", number)["see"] for name, number in world.items()}
    assert see == {
        "sales1": (True, "客户归本人负责。"),
        "sales2": (False, "权限范围是“own”，客户归sales2先生负责，不在其中。"),
        "sales3": (False, "权限范围是“own”，客户归sales3先生负责，不在其中。"),
        "read": (True, "是这个客户的团队成员。"),
        "write": (True, "是这个客户的团队成员。"),
        "pool": (True, "客户在公海，可以领取客户的人都看得到。"),
    }
    edit = {name: answers("sales1", "customer", number)["edit"] for name, number in world.items()}
    assert edit["write"] == (True, "是这个客户的团队成员。")
    assert edit["read"] == (False, "是这个客户的团队成员，但在团队中只能查看。")
    assert edit["pool"] == (False, "权限范围是“own”，客户在公海，不属于任何人。")


def test_wider_scopes_name_the_colleague(world):
    hold("sales1", {"customer": {"see": "subordinates"}})
    assert answers("sales1", "customer", world["sales2"])["see"] == (
        True,
        "客户归下属sales2先生负责，权限范围是“subordinates”。",
    )
    assert answers("clerk", "customer", world["sales2"])["see"][1].startswith(
        "客户归同部门的sales2"
    )
    found = answers("finance", "customer", world["sales2"])
    assert found["edit"] == (True, "只限其中一项：修改信用额度和付款方式。")
    assert found["delete"] == (False, "没有任何角色给予这项权限。")
    assert found["see"] == (True, "权限范围是“全部”。")


def test_the_disabled_may_nothing(world):
    """SES-8"""
    change(SYSTEM, "sales1", is_active=False)
    found = answers("sales1", "customer", world["sales1"])
    assert set(found.values()) == {(False, "账号已停用，什么都不能做。")}


def test_nobody_asks_about_what_they_do_not_see(world):
    """ENU-2, AZ-3: neither whose it is nor that it is there."""
    for asker, entity, number in (
        ("sales2", "customer", world["sales1"]),
        ("security", "customer", world["sales1"]),
        ("manager", "user", user_id("admin")),
        ("manager", "customer", 10**9),
        ("manager", "nothing", 1),
    ):
        with pytest.raises(Missing):
            answers("sales1", entity, number, asker=asker)


def test_an_owner_whom_the_asker_does_not_see_is_not_named(world):
    """AZ-3: a clerk sees all orders, but not whose the customers of other departments are."""
    order = make_order(world["sales3"])
    found = answers("sales1", "order", order, asker="clerk")
    assert found["see"] == (False, "权限范围是“own”，客户归其他人负责，不在其中。")
    assert customers.entity == "customer"
    assert orders.entity == "order"
