"""Orders as they are entered: drafts that make sense, and how they go."""

from decimal import Decimal

import pytest

from app.core.errors import Blocked, Missing, RuleBroken, Stale
from app.core.work import SYSTEM, work_for
from app.domain.customer import CustomerStatus
from app.domain.order import ORDER_FLOW, OrderStatus
from app.models.customer import Customer
from app.models.order import Order, OrderLine
from app.services.contact import contacts
from app.services.order import orders
from app.services.rows import ChildRow
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.factories.order import line, make_order
from tests.services.conftest import ORDERED, problems_of, ready

# -- drafts -----------------------------------------------------------------------------------


def test_a_new_order_is_a_draft_of_whoever_made_it(app, customer, work_as):
    with work_as("sales1") as work:
        order = orders.create(
            work, {"customer": customer, "order_date": ORDERED, "lines": [line()]}
        )
        assert order.status is OrderStatus.DRAFT
        assert order.created_by == work.actor.user_id
    assert str(load(Order, order.id).amount) == "1145.14"


def test_a_new_order_shows_at_the_customer(app, customer):
    order = load(Order, make_order(customer))
    assert load(Customer, customer).last_order_at == order.created_at
    assert load(Customer, customer).status is CustomerStatus.ACTIVE


def test_an_order_does_not_stand_in_the_way_of_who_edits_its_customer(app, work_as):
    """REL-1: nobody else changed the customer, so nobody is told so."""
    customer = make_customer(status="active")
    seen = load(Customer, customer).version
    make_order(customer)
    assert load(Customer, customer).version == seen


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"customer": None}, "customer"),
        ({"customer": 10**12}, "customer"),
        ({"order_date": None}, "order_date"),
        ({"lines": [line(description=None)]}, "lines-0-description"),
        ({"lines": [line(quantity=None)]}, "lines-0-quantity"),
        ({"lines": [line(quantity=0)]}, "lines-0-quantity"),
        ({"lines": [line(quantity=-5)]}, "lines-0-quantity"),
        ({"lines": [line(unit_price=None)]}, "lines-0-unit_price"),
        ({"lines": [line(unit_price=Decimal("-0.01"))]}, "lines-0-unit_price"),
        ({"lines": [line(tax_rate=Decimal("100.01"))]}, "lines-0-tax_rate"),
        ({"lines": [line(tax_rate=Decimal(-1))]}, "lines-0-tax_rate"),
        ({"lines": [line(tolerance=Decimal(101))]}, "lines-0-tolerance"),
        ({"lines": [line(spare_quantity=-1)]}, "lines-0-spare_quantity"),
        ({"lines": [line(), line(1, quantity=0)]}, "lines-1-quantity"),
        ({"deposit": Decimal(-1)}, "deposit"),
        ({"lines": [line(quantity=10**12, unit_price=Decimal(10**6))]}, "lines"),
    ],
)
def test_a_draft_must_make_sense(app, customer, work_as, wrong, field):
    values = {"customer": customer, "order_date": ORDERED, "lines": [line()]} | wrong
    with pytest.raises(RuleBroken) as refusal, work_as("clerk") as work:
        orders.create(work, values)
    assert set(problems_of(refusal)) == {field}


def test_free_goods_are_fine(app, customer):
    order = load(Order, make_order(customer, lines=[line(unit_price=Decimal(0))]))
    assert str(order.amount) == "0.00"


def test_lines_of_a_draft_change_freely(app, customer, edit):
    order = make_order(customer, lines=[line(0), line(1), line(2)])
    first, second, third = (one.id for one in load(Order, order).lines)
    edit(
        order,
        lines=[
            ChildRow("lines-0", first, {"quantity": 2000}),
            ChildRow("lines-1", second, {}, delete=True),
            line(5, description="新的彩盒", quantity=10, unit_price=Decimal(1)),
        ],
    )
    found = load(Order, order)
    assert [one.id for one in found.lines][:2] == [first, third]
    assert [one.quantity for one in found.lines] == [2000, 1000, 10]
    assert found.amount == sum(one.amount for one in found.lines)
    assert load(OrderLine, second) is None


def test_lines_of_another_order_are_out_of_reach(app, customer, edit):
    """AZ-7"""
    order, other = make_order(customer), make_order(customer)
    foreign = load(Order, other).lines[0].id
    for row in (
        ChildRow("lines-0", foreign, {"quantity": 1}),
        ChildRow("lines-0", foreign, {}, True),
    ):
        with pytest.raises(Missing):
            edit(order, lines=[row])
    assert load(OrderLine, foreign).quantity == 1000


def test_changing_a_line_makes_the_order_newer(app, customer, edit):
    """REL-1"""
    order = make_order(customer, lines=[line(unit_price=Decimal(0))])
    before = load(Order, order)
    edit(order, lines=[ChildRow("lines-0", before.lines[0].id, {"description": "别的"})])
    assert load(Order, order).version == before.version + 1


def test_the_second_of_two_editors_is_told(app, customer, work_as):
    """REL-1"""
    order = make_order(customer)
    with work_as("clerk") as work:
        orders.update(work, work.session.get_one(Order, order), {"remark": "一"}, version=1)
    with pytest.raises(Stale), work_as("manager") as work:
        orders.update(work, work.session.get_one(Order, order), {"remark": "二"}, version=1)
    assert load(Order, order).remark == "一"


def test_the_contact_must_be_the_customers(app, customer, edit):
    """AZ-7"""
    other = make_customer()
    mine, theirs = make_contact(customer), make_contact(other)
    order = make_order(customer, contact=mine)
    with pytest.raises(RuleBroken) as refusal:
        edit(order, contact=theirs)
    assert set(problems_of(refusal)) == {"contact"}
    with pytest.raises(RuleBroken):
        edit(order, customer=other)  # its contact stayed behind
    edit(order, customer=other, contact=theirs)
    assert load(Order, order).contact_id == theirs


def test_a_contact_that_is_deleted_leaves_the_order(app, customer):
    contact = make_contact(customer)
    order = make_order(customer, contact=contact)
    with work_for(SYSTEM) as work:
        found = work.session.get_one(contacts.model, contact)
        contacts.delete(work, found, version=found.version)
    assert load(Order, order).contact_id is None


# -- the customer's own number ------------------------------------------------------------------


def test_a_repeated_customer_po_is_a_warning_naming_the_other(app, customer, work_as):
    first = load(Order, make_order(customer, customer_po="PO-77")).order_no
    again = {"customer": customer, "order_date": ORDERED, "customer_po": "PO-77", "lines": [line()]}
    with pytest.raises(RuleBroken) as refusal, work_as("clerk") as work:
        orders.create(work, again)
    (problem,) = refusal.value.problems
    assert (problem.field, problem.override) == ("customer_po", "customer_po_confirm")
    assert problem.facts["no"] == first
    with work_as("clerk") as work:
        orders.create(work, {**again, "customer_po_confirm": "1"})


def test_whoever_confirmed_a_customer_po_is_not_asked_at_every_edit(app, customer, edit):
    make_order(customer, customer_po="PO-77")
    order = make_order(customer, customer_po="PO-77", customer_po_confirm="1")
    edit(order, customer_po="PO-77", remark="加急")
    assert load(Order, order).remark == "加急"


def test_other_customers_and_the_trash_may_use_the_same_po(app, customer, work_as):
    order = make_order(customer, customer_po="PO-77")
    make_order(make_customer(), customer_po="PO-77")
    with work_as("manager") as work:
        orders.delete(work, work.session.get_one(Order, order), version=1)
    make_order(customer, customer_po="PO-77")


# -- deleting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(OrderStatus))
def test_only_drafts_and_cancelled_orders_go(app, customer, work_as, state):
    """AZ-11"""
    order = ready(customer, status=state)
    version = load(Order, order).version

    def delete():
        with work_as("manager") as work:
            orders.delete(work, work.session.get_one(Order, order), version=version)

    if state in (OrderStatus.DRAFT, OrderStatus.CANCELLED):
        delete()
        assert load(Order, order).deleted_at is not None
        assert len(load(Order, order).lines) == 1  # the trash keeps it whole
        return
    with pytest.raises(Blocked) as refusal:
        delete()
    can_cancel = state in ORDER_FLOW["cancel"].sources
    assert ("取消" in refusal.value.message) == can_cancel
    assert load(Order, order).deleted_at is None
