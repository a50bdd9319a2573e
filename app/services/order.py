"""Orders: their numbers, their sums, their life, and the credit they need."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import Blocked, Problems, broken
from app.core.money import show_money
from app.core.words import N_
from app.core.work import Actor, Work
from app.domain.customer import DEFAULT_TAX_RATE, CustomerStatus, credit_excess
from app.domain.events import (
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderPartShipped,
    OrderPlaced,
    OrderReopened,
    OrderShipped,
)
from app.domain.order import (
    DELETABLE,
    FIELDS_AFTER_CONFIRM,
    MAX_AMOUNT,
    MAX_PRICE,
    OPEN_STATES,
    ORDER_FLOW,
    OWED_STATES,
    STAND_IN_PRICE,
    Amounts,
    OrderStatus,
    line_amounts,
    order_number,
    total,
)
from app.domain.workflow import WrongState
from app.models.customer import Customer
from app.models.order import Order, OrderLine
from app.services import audit
from app.services.contact import below_customer, check_contact, check_customer
from app.services.crud import Crud
from app.services.number_series import next_number
from app.services.reasons import reason_in
from app.services.reopening import check_way_back
from app.services.setting import value_of
from app.services.tidying import check_range, field_of

EVENTS: dict[str, Callable[[int, int], object]] = {
    "create": OrderPlaced,
    "confirm": OrderConfirmed,
    "reopen": OrderReopened,
    "ship_part": OrderPartShipped,
    "ship": OrderShipped,
    "complete": OrderCompleted,
    "short_close": OrderCompleted,
    "cancel": OrderCancelled,
}


class Orders(Crud[Order]):
    """The verbs of the order business."""

    search_through = ("customer",)
    blocks = N_("不能删除：还有 %(n)s 张订单。")
    #: A repeat order is a new promise: no purchase order, no dates, no deposit and no haste of the old one.
    repeated = (
        *("customer", "contact", "delivery_address", "currency", "remark"),
        *("lines.description", "lines.customer_item_no", "lines.quantity", "lines.spare_quantity"),
        *("lines.unit", "lines.unit_price", "lines.tax_rate", "lines.tolerance"),
    )
    overrides: ClassVar[Mapping[str, str]] = {
        "customer_po_confirm": N_("客户单号确实重复，仍然保存"),
        "credit_reason": N_("放行原因（必填，会记入变更记录）"),
    }

    def in_scope(self, actor: Actor, scope: str, verb: str) -> list[ColumnElement[bool]]:
        """Orders follow their customer; who may see all orders needs no sight of the customer."""
        return [] if scope == "all" else [below_customer(Order.customer_id, actor, scope, verb)]

    # -- writing -------------------------------------------------------------------------

    def prepare(self, work: Work, record: Order) -> None:
        """A new order gets the month's next number; a refusal gives it back."""
        month = clock.month_key(work.now)
        record.order_no = order_number(month, next_number(work, "SO", month))
        record.status = OrderStatus.DRAFT

    def values_to_repeat(self, original: Order) -> dict[str, Any]:
        """Leave out a contact who has moved to another customer since."""
        values = super().values_to_repeat(original)
        if original.contact is not None and original.contact.customer_id != original.customer_id:
            values["contact"] = None
        return values

    def locked(self, record: Order) -> frozenset[str]:
        """Once confirmed, only what does not touch the promise may change."""
        if record.status is OrderStatus.DRAFT:
            return frozenset()
        return frozenset(self.attributes()) - FIELDS_AFTER_CONFIRM

    def settle(self, work: Work, record: Order) -> None:
        """Reckon every line, and the order as their sum."""
        if record.status is not OrderStatus.DRAFT:
            return
        sums = []
        for line in record.lines:
            if line.quantity is not None and line.unit_price is not None:
                if line.tax_rate is None:
                    line.tax_rate = getattr(record.customer, "tax_rate", DEFAULT_TAX_RATE)
                rate = line.tax_rate
                amounts = line_amounts(line.quantity, line.unit_price, rate)
                _put(line, amounts)
                sums.append(amounts)
        _put(record, total(sums))

    def check(
        self, work: Work, record: Order, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """Lines that can be made, a contact of this customer, and no purchase order twice by accident."""
        check_customer(work, record, self.entity, problems)
        for line in record.lines:
            _check_line(line, problems)
        check_range(problems, record, "deposit")
        if record.status is not OrderStatus.DRAFT and audit.is_changed(record, "delivery_date"):
            _check_delivery(record, problems)
        if _most(work.actor, record, values) >= MAX_AMOUNT:
            problems.add("lines", N_("金额太大。"))
        check_contact(record, problems)
        self._check_purchase_order(work, record, values, problems)

    def _check_purchase_order(
        self, work: Work, record: Order, values: Mapping[str, Any], problems: Problems
    ) -> None:
        if not record.customer_po or record.customer is None or values.get("customer_po_confirm"):
            return
        if not any(audit.is_changed(record, name) for name in ("customer_po", "customer")):
            return
        other = work.session.scalar(
            select(Order.order_no).where(
                Order.customer_id == record.customer.id,
                func.lower(Order.customer_po) == func.lower(record.customer_po),
                Order.deleted_at.is_(None),
                Order.id != (record.id or 0),
            )
        )
        if other is not None:
            problems.add(
                "customer_po",
                N_("与 %(no)s 的客户单号相同"),
                override="customer_po_confirm",
                no=other,
            )

    def check_delete(self, session: Session, record: Order) -> None:
        """Only drafts and cancelled orders go; the others say why not."""
        if record.status not in DELETABLE:
            offers = [step.verb for step in ORDER_FLOW.allowed(record.status)]
            message = (
                N_("%(status)s的订单不能删除，可以取消订单。")
                if "cancel" in offers
                else N_("%(status)s的订单不能删除。")
            )
            raise Blocked(message, status=record.status)
        super().check_delete(session, record)

    def goes_with(self, session: Session, record: Order) -> list[tuple[str, int]]:
        """Return what goes to the trash together with *record*: (message, number)."""
        return [(N_("订单和它的 %(n)s 行明细将移入回收站，30 天内可以恢复。"), len(record.lines))]

    def announce(self, work: Work, record: Order, verb: str) -> None:
        """Tell others what happened."""
        event = EVENTS.get(verb)
        if event is not None:
            work.announce(event(record.id, record.customer_id))

    # -- the life of an order -------------------------------------------------------------

    def step(self, work: Work, record: Order, verb: str, values: Mapping[str, Any]) -> None:
        """Move *record* along its workflow by *verb*; *values* may hold ``reason`` and ``credit_reason``.

        Raises Blocked for a wrong state or a frozen customer, RuleBroken for what is missing.
        """
        work.require(f"order.{ORDER_FLOW[verb].permission}")
        if verb == "reopen":
            check_way_back(work, record)
        try:
            after = ORDER_FLOW.check(record.status, verb)
        except WrongState as error:
            raise Blocked(error.message, **error.facts) from error
        if ORDER_FLOW[verb].needs_reason and not reason_in(values, "reason"):
            raise broken("reason", N_("请填写原因。"))
        if verb == "confirm":
            _check_promise(record)
        kept = ["reason"] if ORDER_FLOW[verb].needs_reason else []
        kept += ["credit_reason"] if self._needs_excuse(work, record, after, values) else []
        record.status = after
        self._keep(work, record, verb, {name: values[name] for name in kept})

    def _needs_excuse(
        self, work: Work, record: Order, after: OrderStatus, values: Mapping[str, Any]
    ) -> bool:
        """Refuse a step that takes the customer above its limit, unless somebody answers for it.

        Return whether somebody had to.
        """
        with_open = bool(value_of(work.session, "open_orders_use_credit"))
        states = OWED_STATES | (OPEN_STATES if with_open else frozenset())
        if after not in states or record.status in states:
            return False
        # Other orders of the customer may be written meanwhile, but none may use its credit.
        this = select(Customer).where(Customer.id == record.customer_id)
        locked = this.with_for_update(key_share=True)
        customer = work.session.scalars(locked).one()
        excess = credit_excess(
            customer.payment_terms,
            customer.credit_limit,
            used=credit_used(work.session, customer.id),
            added=record.amount,
        )
        if excess <= 0:
            return False
        if not (work.actor.may("order.override") and reason_in(values, "credit_reason")):
            problems = Problems()
            # Who does not see money is not told how much is owed either.
            is_hidden = "money" in work.actor.hidden
            problems.add(
                "credit_reason",
                N_("确认后将超出信用额度，需由经理填写原因后放行。")
                if is_hidden
                else N_("确认后将超出信用额度 %(x)s 元，需由经理填写原因后放行。"),
                override="credit_reason",
                **({} if is_hidden else {"x": show_money(excess)}),
            )
            problems.raise_if_any()
        return True


def credit_used(session: Session, customer_id: int) -> Decimal:
    """Return what a customer owes or will owe, in CNY; see Customer.credit_used."""
    column: Any = Customer.credit_used  # type: ignore[attr-defined]  # set by models/order.py
    used = session.scalar(select(column).where(Customer.id == customer_id))
    return used or Decimal(0)


def _put(record: Order | OrderLine, amounts: Amounts) -> None:
    """Store *amounts*, untouched where nothing changed, so that the history stays quiet."""
    for name, value in zip(("net_amount", "tax_amount", "amount"), amounts, strict=True):
        if getattr(record, name) != value:
            setattr(record, name, value)


def _most(actor: Actor, order: Order, values: Mapping[str, Any]) -> Decimal:
    """Return what *order* comes to, one high price in the place of each that *actor* sees masked."""
    if "money" not in actor.hidden:
        return order.amount
    typed = {row.prefix for row in values.get("lines", ()) if "unit_price" in row.values}
    lines = [one for one in order.lines if one.quantity is not None and one.tax_rate is not None]
    touched = (audit.is_changed(a, n) for a in lines for n in ("quantity", "tax_rate"))
    if not typed and not any(touched):
        return Decimal(0)
    known = {one: one.unit_price or Decimal(0) for one in lines if one.form_prefix in typed}
    judged = total(
        line_amounts(a.quantity, known.get(a, STAND_IN_PRICE), a.tax_rate) for a in lines
    )
    return max(judged.gross, order.amount)


def _check_line(line: OrderLine, problems: Problems) -> None:
    if line.quantity is not None and line.quantity <= 0:
        problems.add(field_of(line, "quantity"), N_("须为大于 0 的整数。"))
    check_range(problems, line, "spare_quantity")
    check_range(problems, line, "unit_price", most=MAX_PRICE)
    for name in ("tax_rate", "tolerance"):
        check_range(problems, line, name, is_percent=True)


def _check_delivery(order: Order, problems: Problems) -> None:
    """Note what keeps the delivery date from being a promise."""
    if order.delivery_date is None:
        problems.add("delivery_date", N_("确认订单前请填写交货日期。"))
    elif order.delivery_date < order.order_date:
        problems.add("delivery_date", N_("交货日期不能早于下单日期。"))


def _check_promise(order: Order) -> None:
    """Raise unless *order* may be promised: an active customer, lines, and a day to deliver."""
    if order.customer.status is CustomerStatus.FROZEN:
        raise Blocked(N_("客户已冻结，不能确认订单。"))
    problems = Problems()
    if not order.lines:
        problems.add("lines", N_("订单至少要有一行明细。"))
    _check_delivery(order, problems)
    problems.raise_if_any()


orders = Orders(Order, "order")
