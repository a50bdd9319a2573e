"""Deleting what somebody else is about to build upon, at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from app.core.db import db
from app.core.errors import Blocked, RuleBroken
from app.core.work import work_for
from app.models.customer import Customer
from app.services.customer import customers
from app.services.order import orders
from tests.factories.making import load
from tests.factories.order import ORDERED, line
from tests.services.conftest import actor_named

SOON = 0.3  # seconds in which the other one would be done if it did not wait


def place(work, customer):
    return orders.create(work, {"customer": customer, "order_date": ORDERED, "lines": [line()]})


def bin_it(work, customer):
    found = customers.get(work.session, work.actor, customer, "delete")
    customers.delete(work, found, version=found.version)


def meanwhile(app, first, second):
    """Do *second* while *first* is not committed yet; return what *second* raised, if anything."""
    actor, begun = actor_named("manager"), Event()
    db.session.remove()

    def other():
        begun.wait()
        with app.app_context(), work_for(actor) as work:
            second(work)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(other)
        with work_for(actor) as work:
            first(work)
            begun.set()
            with pytest.raises(TimeoutError):
                waiting.result(SOON)
        return waiting.exception(20)


def test_no_order_comes_below_a_customer_on_its_way_to_the_trash(app, customer):
    """REL-2"""
    error = meanwhile(app, lambda w: bin_it(w, customer), lambda w: place(w, customer))
    assert isinstance(error, RuleBroken)
    assert [problem.field for problem in error.problems] == ["customer"]


def test_no_customer_goes_while_an_order_is_placed(app, customer):
    """REL-2"""
    error = meanwhile(app, lambda w: place(w, customer), lambda w: bin_it(w, customer))
    assert isinstance(error, Blocked)
    assert load(Customer, customer).deleted_at is None
