"""Verbs applied to chosen rows: confirmed on the server, in one transaction, all of them or none."""

from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from app.admin_views import MENU
from app.domain.customer import CustomerStatus
from app.models.audit import Audit
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from tests.admin_views.markup import Page
from tests.factories.contact import make_contacts
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import change, load, user_id
from tests.factories.order import make_order, make_orders
from tests.visitor import fields_of

DUE = date(2026, 12, 1)


def act(writer: Any, entity: str, action: str, *ids: object, **values: Any) -> Any:
    """Send an action for the rows *ids*."""
    return writer.post(f"/admin/{entity}/action/", {"action": action, "rowid": list(ids), **values})


def done(writer: Any, entity: str, action: str, *ids: object, **values: Any) -> int:
    """Send it confirmed; return the status."""
    return int(act(writer, entity, action, *ids, confirm="1", **values).status_code)


def status(*ids: int) -> list[str]:
    """Return where the orders *ids* stand."""
    return [load(Order, one).status.value for one in ids]


def test_an_action_is_asked_first(visit):
    """action/: without confirm 200 and a form that carries all of it; nothing happens yet."""
    one, two = make_orders(make_customer(), {"delivery_date": DUE}, {"delivery_date": DUE})
    writer = visit("clerk")
    answer = act(writer, "order", "confirm", one, two)
    assert answer.status_code == 200
    form = Page(answer.text).one("form", method="post", action="/admin/order/action/")
    hidden = [(e["name"], e["value"]) for e in form.all("input", type="hidden")]
    assert ("action", "confirm") in hidden
    assert [value for name, value in hidden if name == "rowid"] == [str(one), str(two)]
    assert form.one("button", name="confirm")["value"] == "1"
    for number in ("SO", "0001", "0002"):
        assert number in answer.text
    assert status(one, two) == ["draft", "draft"]
    for confirm in ("", "0", "yes", "true"):
        assert act(writer, "order", "confirm", one, two, confirm=confirm).status_code == 200
    assert status(one, two) == ["draft", "draft"]


def test_a_confirmed_action_leads_on(visit):
    """action/: one row leads to its page, several to the list, each with a message."""
    one, two, three = make_orders(make_customer(), *({"delivery_date": DUE} for _ in range(3)))
    writer = visit("clerk")
    answer = act(writer, "order", "confirm", one, confirm="1")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/admin/order/details/?id={one}",
    )
    answer = act(writer, "order", "confirm", two, three, confirm="1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/order/")
    assert Page(writer.get("/admin/order/").text).flashes[-1][0] == "success"
    assert status(one, two, three) == ["confirmed"] * 3


def test_the_whole_life_of_an_order(visit):
    """Order life: draft → confirmed → producing → shipped → completed; every step its own action."""
    order = make_order(make_customer(), delivery_date=DUE)
    writer = visit("clerk")
    for action, after in (
        ("confirm", "confirmed"),
        ("reopen", "draft"),
        ("confirm", "confirmed"),
        ("produce", "producing"),
        ("ship", "shipped"),
        ("complete", "completed"),
    ):
        assert done(writer, "order", action, order) == 302, action
        assert status(order) == [after]


@pytest.mark.parametrize(
    ("before", "action"),
    [
        *(("draft", name) for name in ("produce", "ship", "complete", "short_close", "reopen")),
        *(("confirmed", name) for name in ("confirm", "ship", "complete", "short_close")),
        *(("completed", name) for name in ("confirm", "produce", "ship", "cancel", "reopen")),
        *(("cancelled", name) for name in ("confirm", "produce", "cancel", "reopen")),
        ("shipped", "cancel"),
    ],
)
def test_a_wrong_state_is_409(visit, before, action):
    """action/: a step that the state does not allow is 409, with or without confirm asked again."""
    order = make_order(make_customer(), status=before, delivery_date=DUE)
    assert done(visit("clerk"), "order", action, order, reason="客户要求") == 409
    assert status(order) == [before]


def test_one_in_a_wrong_state_keeps_all_back(visit):
    """AZ-6: one transaction: what cannot be done to all is done to none."""
    customer = make_customer()
    ids = make_orders(
        customer, {"delivery_date": DUE}, {"status": "shipped"}, {"delivery_date": DUE}
    )
    assert done(visit("clerk"), "order", "confirm", *ids) == 409
    assert status(*ids) == ["draft", "shipped", "draft"]


def test_one_foreign_id_changes_nothing(visit):
    """AZ-6: one foreign, deleted, unknown or unreadable id → 404 and nothing changed."""
    mine = make_orders(make_customer("sales1"), {"delivery_date": DUE}, {"delivery_date": DUE})
    foreign = make_order(make_customer("sales3"), delivery_date=DUE)
    writer = visit("sales1")
    for bad in (foreign, 999_999, "abc", "-1", "1,2", 10**30, ""):
        for confirm in ({}, {"confirm": "1"}):
            answer = act(writer, "order", "confirm", *mine, bad, **confirm)
            assert answer.status_code == 404, (bad, confirm)
    assert status(*mine, foreign) == ["draft"] * 3


def test_an_action_nobody_has_is_missing(visit):
    """action/: an action that an entity does not have is 404, for every entity."""
    writer = visit("admin")
    for group in MENU.values():
        for screen in group:
            entity = screen.service.entity
            for action in ("", "nothing", "edit", "see", "__class__", "unmask"):
                assert done(writer, entity, action, 1) == 404, (entity, action)
    assert done(writer, "customer", "ship_part", 1) == 404
    assert done(writer, "customer", "confirm", 1) == 404
    assert done(writer, "order", "claim", 1) == 404


def test_a_missing_reason_is_422_at_its_field(visit):
    """action/: a missing or empty reason is 422 beside the input; a given one is kept in the history."""
    order = make_order(make_customer(), delivery_date=DUE)
    writer = visit("clerk")
    asked = act(writer, "order", "cancel", order)
    assert "reason" in fields_of(asked.text)
    for reason in ({}, {"reason": ""}, {"reason": " "}, {"reason": "x" * 201}):
        answer = act(writer, "order", "cancel", order, confirm="1", **reason)
        assert answer.status_code == 422, reason
        assert "reason" in Page(answer.text).errors, reason
    assert status(order) == ["draft"]
    assert done(writer, "order", "cancel", order, reason="客户<b>不要</b>了") == 302
    history = writer.get(f"/admin/order/history/?id={order}").text
    assert "客户&lt;b&gt;不要&lt;/b&gt;了" in history


def test_an_order_that_cannot_be_promised(visit):
    """Order life: to confirm needs a line, a delivery day not before the order's, a customer not frozen."""
    customer = make_customer()
    bare, undated, early, good = make_orders(
        customer,
        {"lines": [], "delivery_date": DUE},
        {},
        {"delivery_date": date(2026, 11, 1)},
        {"delivery_date": DUE},
    )
    writer = visit("clerk")
    for order, text in (
        (bare, "订单至少要有一行明细。"),
        (undated, "确认订单前请填写交货日期。"),
        (early, "交货日期不能早于下单日期。"),
    ):
        answer = act(writer, "order", "confirm", order, confirm="1")
        assert (answer.status_code, text in answer.text) == (422, True), text
    change(Customer, customer, status=CustomerStatus.FROZEN)
    answer = act(writer, "order", "confirm", good, confirm="1")
    assert (answer.status_code, "客户已冻结" in answer.text) == (409, True)
    assert set(status(bare, undated, early, good)) == {"draft"}


def test_credit_needs_somebody_who_answers_for_it(visit):
    """Overrides: above the limit is 422 with an input credit_reason; only a manager's reason lets it pass."""
    customer = make_customer("sales1", credit_limit=Decimal(1000), payment_terms="monthly_30")
    order = make_order(customer, delivery_date=DUE)
    for who, answers in (("sales1", (422, 422)), ("clerk", (422, 422)), ("manager", (422, 302))):
        writer = visit(who)
        answer = act(writer, "order", "confirm", order, confirm="1")
        assert (answer.status_code, "145.14" in answer.text) == (answers[0], True)
        assert "credit_reason" in fields_of(answer.text)
        assert "credit_reason" in Page(answer.text).errors
        excuse = {"credit_reason": "老客户，已电话确认", "excused": f"credit_reason-{order}"}
        assert done(writer, "order", "confirm", order, **excuse) == answers[1]
    assert status(order) == ["confirmed"]


def test_customers_are_claimed_released_and_handed_over(visit):
    """Actions of customer: claim out of the pool, release into it, transfer to somebody."""
    pool, mine = make_customers({}, owner=None)[0], make_customer("sales1")
    sales, manager = visit("sales2"), visit("manager")
    assert done(sales, "customer", "claim", pool) == 302
    assert load(Customer, pool).owner_id == user_id("sales2")
    assert done(sales, "customer", "claim", mine) == 404
    assert done(sales, "customer", "release", pool) == 403
    assert done(manager, "customer", "release", pool, mine) == 302
    assert load(Customer, mine).owner_id is None
    assert done(manager, "customer", "release", pool) == 409
    answer = act(manager, "customer", "transfer", pool, mine, confirm="1")
    assert (answer.status_code, list(Page(answer.text).errors)) == (422, ["owner"])
    for owner in ("abc", "999999", "1,2"):
        assert done(manager, "customer", "transfer", pool, owner=owner) == 422, owner
    assert done(manager, "customer", "transfer", pool, mine, owner=user_id("sales3")) == 302
    assert {load(Customer, one).owner_id for one in (pool, mine)} == {user_id("sales3")}


def test_many_rows_are_deleted_at_once_or_none(visit):
    """Actions of all: delete; asks first, deletes all of them or, if one may not go, none."""
    one, two = make_customers({"name": "恒达纸品"}, {"name": "顺风印刷"})
    people = make_contacts(one, {"name": "王工"}, {"name": "李工"})
    writer = visit("manager")
    asked = act(writer, "contact", "delete", *people)
    assert "相关信息将无法恢复，请确认操作。" in asked.text
    assert "王工" in asked.text
    assert done(writer, "contact", "delete", *people) == 302
    assert [load(Contact, person) for person in people] == [None, None]
    make_order(two)
    assert done(writer, "customer", "delete", one, two) == 409
    assert load(Customer, one).deleted_at is None
    assert done(writer, "customer", "delete", one) == 302
    assert load(Customer, one).deleted_at is not None
    assert done(visit("finance"), "customer", "delete", two) == 403
    assert done(visit("admin"), "setting", "delete", 1) == 404
    assert done(visit("admin"), "audit", "delete", 1) == 404


def test_how_many_rows_an_action_takes(visit):
    """action/: none and too many are refused, nothing is cut off silently; repeated ids count once."""
    order = make_order(make_customer(), delivery_date=DUE)
    writer = visit("clerk")
    assert done(writer, "order", "confirm") == 409
    assert done(writer, "order", "confirm", *range(1, 1_002)) == 409
    assert done(writer, "order", "confirm", order, order) == 302
    assert status(order) == ["confirmed"]


def test_actions_are_posted_with_a_token(visit):
    """CSRF-1, CSRF-2: GET is not answered, and without a token nothing happens."""
    order = make_order(make_customer(), delivery_date=DUE)
    writer = visit("clerk")
    values = {"action": "confirm", "rowid": str(order), "confirm": "1"}
    assert writer.get("/admin/order/action/", query_string=values).status_code == 405
    assert writer.browser.post("/admin/order/action/", data=values).status_code == 400
    assert status(order) == ["draft"]


def test_actions_are_judged_in_the_promised_order(visit):
    """Answers in order: 403 without the verb whatever the id, then 404, then 409, then 422."""
    mine = make_order(make_customer("sales1"), status="shipped")
    foreign = make_order(make_customer("sales3"))
    for one in (mine, foreign, 999_999):
        assert done(visit("viewer"), "order", "cancel", one) == 403
    sales = visit("sales1")
    assert done(sales, "order", "ship", mine) == 403
    assert done(sales, "order", "confirm", foreign) == 404
    assert done(sales, "order", "confirm", mine) == 409
    assert done(visit("clerk"), "order", "cancel", mine) == 409


def test_every_step_is_in_the_audit(visit):
    """AUD-1: the action is order.<verb> with the change of state."""
    from sqlalchemy import select

    from app.core.db import db

    order = make_order(make_customer(), delivery_date=DUE)
    done(visit("clerk"), "order", "confirm", order)
    rows = select(Audit).where(Audit.entity == "order", Audit.record_id == order)
    entry = db.session.scalars(rows.order_by(Audit.id.desc())).first()
    assert (entry.action, entry.changes["status"]) == ("order.confirm", ["draft", "confirmed"])


def test_a_failure_in_the_middle_leaves_everything_as_it_was(visit):
    """AZ-6: whatever happens to the last row, the first ones are not changed either."""
    ids = make_orders(make_customer(), *({"delivery_date": DUE} for _ in range(3)))
    writer = visit("clerk")
    step, seen = "app.services.order.Orders._keep", []

    def fail(self: Any, *_rest: Any) -> None:
        seen.append(1)
        if len(seen) == 3:
            raise RuntimeError

    with patch(step, fail):
        assert done(writer, "order", "confirm", *ids) == 500
    assert status(*ids) == ["draft"] * 3
