"""People who do a piece of work, with what their real roles let them do."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.core.errors import RuleBroken
from app.core.work import Actor, Origin, Work, work_for
from app.domain.order import ORDER_FLOW, OrderStatus
from app.models.order import Order
from app.models.user import User
from app.services.device_session import HeldRole
from app.services.order import orders
from app.web.actor import actor_of
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.factories.order import make_order
from tests.services.chains import newest, note

ORIGIN = Origin("10.1.2.3", "request-7")
ORDERED, DUE = date(2026, 11, 20), date(2026, 12, 1)
WorkAs = Callable[[str], AbstractContextManager[Work]]


def actor_named(username: str) -> Actor:
    """Return what this person may do, of all their roles together."""
    db.session.remove()
    user = db.session.scalars(select(User).where(User.username == username)).one()
    held = (
        HeldRole(role.name, role.label, role.grants, role.hidden, role.export_rows)
        for role in user.roles
    )
    return actor_of(user, tuple(held), has_separate_duties=False)


@pytest.fixture
def work_as(app: Flask) -> WorkAs:
    """Open a piece of work as somebody: ``with work_as("sales1") as work:``."""
    return lambda username: work_for(actor_named(username), ORIGIN)


def problems_of(refusal: pytest.ExceptionInfo[RuleBroken]) -> dict[str | None, str]:
    """Return the messages of a refusal by field."""
    return {problem.field: problem.message for problem in refusal.value.problems}


@pytest.fixture
def customer(app: Flask) -> int:
    """A customer of sales1."""
    return make_customer()


@pytest.fixture
def edit(work_as: WorkAs) -> Callable[..., None]:
    """Change an order as somebody who sees all orders."""

    def act(order: int, who: str = "clerk", **values: Any) -> None:
        with work_as(who) as work:
            found = orders.get(work.session, work.actor, order, "edit")
            orders.update(work, found, values, version=found.version)

    return act


@pytest.fixture
def step(work_as: WorkAs) -> Callable[..., None]:
    """Take an order one step further."""

    def act(order: int, verb: str, who: str = "manager", **values: Any) -> None:
        with work_as(who) as work:
            found = orders.get(work.session, work.actor, order, ORDER_FLOW[verb].permission)
            orders.step(work, found, verb, values)

    return act


def status(order: int) -> OrderStatus:
    """Return where the order stands."""
    return OrderStatus(load(Order, order).status)


def ready(customer: int, **values: Any) -> int:
    """Return an order that lacks nothing."""
    return make_order(customer, **{"delivery_date": DUE, **values})


@pytest.fixture
def say(app: Flask) -> Callable[..., Any]:
    """Run a command of the house: ``say("audit", "verify")``."""

    def run(*words: str) -> Any:
        db.session.remove()
        return app.test_cli_runner().invoke(args=list(words))

    return run


@pytest.fixture
def head_file(app: Flask) -> Path:
    """Where the head of the audit is kept outside the database."""
    return Path(app.extensions["settings"].audit_head_file)


@pytest.fixture
def last(app: Flask) -> int:
    """The id of the last of some entries."""
    note(8)
    return newest()
