"""Orders: their life, what stays open after confirming, and the arithmetic of a line."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from app.core.money import EXACT, cents
from app.core.words import N_, Word
from app.domain.workflow import Transition, Workflow

_HUNDRED = Decimal(100)
#: In CNY: an order comes to less than the one, and a piece costs the other at most.
MAX_AMOUNT = Decimal(10) ** 14
MAX_PRICE = Decimal(10) ** 8
#: Stands in for a price that its reader sees masked, where a sum is judged: dearer than any box.
STAND_IN_PRICE = Decimal(10) ** 6


class OrderStatus(Word):
    """Where an order stands."""

    DRAFT = "draft", N_("草稿"), "grey"
    CONFIRMED = "confirmed", N_("已确认"), "blue"
    PRODUCING = "producing", N_("生产中"), "accent"
    PART_SHIPPED = "part_shipped", N_("部分发货"), "amber"
    SHIPPED = "shipped", N_("已发货"), "outline"
    COMPLETED = "completed", N_("已完成"), "green"
    CANCELLED = "cancelled", N_("已取消"), "grey"


DRAFT, CONFIRMED, PRODUCING, PART_SHIPPED, SHIPPED, COMPLETED, CANCELLED = OrderStatus

ORDER_FLOW = Workflow(
    DRAFT,
    (
        Transition("confirm", N_("确认"), frozenset({DRAFT}), CONFIRMED),
        Transition("produce", N_("投产"), frozenset({CONFIRMED}), PRODUCING),
        # A button until deliveries exist; then the first of them will take this step.
        Transition("ship_part", N_("部分发货"), frozenset({PRODUCING}), PART_SHIPPED, needs="ship"),
        Transition("ship", N_("发货"), frozenset({PRODUCING, PART_SHIPPED}), SHIPPED),
        Transition("complete", N_("完成"), frozenset({SHIPPED}), COMPLETED),
        Transition(
            "short_close",
            N_("强制完工"),
            frozenset({PART_SHIPPED, SHIPPED}),
            COMPLETED,
            needs_reason=True,
        ),
        Transition("reopen", N_("反审核"), frozenset({CONFIRMED, PRODUCING}), DRAFT),
        Transition(
            "cancel",
            N_("取消订单"),
            frozenset({DRAFT, CONFIRMED, PRODUCING}),
            CANCELLED,
            needs_reason=True,
        ),
    ),
)

#: Only these may go to the trash; for the others cancelling is offered, where it is allowed.
DELETABLE = frozenset({DRAFT, CANCELLED})
#: Promised and not yet fully delivered: these count as open orders in the credit check.
OPEN_STATES = frozenset({CONFIRMED, PRODUCING, PART_SHIPPED})
#: Delivered and, as long as no receipts are kept, taken as unpaid until the order is completed.
OWED_STATES = frozenset({SHIPPED})
#: Something left the house: there is no way back to a draft, whatever else stands in the way.
SHIPPED_STATES = frozenset({PART_SHIPPED, SHIPPED, COMPLETED})
#: The steps that bring an order there, or on from there.
SHIPPING = ("ship_part", "ship", "complete", "short_close")
#: What a form may still change once the order is confirmed; everything else needs ``reopen`` first.
FIELDS_AFTER_CONFIRM = frozenset(
    {"delivery_date", "customer_po", "contact", "delivery_address", "is_urgent", "remark"}
)


class Amounts(NamedTuple):
    """Net, tax and gross in CNY, two places each; gross = net + tax."""

    net: Decimal
    tax: Decimal
    gross: Decimal


def line_amounts(quantity: int, unit_price: Decimal, tax_rate: Decimal) -> Amounts:
    """Return what *quantity* pieces cost: *unit_price* net per piece, *tax_rate* in percent.

    net = round(quantity × unit_price, 2), tax = round(net × tax_rate / 100, 2), gross = net + tax;
    half up, and only there.
    """
    net = cents(EXACT.multiply(Decimal(quantity), unit_price))
    tax = cents(EXACT.divide(EXACT.multiply(net, tax_rate), _HUNDRED))
    return Amounts(net, tax, EXACT.add(net, tax))


def total(lines: Iterable[Amounts]) -> Amounts:
    """Return the sums of a document: it is the sum of its rounded lines, never computed afresh."""
    net = tax = gross = cents(Decimal(0))
    for line in lines:
        net, tax = EXACT.add(net, line.net), EXACT.add(tax, line.tax)
        gross = EXACT.add(gross, line.gross)
    return Amounts(net, tax, gross)


def order_number(month: str, position: int) -> str:
    """Return the number of the month's *position*-th order: ``202611``, 1 → ``SO202611-0001``."""
    return f"SO{month}-{position:04d}"
