"""Money is exact from the form to the database, its sums, filters and sort orders."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import func, inspect, select, text

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.order import line_amounts
from app.models.base import Base
from app.models.customer import Customer
from app.models.order import Order, OrderLine
from app.models.types import ScaledDecimal
from app.services.customer import customers
from app.services.filtering import Condition, InvalidFilter
from app.services.listing import Listing, Sort
from app.services.order import credit_used, orders
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import load
from tests.factories.order import line, make_order, make_orders

MANY = 1_000

#: quantity, net unit price, tax rate → net, tax, gross.
TRAPS = [
    (1, "0.1", "13", "0.10", "0.01", "0.11"),
    (1, "0.2", "13", "0.20", "0.03", "0.23"),
    (3, "0.1", "0", "0.30", "0.00", "0.30"),
    (1, "0.005", "0", "0.01", "0.00", "0.01"),  # half up, not half even
    (1, "0.0049", "0", "0.00", "0.00", "0.00"),
    (1, "2.675", "0", "2.68", "0.00", "2.68"),  # 2.67 in binary
    (1, "1.005", "0", "1.01", "0.00", "1.01"),  # 1.00 in binary
    (50, "0.0301", "0", "1.51", "0.00", "1.51"),
    (10_000, "1.0134", "13", "10134.00", "1317.42", "11451.42"),
    (10_000, "0.9157", "13", "9157.00", "1190.41", "10347.41"),
    (7, "0.3333", "13", "2.33", "0.30", "2.63"),
    (3, "33.3333", "13", "100.00", "13.00", "113.00"),
    (1, "0.5", "1", "0.50", "0.01", "0.51"),  # tax 0.005
    (1, "3.5", "13", "3.50", "0.46", "3.96"),  # tax 0.455
    (999_999, "9999.9999", "13", "9999989900.00", "1299998687.00", "11299988587.00"),
    (1, "100", "8.5", "100.00", "8.50", "108.50"),
    (5, "0", "13", "0.00", "0.00", "0.00"),
]


def listed(*conditions, sort=None, service=orders):
    listing = Listing(
        db.session(), service, SYSTEM, conditions=conditions, sort=sort or Sort("id", False)
    )
    return [record.id for record in listing.page(200).records]


def amounts_of(record):
    return tuple(str(value) for value in (record.net_amount, record.tax_amount, record.amount))


@pytest.mark.parametrize("trap", TRAPS, ids=str)
def test_lines_round_half_up_once_each(app, trap):
    """REL-16"""
    quantity, price, rate, *wanted = trap
    given = line(quantity=quantity, unit_price=Decimal(price), tax_rate=Decimal(rate))
    order = load(Order, make_order(make_customer(), lines=[given]))
    assert [*amounts_of(order.lines[0])] == wanted
    assert [*amounts_of(order)] == wanted
    assert order.lines[0].unit_price == Decimal(price)


def test_an_order_is_the_sum_of_its_rounded_lines(app):
    """REL-16: three times 0.005 is three cents, not two."""
    half = {"quantity": 1, "unit_price": Decimal("0.005"), "tax_rate": Decimal(0)}
    order = load(Order, make_order(make_customer(), lines=[line(n, **half) for n in range(3)]))
    assert amounts_of(order) == ("0.03", "0.00", "0.03")


def test_tax_is_rounded_per_line(app):
    """REL-16: of the sum it would be 0.01, of each line it is nothing."""
    small = {"quantity": 1, "unit_price": Decimal("0.03"), "tax_rate": Decimal(13)}
    order = load(Order, make_order(make_customer(), lines=[line(n, **small) for n in range(3)]))
    assert amounts_of(order) == ("0.09", "0.00", "0.09")


def test_lines_may_have_rates_of_their_own(app):
    rates = ("13", "9", "6", "1", "0")
    lines = [
        line(n, quantity=100, unit_price=Decimal("1.2345"), tax_rate=Decimal(rate))
        for n, rate in enumerate(rates)
    ]
    order = load(Order, make_order(make_customer(), lines=lines))
    assert [str(one.tax_amount) for one in order.lines] == [
        "16.05",
        "11.11",
        "7.41",
        "1.23",
        "0.00",
    ]
    assert amounts_of(order) == ("617.25", "35.80", "653.05")


def test_a_line_without_a_rate_takes_the_customers(app):
    customer = make_customer(tax_rate=Decimal(6))
    order = load(Order, make_order(customer, lines=[line(quantity=100, unit_price=Decimal(1))]))
    assert amounts_of(order) == ("100.00", "6.00", "106.00")


def test_a_thousand_lines_are_right_to_the_cent(app):
    """REL-16"""
    dice = Random(16)
    facts = [
        (dice.randint(1, 99_999), Decimal(dice.randint(1, 999_999)).scaleb(-4), Decimal(rate))
        for rate in dice.choices((13, 9, 6, 1, 0), k=MANY)
    ]
    lines = [
        line(n, quantity=quantity, unit_price=price, tax_rate=rate)
        for n, (quantity, price, rate) in enumerate(facts)
    ]
    order = load(Order, make_order(make_customer(), lines=lines))
    cent = [
        # In whole ten-thousandths and cents, without any Decimal.
        (net := (q * int(p.scaleb(4)) + 50) // 100, (net * int(r) + 50) // 100)
        for q, p, r in facts
    ]
    net, tax = sum(n for n, _ in cent), sum(t for _, t in cent)
    assert order.net_amount == Decimal(net).scaleb(-2)
    assert order.tax_amount == Decimal(tax).scaleb(-2)
    assert order.amount == Decimal(net + tax).scaleb(-2)
    sums = select(func.sum(OrderLine.net_amount), func.sum(OrderLine.amount))
    assert db.session.execute(sums).one() == (order.net_amount, order.amount)


def test_sums_in_the_database_are_exact(app):
    """REL-16: ten times 0.1 is 1, and one cent beside billions is not lost."""
    customer = make_customer()
    make_orders(customer, *[{"amount": Decimal("0.10")} for _ in range(10)])
    assert str(db.session.scalar(select(func.sum(Order.amount)))) == "1.00"
    big = [{"amount": Decimal("9999999999999.99")} for _ in range(20)]
    make_orders(customer, *big, {"amount": Decimal("0.01")})
    assert str(db.session.scalar(select(func.sum(Order.amount)))) == "200000000000000.81"


def test_what_is_stored_comes_back_digit_by_digit(app):
    """REL-16"""
    price = Decimal("99999999999999.9999")
    customer = load(Customer, make_customer(credit_limit=Decimal("9999999999999999.99")))
    assert str(customer.credit_limit) == "9999999999999999.99"
    order = make_order(customer.id, lines=[line(quantity=1, unit_price=Decimal("0.0001"))])
    with work_for(SYSTEM) as work:
        work.session.get_one(Order, order).lines[0].unit_price = price
    assert str(load(Order, order).lines[0].unit_price) == str(price)


def test_filters_on_money_are_exact(app):
    """REL-16"""
    customer = make_customer()
    amounts = ("0.10", "0.20", "0.29", "0.30", "0.31", "1000000.00")
    ids = make_orders(customer, *[{"amount": Decimal(a)} for a in amounts])
    by = dict(zip(amounts, ids, strict=True))
    assert listed(Condition("amount", "eq", "0.3")) == [by["0.30"]]
    assert listed(Condition("amount", "eq", "0.30")) == [by["0.30"]]
    assert listed(Condition("amount", "ge", "0.30")) == [by["0.30"], by["0.31"], by["1000000.00"]]
    assert listed(Condition("amount", "le", "0.30")) == [by[a] for a in amounts[:4]]
    assert listed(Condition("amount", "in", "0.1,1000000")) == [by["0.10"], by["1000000.00"]]
    assert listed(Condition("amount", "ge", "0.29"), Condition("amount", "le", "0.3")) == [
        by["0.29"],
        by["0.30"],
    ]
    assert listed(Condition("amount", "eq", "1,000,000")) == [by["1000000.00"]]


def test_filters_refuse_what_is_no_amount(app):
    for value in ("0.305", "1e3", "abc", "0x10", "NaN", "--1"):
        with pytest.raises(InvalidFilter):
            listed(Condition("amount", "eq", value))


def test_money_sorts_as_numbers(app):
    customer = make_customer()
    amounts = ("9.00", "10.00", "100.00", "0.99", "1000.01", "1000.00")
    ids = make_orders(customer, *[{"amount": Decimal(a)} for a in amounts])
    ordered = [db.session.get(Order, one).amount for one in listed(sort=Sort("amount", False))]
    assert [str(one) for one in ordered] == [
        "0.99",
        "9.00",
        "10.00",
        "100.00",
        "1000.00",
        "1000.01",
    ]
    assert sorted(ids) == sorted(listed(sort=Sort("amount", True)))


def test_pages_by_amount_neither_lose_nor_repeat_a_cent(app):
    customer = make_customer()
    make_orders(customer, *[{"amount": Decimal(n % 7).scaleb(-2)} for n in range(25)])
    listing = Listing(db.session(), orders, SYSTEM, sort=Sort("amount", True))
    seen = list(listing.stream())
    assert len({one.id for one in seen}) == 25
    assert all(a.amount >= b.amount for a, b in pairwise(seen))


def test_no_limit_is_not_a_limit_of_nothing(app):
    """Empty: not limited; 0: no credit at all."""
    none, zero, some = make_customers(
        {}, {"credit_limit": Decimal(0)}, {"credit_limit": Decimal("0.01")}
    )
    assert listed(Condition("credit_limit", "empty", "1"), service=customers) == [none]
    assert listed(Condition("credit_limit", "eq", "0"), service=customers) == [zero]
    assert listed(Condition("credit_limit", "ge", "0"), service=customers) == [zero, some]


def test_credit_used_adds_to_the_cent(app):
    """REL-16"""
    customer = make_customer()
    states = (
        "confirmed",
        "producing",
        "part_shipped",
        "shipped",
        "draft",
        "completed",
        "cancelled",
    )
    make_orders(
        customer,
        *[{"amount": Decimal("0.10"), "status": status} for status in states],
        {"amount": Decimal("100.00"), "received": Decimal("99.70"), "status": "shipped"},
    )
    assert str(credit_used(db.session(), customer)) == "0.70"


def test_digits_too_many_are_refused_never_rounded(app):
    """REL-16"""
    with pytest.raises(ValueError, match="places"):
        ScaledDecimal(18, 2).process_bind_param(Decimal("0.001"), db.engine.dialect)


def test_no_money_is_stored_as_a_float(app):
    """REL-16"""
    make_order(make_customer(credit_limit=Decimal("0.1")), lines=[line(unit_price=Decimal("0.1"))])
    wanted = "integer" if db.engine.dialect.name == "sqlite" else "numeric"
    checked = 0
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, ScaledDecimal):
                function = "typeof" if wanted == "integer" else "pg_typeof"
                found = text(f"SELECT DISTINCT {function}({column.name}) FROM {table.name}")
                kinds = {str(kind) for kind in db.session.scalars(found)} - {"null"}
                assert kinds <= {wanted}, f"{table.name}.{column.name}"
                checked += bool(kinds)
    assert checked >= 15


def test_line_arithmetic_is_the_domains(app):
    order = load(Order, make_order(make_customer(), order_date=date(2026, 11, 1)))
    (only,) = order.lines
    assert line_amounts(only.quantity, only.unit_price, only.tax_rate) == (
        only.net_amount,
        only.tax_amount,
        only.amount,
    )
    assert inspect(Order).columns["amount"].type.scale == 2
