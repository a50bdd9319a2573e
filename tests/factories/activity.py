"""Activities for tests."""

from typing import Any

from app.services.activity import activities
from tests.factories.making import make_all, number, split

FACTS = frozenset({"created_at", "happened_at"})


def make_activities(customer: int, *many: dict[str, Any]) -> list[int]:
    """Make activities with *customer* in one go."""
    plain, facts = [], []
    for values in many:
        first = {"content": f"谈了第 {number()} 次", "customer": customer}
        given, fixed = split({**first, **values}, FACTS)
        plain.append(given)
        facts.append(fixed)
    return make_all(activities, plain, facts)


def make_activity(customer: int, **values: Any) -> int:
    """Make one activity with *customer*."""
    return make_activities(customer, values)[0]
