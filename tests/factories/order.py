"""Orders for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.services.order import orders
from app.services.rows import ChildRow
from tests.factories.making import make_all, split

FACTS = frozenset(
    {"created_at", "status", "amount", "net_amount", "tax_amount", "deleted_at", "received"}
)
ORDERED = date(2026, 11, 20)


def line(number: int = 0, **values: Any) -> ChildRow:
    """Return one line as a form would give it."""
    first = {"description": "彩盒 180×100×60", "quantity": 1000, "unit_price": Decimal("1.0134")}
    return ChildRow(f"lines-{number}", None, {**first, **values})


def make_orders(customer: int, *many: dict[str, Any]) -> list[int]:
    """Make orders of *customer* in one go, each with one line unless told otherwise."""
    plain, facts = [], []
    for values in many:
        first = {"customer": customer, "order_date": ORDERED, "lines": [line()]}
        given, fixed = split({**first, **values}, FACTS)
        plain.append(given)
        facts.append(fixed)
    return make_all(orders, plain, facts)


def make_order(customer: int, **values: Any) -> int:
    """Make one order of *customer*."""
    return make_orders(customer, values)[0]
