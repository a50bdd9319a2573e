"""Deleting customers: what stands in the way, and what goes along into the trash."""

import pytest

from app.core.db import db
from app.core.errors import Blocked, Missing, NotAllowed
from app.models.customer import Customer
from app.models.order import Order
from app.services.contact import contacts
from app.services.customer import customers
from app.services.order import orders
from tests.factories.contact import make_contacts
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.factories.order import make_order
from tests.services.conftest import actor_named


@pytest.fixture
def made(app):
    return make_customer()


def test_a_customer_with_orders_stays_and_says_why(app, made, work_as):
    """AZ-11"""
    order = make_order(made)
    number = load(Order, order).order_no

    def delete():
        with work_as("manager") as work:
            found = work.session.get_one(Customer, made)
            customers.delete(work, found, version=found.version)

    with pytest.raises(Blocked) as refusal:
        delete()
    assert [item.facts["name"] for item in refusal.value.items] == [number]
    assert refusal.value.facts["n"] == 1
    with work_as("manager") as work:
        orders.delete(work, work.session.get_one(Order, order), version=1)
    delete()
    assert load(Customer, made).deleted_at is not None


def test_a_customer_in_the_trash_is_out_of_sight_with_its_people(app, made, work_as):
    """REL-27"""
    (person,) = make_contacts(made, {})
    with work_as("manager") as work:
        customers.delete(work, work.session.get_one(Customer, made), version=1)
    manager = actor_named("manager")
    for service, record in ((customers, made), (contacts, person)):
        with pytest.raises(Missing):
            service.get(db.session(), manager, record)
    assert load(contacts.model, person) is not None  # it comes back with the customer


def test_the_confirmation_counts_who_goes_along(app, made):
    make_contacts(made, {}, {}, {})
    found = load(Customer, made)
    assert [n for _, n in customers.goes_with(db.session(), found)] == [3]


def test_deleting_needs_permission(app, made, work_as):
    for who in ("clerk", "finance", "auditor", "viewer"):
        with pytest.raises(NotAllowed), work_as(who) as work:
            customers.delete(work, work.session.get_one(Customer, made), version=1)
