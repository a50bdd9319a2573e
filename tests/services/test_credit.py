"""Credit: who may owe how much, and who may let it pass."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import NotAllowed, RuleBroken
from app.core.work import SYSTEM, work_for
from app.domain.customer import PaymentTerms
from app.domain.order import OrderStatus
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.order import Order
from app.models.role import Role
from app.models.setting import Setting
from app.services.customer import customers
from app.services.order import credit_used, orders
from app.services.rows import ChildRow
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line
from tests.services.conftest import actor_named, problems_of, ready, status


def limited(limit, **values):
    return make_customer(credit_limit=Decimal(limit), payment_terms="monthly_30", **values)


def worth(customer, amount, **values):
    """Return an order of exactly *amount*, tax and all."""
    given = line(quantity=1, unit_price=Decimal(amount), tax_rate=Decimal(0))
    return ready(customer, lines=[given], **values)


@pytest.mark.parametrize(
    ("limit", "fits"), [("1000.00", True), ("1000.01", True), ("999.99", False), ("0", False)]
)
def test_at_the_limit_is_within_it_a_cent_more_is_not(app, step, limit, fits):
    order = worth(limited(limit), "1000.00")
    if fits:
        step(order, "confirm", "sales1")
        assert status(order) is OrderStatus.CONFIRMED
    else:
        with pytest.raises(RuleBroken) as refusal:
            step(order, "confirm", "sales1")
        assert set(problems_of(refusal)) == {"credit_reason"}
        assert status(order) is OrderStatus.DRAFT


def test_the_refusal_says_by_how_much(app, step):
    order = worth(limited("1000"), "3234.56")
    with pytest.raises(RuleBroken) as refusal:
        step(order, "confirm", "sales1")
    (problem,) = refusal.value.problems
    assert problem.message % problem.facts == (
        "确认后将超出信用额度 2,234.56 元，需由经理填写原因后放行。"
    )
    assert problem.override == "credit_reason"


def test_the_refusal_names_no_amount_to_those_who_do_not_see_money(app, step):
    role = db.session.scalar(select(Role.id).where(Role.name == "sales"))
    change(Role, role, hidden=["money"])
    order = worth(limited("1000"), "3234.56")
    with pytest.raises(RuleBroken) as refusal:
        step(order, "confirm", "sales1")
    (problem,) = refusal.value.problems
    assert problem.message == "确认后将超出信用额度，需由经理填写原因后放行。"
    assert (problem.facts, problem.override) == ({}, "credit_reason")


def test_no_limit_means_no_check(app, step):
    order = worth(make_customer(), "99999999")
    step(order, "confirm", "sales1")


def test_prepaid_customers_are_not_checked(app, step):
    customer = make_customer(credit_limit=Decimal(0), payment_terms=PaymentTerms.PREPAID)
    step(worth(customer, "1000"), "confirm", "sales1")


def test_cash_on_delivery_is_credit_until_then(app, step):
    customer = make_customer(credit_limit=Decimal(999), payment_terms=PaymentTerms.COD)
    with pytest.raises(RuleBroken):
        step(worth(customer, "1000"), "confirm", "sales1")


def test_no_credit_still_allows_what_costs_nothing(app, step):
    step(worth(limited("0"), "0"), "confirm", "sales1")


def test_open_and_unpaid_orders_use_credit(app, step):
    customer = limited("1000")
    for state in ("confirmed", "producing", "part_shipped", "shipped"):
        worth(customer, "200", status=state)
    for state in ("draft", "completed", "cancelled"):
        worth(customer, "5000", status=state)
    assert credit_used(db.session(), customer) == Decimal(800)
    step(worth(customer, "200"), "confirm", "sales1")
    with pytest.raises(RuleBroken):
        step(worth(customer, "0.01"), "confirm", "sales1")


def test_what_was_paid_frees_credit(app, step):
    customer = limited("1000")
    worth(customer, "900", status="shipped", received=Decimal("500.00"))
    step(worth(customer, "600"), "confirm", "sales1")
    with pytest.raises(RuleBroken):
        step(worth(customer, "0.01"), "confirm", "sales1")


def test_orders_of_others_do_not_count(app, step):
    worth(limited("1000"), "1000", status="confirmed")
    step(worth(limited("1000"), "1000"), "confirm", "sales1")


def test_an_order_that_goes_on_is_not_counted_twice(app, step):
    order = worth(limited("1000"), "1000")
    for verb in ("confirm", "produce", "ship"):
        step(order, verb, "clerk")
    assert status(order) is OrderStatus.SHIPPED


def test_cancelling_and_reopening_give_credit_back(app, step):
    customer = limited("1000")
    first, second = worth(customer, "1000"), worth(customer, "1000")
    step(first, "confirm", "clerk")
    with pytest.raises(RuleBroken):
        step(second, "confirm", "clerk")
    step(first, "reopen", "clerk")
    step(second, "confirm", "clerk")
    step(second, "cancel", "clerk", reason="客户取消")
    step(first, "confirm", "clerk")


def test_reopening_and_raising_the_price_is_checked_again(app, step, edit):
    customer = limited("1000")
    order = worth(customer, "1000")
    step(order, "confirm", "clerk")
    step(order, "reopen", "clerk")
    row = load(Order, order).lines[0].id
    edit(order, lines=[ChildRow("lines-0", row, {"unit_price": Decimal("1000.01")})])
    with pytest.raises(RuleBroken):
        step(order, "confirm", "clerk")


def test_managers_let_it_pass_with_a_reason(app, step):
    """AZ-4"""
    order = worth(limited("0"), "1000")
    for nothing in ("", " ", "x", None):
        with pytest.raises(RuleBroken):
            step(order, "confirm", "manager", credit_reason=nothing)
    step(order, "confirm", "manager", credit_reason="已收到付款承诺")
    assert status(order) is OrderStatus.CONFIRMED
    entry = db.session.scalars(select(Audit).where(Audit.action == "order.confirm")).one()
    assert entry.changes["credit_reason"] == [None, "已收到付款承诺"]


@pytest.mark.parametrize("who", ["sales1", "clerk"])
def test_a_reason_helps_nobody_else(app, step, who):
    """AZ-4"""
    order = worth(limited("0"), "1000")
    with pytest.raises(RuleBroken):
        step(order, "confirm", who, credit_reason="客户很急，先做")
    assert status(order) is OrderStatus.DRAFT


def change_as(work_as, who, customer, **values):
    with work_as(who) as work:
        found = work.session.get_one(Customer, customer)
        customers.update(work, found, values, version=found.version)


def turn_off_open_orders():
    with work_for(SYSTEM) as work:
        knob = work.session.scalars(
            select(Setting).where(Setting.key == "open_orders_use_credit")
        ).one()
        knob.value = "0"


def test_the_setting_takes_open_orders_out_until_they_are_shipped(app, step):
    turn_off_open_orders()
    customer = limited("1000")
    first, second = worth(customer, "800"), worth(customer, "800")
    for order in (first, second):
        step(order, "confirm", "clerk")
        step(order, "produce", "clerk")
    assert credit_used(db.session(), customer) == 0
    step(first, "ship", "clerk")
    assert credit_used(db.session(), customer) == Decimal(800)
    with pytest.raises(RuleBroken) as refusal:
        step(second, "ship", "clerk")
    assert set(problems_of(refusal)) == {"credit_reason"}
    step(second, "ship", "manager", credit_reason="已收到付款承诺")


def test_two_confirmed_at_once_do_not_both_fit(app):
    """REL-4: the one who comes second sees what the first one used."""
    customer = limited("1000")
    both = [worth(customer, "600"), worth(customer, "600")]
    actor, start = actor_named("clerk"), Barrier(2)
    db.session.remove()

    def confirm(order):
        with app.app_context():
            start.wait()
            try:
                with work_for(actor) as work:
                    orders.step(work, work.session.get_one(Order, order), "confirm", {})
            except RuleBroken:
                return False
            return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(confirm, both)) == [False, True]


@pytest.mark.parametrize("who", ["sales1", "clerk"])
@pytest.mark.parametrize(
    "values", [{"credit_limit": Decimal(10**6)}, {"payment_terms": PaymentTerms.PREPAID}]
)
def test_limits_and_terms_are_not_changed_by_those_who_sell(app, work_as, who, values):
    """AZ-4, AZ-8"""
    customer = limited("1000")
    with pytest.raises(NotAllowed):
        change_as(work_as, who, customer, **values)


def test_finance_changes_limits_and_terms_and_nothing_else(app, work_as):
    """AZ-4"""
    customer = limited("1000")

    change_as(
        work_as,
        "finance",
        customer,
        credit_limit=Decimal(5000),
        payment_terms=PaymentTerms.MONTHLY_60,
    )
    assert load(Customer, customer).credit_limit == Decimal(5000)
    for name, value in (("short_name", "新"), ("owner", None), ("level", "A"), ("tax_rate", 6)):
        with pytest.raises(NotAllowed):
            change_as(work_as, "finance", customer, **{name: value})


def test_a_limit_below_zero_is_refused(app, work_as):
    with pytest.raises(RuleBroken) as refusal:
        change_as(work_as, "finance", limited("1000"), credit_limit=Decimal(-1))
    assert problems_of(refusal) == {"credit_limit": "不能小于 0。"}


def test_lowering_a_limit_stops_what_comes_next_only(app, step):
    customer = limited("1000")
    order = worth(customer, "1000")
    step(order, "confirm", "clerk")
    change(Customer, customer, credit_limit=Decimal(1))
    step(order, "produce", "clerk")
    with pytest.raises(RuleBroken):
        step(worth(customer, "1"), "confirm", "clerk")
