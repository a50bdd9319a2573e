"""Back to a draft: what happened since stands in the way, and is named; later areas add theirs."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from app.core import clock
from app.core.errors import Blocked, NotAllowed, Obstacle
from app.core.work import OBJECTIONS
from app.domain.events import OrderReopening
from app.domain.order import SHIPPED_STATES, OrderStatus
from app.services.order import orders
from tests.services.chains import begin_long_ago
from tests.services.conftest import ready, status
from tests.visitor import Visitor

WAY = ("confirm", "produce", "ship_part", "ship", "complete")


def refused(step, order, who="manager"):
    """Return what stands in the way of reopening *order*."""
    with pytest.raises(Blocked) as refusal:
        step(order, "reopen", who)
    return refusal.value


def told(obstacles):
    """Return (step, who) of each."""
    return [(str(one.facts["step"]), one.facts["who"]) for one in obstacles]


def test_what_left_the_house_keeps_the_order_from_being_a_draft(app, customer, step):
    """Order life: a step back is refused, with the list of what stands in the way."""
    order = ready(customer)
    for verb in WAY[:2]:
        step(order, verb, "clerk")
    step(order, "ship_part", "clerk")
    found = refused(step, order)
    assert told(found.items) == [("部分发货", "clerk先生")]
    assert found.facts["no"].startswith("SO")
    step(order, "ship", "manager")
    step(order, "complete", "clerk")
    assert told(refused(step, order).items) == [
        ("部分发货", "clerk先生"),
        ("发货", "manager先生"),
        ("完成", "clerk先生"),
    ]
    assert status(order) is OrderStatus.COMPLETED


@pytest.mark.parametrize("state", sorted(SHIPPED_STATES))
def test_without_a_history_the_state_is_named(app, customer, step, state):
    """Order life: orders brought in from elsewhere have no steps to tell."""
    order = ready(customer, status=state)
    (only,) = refused(step, order).items
    assert only.facts == {"status": state}
    assert status(order) is state


@pytest.mark.parametrize("state", [OrderStatus.DRAFT, OrderStatus.CANCELLED])
def test_what_is_no_promise_is_simply_in_the_wrong_state(app, customer, step, state):
    order = ready(customer, status=state)
    assert refused(step, order).items == []


def test_who_may_not_reopen_learns_nothing(app, customer, work_as):
    """AZ-4: the permission is asked before the reasons are told."""
    order = ready(customer, status=OrderStatus.SHIPPED)
    with pytest.raises(NotAllowed), work_as("sales1") as work:
        orders.step(work, orders.get(work.session, work.actor, order), "reopen", {})


def test_a_later_area_adds_what_it_knows(app, customer, step):
    """Order life: deliveries, invoices and receipts object without the order knowing them."""
    billed, free = (ready(customer, status=OrderStatus.CONFIRMED) for _ in range(2))
    invoice = Obstacle("发票 %(no)s", {"no": "FP-1"}, "invoice", 7)

    def invoices_of(work, question):
        assert work.actor.name
        return [invoice] if question.order_id == billed else []

    known = (*OBJECTIONS[OrderReopening], invoices_of)
    with patch.dict(OBJECTIONS, {OrderReopening: known}):
        assert refused(step, billed).items == [invoice]
        step(free, "reopen")
    assert status(billed) is OrderStatus.CONFIRMED
    assert status(free) is OrderStatus.DRAFT
    step(billed, "reopen")
    assert status(billed) is OrderStatus.DRAFT


def test_steps_that_were_archived_are_named_all_the_same(app, customer, step, say, head_file):
    """AUD-9, order life: what is in the archive happened nevertheless, and is in the history."""
    order = ready(customer)
    begin_long_ago(head_file)
    with clock.freeze(clock.now() - timedelta(days=190)):
        for verb in WAY[:3]:
            step(order, verb, "clerk")
    step(order, "ship", "manager")
    before = (clock.today() - timedelta(days=185)).isoformat()
    assert say("audit", "archive", "--before", before).exit_code == 0
    assert say("audit", "verify").exit_code == 0
    assert told(refused(step, order).items) == [("部分发货", "clerk先生"), ("发货", "manager先生")]
    page = Visitor(app, "manager").get(f"/admin/order/history/?id={order}").text
    assert page.index("发货") < page.index("部分发货")
