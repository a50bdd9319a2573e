"""Orders: what a customer bought, line by line, and how far it has come."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Mapped, column_property, relationship

from app.core.words import N_
from app.domain.customer import DEFAULT_TAX_RATE
from app.domain.order import OPEN_STATES, OWED_STATES, OrderStatus
from app.models.base import (
    Code,
    Id,
    Line,
    Money,
    Percent,
    Prose,
    Quantity,
    Record,
    ShortText,
    Trashed,
    UnitPrice,
    column,
    refers,
    unique_among_living,
)
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.setting import Setting
from app.models.types import Key, ScaledDecimal

ZERO = Decimal(0)
CNY = N_("元")


class Order(Trashed, Record):
    """A promise to deliver. Its amounts are the sums of its lines, reckoned by the service."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("deposit >= 0", name="deposit"),
        unique_among_living("orders", "order_no", message=N_("订单编号已被使用。"), trash=False),
        Index("ix_orders_customer_id_id", "customer_id", "id"),
        Index("ix_orders_customer_po", "customer_id", "customer_po"),
        Index("ix_orders_source_id_id", "source_id", "id"),
        *(
            Index(f"ix_orders_{name}_id", name, "id")
            for name in (
                "order_no",
                "order_date",
                "delivery_date",
                "amount",
                "status",
                "created_at",
            )
        ),
    )

    order_no: Mapped[Code] = column(N_("订单编号"), kind="code")
    customer_po: Mapped[ShortText | None] = column(N_("客户单号"), kind="code")
    delivery_address: Mapped[Line | None] = column(N_("送货地址"))
    order_date: Mapped[date] = column(N_("下单日期"))
    delivery_date: Mapped[date | None] = column(N_("交货日期"))
    currency: Mapped[Code] = column(N_("币种"), kind="code", default="CNY")
    deposit: Mapped[Money] = column(N_("定金"), unit=CNY, group="money", default=ZERO)
    status: Mapped[OrderStatus] = column(
        N_("订单状态"), Key(OrderStatus), default=OrderStatus.DRAFT
    )
    is_urgent: Mapped[bool] = column(N_("加急"), default=False)
    remark: Mapped[Prose | None] = column(N_("备注"))
    net_amount: Mapped[Money] = column(N_("未税金额"), unit=CNY, group="money", default=ZERO)
    tax_amount: Mapped[Money] = column(N_("税额"), unit=CNY, group="money", default=ZERO)
    amount: Mapped[Money] = column(N_("订单金额"), unit=CNY, group="money", default=ZERO)
    delivered: Mapped[Money] = column(N_("已送货"), unit=CNY, group="money", default=ZERO)
    returned: Mapped[Money] = column(N_("已退货"), unit=CNY, group="money", default=ZERO)
    stated: Mapped[Money] = column(N_("已对账"), unit=CNY, group="money", default=ZERO)
    invoiced: Mapped[Money] = column(N_("已开票"), unit=CNY, group="money", default=ZERO)
    received: Mapped[Money] = column(N_("已收款"), unit=CNY, group="money", default=ZERO)
    customer_id: Mapped[Id] = refers(N_("客户名称"), "customers.id")
    contact_id: Mapped[Id | None] = refers(
        N_("联系人"), "contacts.id", ondelete="SET NULL", index=True
    )
    source_id: Mapped[Id | None] = refers(N_("翻单来源"), "orders.id", ondelete="SET NULL")

    customer: Mapped[Customer] = relationship()
    contact: Mapped[Contact | None] = relationship()
    source: Mapped["Order | None"] = relationship(remote_side="Order.id")
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order",
        cascade="all, delete-orphan",
        order_by="OrderLine.id",
        info={"label": N_("订单明细")},
    )

    def __str__(self) -> str:
        return self.order_no

    def search_values(self) -> Iterable[str | None]:
        """Its number, the customer's number and the customer's item numbers."""
        return self.order_no, self.customer_po, *(line.customer_item_no for line in self.lines)


class OrderLine(Record):
    """One thing ordered; net = quantity × unit price, rounded per line."""

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
    )

    description: Mapped[Line] = column(N_("品名规格"))
    customer_item_no: Mapped[ShortText | None] = column(N_("客户料号"), kind="code")
    quantity: Mapped[Quantity] = column(N_("数量"))
    spare_quantity: Mapped[Quantity] = column(N_("备品"), default=0)
    unit: Mapped[Code] = column(N_("单位"), default="个")
    unit_price: Mapped[UnitPrice] = column(N_("未税单价"), unit=CNY, group="money")
    tax_rate: Mapped[Percent] = column(N_("税率"), unit="%", default=DEFAULT_TAX_RATE)
    delivery_date: Mapped[date | None] = column(N_("交货日期"))
    tolerance: Mapped[Percent | None] = column(N_("允差"), unit="±%")
    net_amount: Mapped[Money] = column(N_("未税金额"), unit=CNY, group="money", default=ZERO)
    tax_amount: Mapped[Money] = column(N_("税额"), unit=CNY, group="money", default=ZERO)
    amount: Mapped[Money] = column(N_("金额"), unit=CNY, group="money", default=ZERO)
    order_id: Mapped[Id] = refers(N_("订单"), "orders.id", ondelete="CASCADE", index=True)

    order: Mapped[Order] = relationship(back_populates="lines")

    def __str__(self) -> str:
        return self.description


_open_orders_are_free = exists().where(
    Setting.key == "open_orders_use_credit", Setting.value == "0"
)
#: What a customer owes or will owe: delivered but unpaid, and – unless switched off – open orders.
Customer.credit_used = column_property(
    select(
        type_coerce(
            func.coalesce(func.sum(Order.amount), 0) - func.coalesce(func.sum(Order.received), 0),
            ScaledDecimal(18, 2),
        )
    )
    .where(
        Order.customer_id == Customer.id,
        Order.deleted_at.is_(None),
        or_(
            Order.status.in_(OWED_STATES),
            and_(Order.status.in_(OPEN_STATES), ~_open_orders_are_free),
        ),
    )
    .correlate_except(Order)
    .scalar_subquery(),
    deferred=True,
    info={
        "label": N_("已用信用"),
        "unit": CNY,
        "group": "money",
        "kind": "money",
        "filterable": False,
    },
)
