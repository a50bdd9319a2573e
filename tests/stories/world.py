"""A small world to look at: a customer with everything, orders in several states, something deleted."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.work import SYSTEM, work_for
from app.domain.order import OrderStatus
from app.models.customer import Customer
from app.models.order import Order
from app.models.user import User
from app.services.rows import ChildRow
from tests.factories.customer import make_customer
from tests.factories.making import user_id
from tests.factories.order import line, make_order, make_orders

NAME = "苏州恒达包装有限公司"


@dataclass(frozen=True)
class World:
    """Ids of what can be looked at."""

    customer: int
    contact: int
    draft: int
    confirmed: int
    user: int
    role: int


def furnish() -> World:
    """Make the world; everything belongs to the department of the clerk."""
    customer = make_customer(
        name=NAME,
        short_name="恒达",
        level="A",
        status="active",
        credit_code="91320594MA1234567R",
        phone="0512-65432109",
        email="caigou@example.cn",
        website="https://example.cn",
        province="江苏省",
        city="苏州市",
        district="工业园区",
        address="星湖街 328 号创意产业园 5 栋 201 室",
        tags="食品,出口",
        credit_limit=Decimal(500000),
        remark="月底对账。\n送货前一天电话通知。",
        contacts=[
            ChildRow(
                "contacts-0", None, {"name": "王建国", "title": "采购经理", "mobile": "13812345678"}
            ),
            ChildRow(
                "contacts-1", None, {"name": "李敏", "title": "财务", "phone": "0512-65432100"}
            ),
        ],
        addresses=[
            ChildRow("addresses-0", None, {"name": "总部仓库", "address": "星湖街 328 号 3 号门"})
        ],
        invoice_titles=[
            ChildRow("invoice_titles-0", None, {"title": NAME, "tax_no": "91320594MA1234567R"})
        ],
    )
    draft = make_order(
        customer,
        customer_po="HD-2026-118",
        delivery_date=date(2026, 12, 8),
        remark="急单，先出 5,000 个。",
        lines=[
            line(n, description=f"彩盒 {180 + n}×100×60 双插 E 瓦", quantity=1000 * (n + 1))
            for n in range(5)
        ],
    )
    make_orders(
        customer,
        *({"status": status, "is_urgent": n % 2 == 0} for n, status in enumerate(OrderStatus)),
    )
    with work_for(SYSTEM) as work:
        first = work.session.get_one(Customer, customer)
        contact = first.contacts[0].id
        role = work.session.get_one(User, user_id("clerk")).roles[0].id
        confirmed = (
            work.session.query(Order.id).filter(Order.status == OrderStatus.CONFIRMED).scalar()
        )
    return World(customer, contact, draft, confirmed, user_id("sales1"), role)
