"""Customers for tests."""

from typing import Any

from app.models.customer import Customer
from app.services.customer import customers
from tests.factories.making import make_all, number, split, user_id

#: What no form may set, so that the service is not asked either.
FACTS = frozenset({"created_at", "last_order_at", "last_contact_at", "deleted_at", "code"})


def make_customers(*many: dict[str, Any], owner: str | None = "sales1") -> list[int]:
    """Make customers in one go; *owner* is a user name, None puts them into the pool."""
    holder = user_id(owner) if owner else None
    plain, facts = [], []
    for values in many:
        given, fixed = split({"name": f"纸品{number():05d}", "owner": holder, **values}, FACTS)
        plain.append(given)
        facts.append(fixed)
    return make_all(customers, plain, facts)


def make_customer(owner: str | None = "sales1", **values: Any) -> int:
    """Make one customer."""
    return make_customers(values, owner=owner)[0]


MODEL = Customer
