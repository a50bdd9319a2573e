"""Numbers: consecutive, never twice, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed, RuleBroken
from app.core.work import SYSTEM, work_for
from app.models.customer import Customer
from app.models.number_series import NumberSeries
from app.models.order import Order
from app.services.customer import customers
from app.services.number_series import next_number, reserve_numbers
from app.services.order import orders
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import load
from tests.factories.order import line, make_order, make_orders
from tests.services.conftest import actor_named

NOVEMBER = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
PARALLEL = 20


@pytest.fixture
def november():
    with clock.freeze(NOVEMBER) as hands:
        yield hands


def number_of(order):
    return load(Order, order).order_no


def new_order(customer, **values):
    return {"customer": customer, "order_date": date(2026, 11, 24), "lines": [line()], **values}


def test_numbers_begin_at_one_and_have_no_gaps(app):
    with work_for(SYSTEM) as work:
        assert [next_number(work, "SO", "202611") for _ in range(3)] == [1, 2, 3]
        assert next_number(work, "SO", "202612") == 1
        assert next_number(work, "C") == 1
        assert reserve_numbers(work, "SO", "202611", 5) == range(4, 9)
        assert next_number(work, "SO", "202611") == 9


def test_work_that_fails_gives_its_number_back(app):
    def fail():
        with work_for(SYSTEM) as work:
            assert next_number(work, "SO", "202611") == 1
            raise NotAllowed

    with pytest.raises(NotAllowed):
        fail()
    with work_for(SYSTEM) as work:
        assert next_number(work, "SO", "202611") == 1


def test_order_numbers_count_within_the_month(app, november):
    """REL-26"""
    customer = make_customer()
    assert number_of(make_order(customer)) == "SO202611-0001"
    assert number_of(make_order(customer)) == "SO202611-0002"
    november.advance(timedelta(days=10))
    assert number_of(make_order(customer)) == "SO202612-0001"


def test_the_month_is_that_of_the_wall_clock_not_of_the_order_date(app):
    """REL-17: half an hour past midnight in Shanghai is still yesterday in Greenwich."""
    with clock.freeze(datetime(2026, 11, 30, 16, 30, tzinfo=UTC)):
        order = make_order(make_customer(), order_date=date(2026, 11, 30))
    assert number_of(order) == "SO202612-0001"


def test_the_ten_thousandth_order_of_a_month_has_five_digits(app, november):
    with work_for(SYSTEM) as work:
        reserve_numbers(work, "SO", "202611", 9_999)
    assert number_of(make_order(make_customer())) == "SO202611-10000"


def test_a_refused_creation_leaves_no_gap(app, november, work_as):
    """REL-26"""
    customer = make_customer()
    make_order(customer)
    for wrong in (
        {"lines": [line(quantity=0)]},
        {"order_date": None},
        {"lines": [line(description="")]},
        {"customer": 10**9},
    ):
        with pytest.raises(RuleBroken), work_as("clerk") as work:
            orders.create(work, new_order(customer) | wrong)
    assert number_of(make_order(customer)) == "SO202611-0002"


def test_a_refused_customer_leaves_no_gap(app, work_as):
    make_customer(name="苏州云松食品有限公司")
    for _ in range(2):
        with pytest.raises(RuleBroken), work_as("clerk") as work:
            customers.create(work, {"name": "苏州云松食品有限公司"})
    assert load(Customer, make_customer()).code == "C000002"


def test_numbers_are_never_given_again(app, november):
    """REL-26"""
    customer = make_customer()
    first, second = make_orders(customer, {}, {})
    with work_for(SYSTEM) as work:
        for order in (first, second):
            orders.delete(work, work.session.get_one(Order, order), version=1)
    assert number_of(make_order(customer)) == "SO202611-0003"


def test_nobody_chooses_a_number(app, november, work_as):
    with work_as("clerk") as work:
        customer = customers.create(work, {"name": "苏州云松食品有限公司"}).id
    with work_as("clerk") as work:
        order = orders.create(work, new_order(customer))
        orders.update(work, order, {}, version=order.version)
        assert order.order_no == "SO202611-0001"


def in_parallel(app, actions):
    """Do all *actions* at the same moment, each in a thread of its own; return what came of them."""
    start = Barrier(len(actions))

    def run(action):
        with app.app_context():
            start.wait()
            try:
                return action()
            except RuleBroken:
                return None
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


@pytest.mark.parametrize("firms", [1, PARALLEL], ids=["one customer", "many customers"])
def test_twenty_orders_at_once_are_numbered_in_a_row(app, november, firms):
    """REL-4, REL-26"""
    ids = make_customers(*[{}] * firms)
    actor = actor_named("clerk")

    def create(customer):
        with work_for(actor) as work:
            return orders.create(work, new_order(customer)).order_no

    jobs = [lambda n=n: create(ids[n % firms]) for n in range(PARALLEL)]
    numbers = in_parallel(app, jobs)
    assert sorted(numbers) == [f"SO202611-{n:04d}" for n in range(1, PARALLEL + 1)]


def test_refusals_in_between_leave_no_gap(app, november):
    """REL-4, REL-26"""
    customer, actor = make_customer(), actor_named("clerk")

    def create(n):
        with work_for(actor) as work:
            quantity = 0 if n % 2 else 1000
            return orders.create(
                work, new_order(customer, lines=[line(quantity=quantity)])
            ).order_no

    numbers = in_parallel(app, [lambda n=n: create(n) for n in range(PARALLEL)])
    made = sorted(filter(None, numbers))
    assert made == [f"SO202611-{n:04d}" for n in range(1, PARALLEL // 2 + 1)]
    kept = select(NumberSeries.last).where(NumberSeries.kind == "SO")
    assert db.session.scalar(kept) == PARALLEL // 2


def test_customers_made_at_once_have_codes_in_a_row(app):
    """REL-2: of those with one name exactly one is made."""
    actor = actor_named("manager")

    def create(n):
        with work_for(actor) as work:
            name = (
                "苏州云松食品有限公司"
                if n % 2
                else f"苏州鹭汀{'甲乙丙丁戊己庚辛壬癸'[n // 2]}有限公司"
            )
            return customers.create(work, {"name": name, "credit_limit": Decimal(n)}).code

    codes = sorted(filter(None, in_parallel(app, [lambda n=n: create(n) for n in range(PARALLEL)])))
    assert codes == [f"C{n:06d}" for n in range(1, PARALLEL // 2 + 2)]
    db.session.remove()
    names = db.session.scalars(select(Customer.name)).all()
    assert names.count("苏州云松食品有限公司") == 1
