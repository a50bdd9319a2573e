"""Contacts: the people at our customers."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index, inspect, select
from sqlalchemy.orm import Mapped, column_property, relationship

from app.core.words import N_
from app.models.base import Id, Line, Phone, Prose, Record, ShortText, column, refers
from app.models.customer import Customer


class Contact(Record):
    """A person to call. Deleted for good on request: no table keeps the number."""

    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint(
            "mobile IS NOT NULL OR phone IS NOT NULL OR email IS NOT NULL", name="reachable"
        ),
        Index("ix_contacts_customer_id", "customer_id", "is_primary", "id"),
        Index("ix_contacts_name_id", "name", "id"),
        Index("ix_contacts_created_at_id", "created_at", "id"),
    )

    personal = frozenset({"name", "wechat", "birthday", "remark"})

    name: Mapped[ShortText] = column(N_("姓名"))
    title: Mapped[ShortText | None] = column(N_("职务"))
    department: Mapped[ShortText | None] = column(N_("所属部门"))
    mobile: Mapped[Phone | None] = column(
        N_("手机"), kind="phone", help=N_("手机、电话、邮箱至少填一项。")
    )
    phone: Mapped[Phone | None] = column(N_("电话"), kind="phone")
    email: Mapped[Line | None] = column(N_("邮箱"), kind="email")
    wechat: Mapped[ShortText | None] = column(N_("微信"), kind="code", group="phones")
    is_primary: Mapped[bool] = column(N_("主要联系人"), default=False)
    is_decision_maker: Mapped[bool] = column(N_("决策人"), default=False)
    birthday: Mapped[date | None] = column(N_("生日"))
    remark: Mapped[Prose | None] = column(N_("备注"))
    customer_id: Mapped[Id] = refers(N_("客户"), "customers.id")

    customer: Mapped[Customer] = relationship(back_populates="contacts")

    def __str__(self) -> str:
        return self.name

    def search_values(self) -> Iterable[str | None]:
        """People are found by name."""
        return (self.name,)

    def search_phones(self) -> Iterable[str | None]:
        """Both numbers, and the addresses that often are one."""
        return self.mobile, self.phone, self.email, self.wechat

    def search_also(self) -> Iterable[Record]:
        """A customer is found by its people, too; one they leave, no longer."""
        state: Any = inspect(self)
        return tuple(filter(None, (self.customer, *state.attrs.customer.history.deleted)))


Customer.contact_name = column_property(
    select(Contact.name)
    .where(Contact.customer_id == Customer.id)
    .order_by(Contact.is_primary.desc(), Contact.id)
    .limit(1)
    .correlate_except(Contact)
    .scalar_subquery(),
    info={"label": N_("联系人"), "part_of": "contact"},
)
