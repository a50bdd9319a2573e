"""Many rows at once keep what one row at a time would."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core import bulk, clock
from app.core.db import db
from app.core.errors import RuleBroken
from app.core.work import SYSTEM, work_for
from app.domain.order import OrderStatus
from app.models.customer import Customer
from app.models.order import Order
from tests.factories.customer import make_customer
from tests.factories.making import load

ODD = "制表\t换行\n反斜杠\\N 引号'\"；%s ? {} 🙂"


def order(customer, number, **values):
    now = clock.now()
    return {
        "order_no": f"T{number}",
        "customer_id": customer,
        "order_date": date(2026, 2, 28),
        "currency": "CNY",
        "status": OrderStatus.PRODUCING,
        "is_urgent": bool(number % 2),
        "remark": ODD if number % 2 else None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        **dict.fromkeys(
            ("deposit", "net_amount", "tax_amount", "delivered", "returned"), Decimal("0.10")
        ),
        **dict.fromkeys(("stated", "invoiced", "received"), Decimal(0)),
        "amount": Decimal(number).scaleb(-2),
        **values,
    }


def insert(rows):
    with work_for(SYSTEM) as work:
        bulk.insert_rows(work.session, Order.metadata.tables["orders"], rows)


def test_every_kind_of_value_comes_back(app):
    customer = make_customer()
    given = [order(customer, n) for n in range(1, 30)]
    insert(given)
    found = db.session.scalars(select(Order).order_by(Order.id)).all()
    assert len(found) == 29
    for row, kept in zip(given, found, strict=True):
        assert {name: getattr(kept, name) for name in row} == row
    assert type(found[0].is_urgent) is bool
    assert str(found[0].amount) == "0.01"
    assert found[0].created_at.tzinfo is not None


def test_no_rows_are_no_work(app):
    insert([])
    assert db.session.scalars(select(Order)).all() == []


def test_digits_too_many_are_refused_never_rounded(app):
    """REL-16"""
    with pytest.raises(ValueError, match="places"):
        insert([order(make_customer(), 1, amount=Decimal("0.001"))])


def test_constraints_hold_here_too(app):
    customer = make_customer()
    with pytest.raises(RuleBroken) as refusal:
        insert([order(customer, 1), order(customer, 1)])
    assert refusal.value.problems[0].field == "order_no"
    with pytest.raises(RuleBroken):
        insert([order(10**9, 2)])
    assert db.session.scalars(select(Order)).all() == []


def test_it_is_part_of_the_work(app):
    customer = make_customer(short_name="旧")

    def fail():
        with work_for(SYSTEM) as work:
            work.session.get_one(Customer, customer).short_name = "新"
            bulk.insert_rows(work.session, Order.metadata.tables["orders"], [order(customer, 1)])
            work.session.flush()
            raise RuleBroken([])

    with pytest.raises(RuleBroken):
        fail()
    assert db.session.scalars(select(Order)).all() == []
    assert load(Customer, customer).short_name == "旧"
