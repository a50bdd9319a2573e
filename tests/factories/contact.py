"""Contacts for tests."""

from typing import Any

from app.services.contact import contacts
from tests.factories.making import make_all, number, split

FACTS = frozenset({"created_at"})


def make_contacts(customer: int, *many: dict[str, Any]) -> list[int]:
    """Make contacts of *customer* in one go."""
    plain, facts = [], []
    for values in many:
        first = {"name": f"联系{number():05d}", "mobile": f"138{number():08d}"}
        given, fixed = split({**first, "customer": customer, **values}, FACTS)
        plain.append(given)
        facts.append(fixed)
    return make_all(contacts, plain, facts)


def make_contact(customer: int, **values: Any) -> int:
    """Make one contact of *customer*."""
    return make_contacts(customer, values)[0]
