"""The life of an order: what each step needs, what stays open, what is refused and why."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Blocked, NotAllowed, RuleBroken
from app.domain.customer import CustomerStatus
from app.domain.order import ORDER_FLOW, OrderStatus
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.order import Order
from app.services.order import orders
from app.services.rows import ChildRow
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line, make_order
from tests.services.conftest import DUE, ORDERED, problems_of, ready, status


@pytest.mark.parametrize(
    ("lack", "field"),
    [
        ({"lines": []}, "lines"),
        ({"delivery_date": None}, "delivery_date"),
        ({"delivery_date": date(2026, 11, 19)}, "delivery_date"),
    ],
)
def test_confirming_needs_lines_and_a_day_to_deliver(app, customer, step, lack, field):
    order = make_order(customer, **({"delivery_date": DUE} | lack))
    with pytest.raises(RuleBroken) as refusal:
        step(order, "confirm", "sales1")
    assert set(problems_of(refusal)) == {field}
    assert status(order) is OrderStatus.DRAFT


def test_delivery_on_the_day_of_the_order_is_early_enough(app, customer, step):
    order = make_order(customer, delivery_date=ORDERED)
    step(order, "confirm", "sales1")
    assert status(order) is OrderStatus.CONFIRMED


def test_frozen_customers_get_no_promise(app, step):
    customer = make_customer()
    order = ready(customer)
    change(Customer, customer, status=CustomerStatus.FROZEN)
    with pytest.raises(Blocked):
        step(order, "confirm")
    assert status(order) is OrderStatus.DRAFT
    change(Customer, customer, status=CustomerStatus.ACTIVE)
    step(order, "confirm")


def locked_values(order):
    line_id = load(Order, order).lines[0].id
    return {
        "customer": make_customer(),
        "order_date": date(2026, 11, 1),
        "currency": "USD",
        "deposit": Decimal(1),
        "lines": [ChildRow("lines-0", line_id, {"unit_price": Decimal(9)})],
    }


@pytest.mark.parametrize("state", [one for one in OrderStatus if one is not OrderStatus.DRAFT])
def test_what_was_promised_is_locked(app, customer, edit, state):
    """AZ-4"""
    order = ready(customer, status=state)
    version = load(Order, order).version
    for name, value in locked_values(order).items():
        with pytest.raises(Blocked):
            edit(order, remark="同时改", **{name: value})
    found = load(Order, order)
    assert (found.remark, found.version, found.customer_id) == (None, version, customer)
    assert str(found.lines[0].unit_price) == "1.0134"


def test_no_line_comes_or_goes_after_the_promise(app, customer, edit):
    order = ready(customer, status=OrderStatus.CONFIRMED)
    gone = ChildRow("lines-0", load(Order, order).lines[0].id, {}, delete=True)
    for row in (gone, line(1)):
        with pytest.raises(Blocked):
            edit(order, lines=[row])
    assert len(load(Order, order).lines) == 1


def test_what_does_not_touch_the_promise_stays_open(app, customer, edit):
    order = ready(customer, status=OrderStatus.CONFIRMED)
    for name, value in {
        "delivery_date": date(2026, 12, 31),
        "customer_po": "PO-1",
        "contact": make_contact(customer),
        "delivery_address": "苏州市吴中区金枫路 1 号",
        "is_urgent": True,
        "remark": "改色",
    }.items():
        edit(order, **{name: value})
        kept = load(Order, order)
        assert (kept.contact_id if name == "contact" else getattr(kept, name)) == value


@pytest.mark.parametrize("day", [None, date(2026, 11, 19)])
def test_a_promised_order_keeps_a_day_to_deliver(app, customer, edit, day):
    order = ready(customer, status=OrderStatus.CONFIRMED)
    with pytest.raises(RuleBroken) as refusal:
        edit(order, delivery_date=day)
    assert set(problems_of(refusal)) == {"delivery_date"}
    assert load(Order, order).delivery_date == DUE


def test_after_reopening_lines_can_change_again(app, customer, step, edit):
    order = ready(customer)
    step(order, "confirm")
    step(order, "reopen")
    edit(order, lines=[ChildRow("lines-0", load(Order, order).lines[0].id, {"quantity": 1})])
    assert str(load(Order, order).amount) == "1.14"


# -- the whole way ---------------------------------------------------------------------------------


def test_an_order_goes_its_way(app, customer, step):
    order = ready(customer)
    for verb, state in (
        ("confirm", OrderStatus.CONFIRMED),
        ("produce", OrderStatus.PRODUCING),
        ("ship", OrderStatus.SHIPPED),
        ("complete", OrderStatus.COMPLETED),
    ):
        step(order, verb, "clerk")
        assert status(order) is state


def test_an_order_may_leave_in_parts(app, customer, step):
    """Order life: until deliveries exist, shipping in parts is a button, too."""
    for verb, reason in (("ship", None), ("short_close", "余数不要了")):
        order = ready(customer, status=OrderStatus.PRODUCING)
        step(order, "ship_part", "clerk")
        assert status(order) is OrderStatus.PART_SHIPPED
        step(order, verb, "clerk", reason=reason)
        assert status(order) is ORDER_FLOW[verb].target


@pytest.mark.parametrize("verb", [one.verb for one in ORDER_FLOW.actions])
def test_every_step_is_refused_from_the_wrong_state(app, customer, step, verb):
    for state in OrderStatus:
        order = ready(customer, status=state)
        if state in ORDER_FLOW[verb].sources:
            step(order, verb, reason="客户要求")
            assert status(order) is ORDER_FLOW[verb].target
        else:
            with pytest.raises(Blocked):
                step(order, verb, reason="客户要求")
            assert status(order) is state


@pytest.mark.parametrize(
    ("verb", "state"), [("cancel", OrderStatus.CONFIRMED), ("short_close", OrderStatus.SHIPPED)]
)
def test_giving_up_needs_a_reason(app, customer, step, verb, state):
    order = ready(customer, status=state)
    for nothing in (None, "", "  ", "x"):
        with pytest.raises(RuleBroken) as refusal:
            step(order, verb, reason=nothing)
        assert set(problems_of(refusal)) == {"reason"}
    assert status(order) is state


def test_the_reason_is_remembered(app, customer, step):
    """AUD-1"""
    order = ready(customer)
    step(order, "cancel", reason="客户改期")
    entry = db.session.scalars(select(Audit).where(Audit.action == "order.cancel")).one()
    assert entry.record_id == order
    assert entry.changes == {"reason": [None, "客户改期"], "status": ["draft", "cancelled"]}


@pytest.mark.parametrize(
    ("who", "verbs"),
    [
        ("sales1", {"confirm"}),
        ("clerk", {one.verb for one in ORDER_FLOW.actions}),
        ("finance", set()),
        ("auditor", set()),
        ("viewer", set()),
    ],
)
def test_each_step_needs_its_permission(app, customer, work_as, who, verbs):
    """AZ-4"""
    order = ready(customer)
    for verb in (one.verb for one in ORDER_FLOW.actions):
        if verb not in verbs:
            with pytest.raises(NotAllowed), work_as(who) as work:
                orders.step(work, work.session.get_one(Order, order), verb, {"reason": "客户要求"})
    assert status(order) is OrderStatus.DRAFT
