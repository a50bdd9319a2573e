"""Orders: list, search, edit, and the buttons of their life."""

from typing import Any

from app.admin_views.base import Action, AttachingView, GridSpec
from app.admin_views.base.page import Link
from app.admin_views.base.printing import Document
from app.core import clock
from app.core.words import N_
from app.core.work import Work
from app.domain.order import DELETABLE, ORDER_FLOW, OrderStatus
from app.domain.workflow import Transition
from app.models.attributes import Attribute
from app.models.order import Order
from app.services.order import orders

REASON = Attribute("reason", N_("原因"), "text", required=True, length=200)
ICONS = {
    "confirm": "check",
    "produce": "player-play",
    "ship_part": "package",
    "ship": "truck",
    "complete": "circle-check",
    "reopen": "arrow-back-up",
}
WARNINGS = {
    "confirm": N_("确认后明细将锁定。"),
    "cancel": N_("取消订单？请填写原因。"),
    "short_close": N_("强制完工后，未送的不再生产。"),
}


def flow_action(step: Transition[OrderStatus]) -> Action:
    """Return the button for one step of an order's life."""

    def apply(work: Work, record: Order, values: Any) -> None:
        orders.step(work, record, step.verb, values)

    return Action(
        step.verb,
        step.label,
        apply,
        ICONS.get(step.verb, "ban"),
        "primary" if step.verb == "confirm" else ("danger" if step.verb == "cancel" else ""),
        WARNINGS.get(step.verb, ""),
        (REASON,) if step.needs_reason else (),
        lambda one: one.status in step.sources,
        needs=step.needs,
        # Steps lock the customer: in one order for everybody, so that no two wait for each other.
        turn=lambda one: (one.customer_id, one.id),
    )


class OrderView(AttachingView):
    """What the workshop has to make."""

    service = orders
    icon = "file-invoice"
    title = N_("客户订单")
    noun = N_("订单")
    new_label = N_("新建订单")
    look_label = N_("查看客户订单信息")
    copy_label = N_("翻单")
    search_hint = N_("单号、客户、拼音、客户单号")

    column_list = (
        *("order_no", "customer", "status", "amount", "delivery_date", "customer_po"),
        *("order_date", "is_urgent", "remark", "created_at"),
    )
    column_editable_list = ("delivery_date", "remark")
    sortable = ("order_no", "order_date", "delivery_date", "amount", "status", "created_at")
    status_column = "status"
    subtitle = ("customer", "customer_po", "order_date", "delivery_date", "source")
    facts = ("net_amount", "tax_amount", "amount", "deposit")
    sections = (
        (
            N_("基本信息"),
            (
                *("customer", "customer_po", "contact", "order_date", "delivery_date"),
                *("currency", "deposit", "is_urgent", "delivery_address", "remark"),
            ),
        ),
    )
    half_fields = frozenset({"customer", "delivery_address"})
    shown_under = ("customer", ("order_no", "order_date", "delivery_date", "status", "amount"))
    lookup_within = {"contact": ("customer",)}
    grids = (
        GridSpec(
            "lines",
            (
                *("description", "customer_item_no", "quantity", "spare_quantity", "unit"),
                *("unit_price", "tax_rate", "delivery_date", "tolerance"),
            ),
            sheet=True,
            wide=frozenset({"description"}),
            narrow=frozenset({"unit", "tax_rate", "tolerance", "spare_quantity"}),
        ),
    )
    documents = (Document("contract", N_("销售合同"), "print/contract.html"),)
    actions = tuple(flow_action(step) for step in ORDER_FLOW.actions)

    def first_values(self) -> dict[str, Any]:
        """An order is of today."""
        return {"order_date": clock.today()}

    def offers(self, record: Order) -> list[Link]:
        """An order that can be neither deleted nor reopened may perhaps be cancelled."""
        if record.status in DELETABLE or not self._may_cancel(record):
            return []
        return [Link(N_("返回订单，取消订单"), self.address("details_view", id=record.id), "ban")]

    def _may_cancel(self, record: Order) -> bool:
        return self.may("cancel") and record.status in ORDER_FLOW["cancel"].sources
