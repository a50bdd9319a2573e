"""Back to a draft: whether something that happened since stands in an order's way, and what it is."""

from typing import Any

from sqlalchemy import Select, select

from app.core import clock
from app.core.errors import Blocked, Obstacle
from app.core.words import N_, Phrase
from app.core.work import Work
from app.domain.events import OrderReopening
from app.domain.order import ORDER_FLOW, SHIPPED_STATES, SHIPPING
from app.models.audit import Audit, AuditArchive
from app.models.order import Order


def check_way_back(work: Work, order: Order) -> None:
    """Raise Blocked, naming all of it, if somebody objects to *order* becoming a draft again."""
    found = work.objections(OrderReopening(order.id, order.customer_id))
    if found:
        raise Blocked(N_("%(no)s 不能反审核，因为已经发生以下业务："), found, no=order.order_no)


def shipped_so_far(work: Work, question: OrderReopening) -> list[Obstacle]:
    """Return the steps that took the order out of the house, when, and who took them."""
    order = work.session.get_one(Order, question.order_id)
    if order.status not in SHIPPED_STATES:
        return []
    steps = [
        _step_taken(entry)
        for model in (AuditArchive, Audit)
        for entry in work.session.scalars(_steps_in(model, order).order_by(model.id))
    ]
    # Orders that came from elsewhere have no history of their steps.
    return steps or [Obstacle(N_("订单状态：%(status)s"), {"status": order.status})]


def _steps_in(model: type[Audit | AuditArchive], order: Order) -> Select[Any]:
    return select(model).where(
        model.entity == "order",
        model.record_id == order.id,
        model.action.in_([f"order.{verb}" for verb in SHIPPING]),
        model.result == "ok",
    )


def _step_taken(entry: Audit | AuditArchive) -> Obstacle:
    facts = {
        "step": Phrase(ORDER_FLOW[entry.action.removeprefix("order.")].label),
        "at": clock.minute_text(entry.at),
        "who": entry.actor if entry.actor_id else Phrase(N_("系统")),
    }
    return Obstacle(N_("%(step)s：%(at)s，%(who)s"), facts)
