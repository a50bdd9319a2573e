"""Customers: the companies that buy from us, their addresses, invoice titles and team."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, declared_attr, relationship

from app.core.words import N_
from app.domain.customer import (
    DEFAULT_TAX_RATE,
    CustomerLevel,
    CustomerStatus,
    PaymentTerms,
    TeamAccess,
)
from app.models.base import (
    Code,
    Id,
    Line,
    Money,
    Name,
    Percent,
    Phone,
    Prose,
    Record,
    ShortText,
    Trashed,
    column,
    refers,
    unique_among_living,
)
from app.models.types import Key
from app.models.user import User

if TYPE_CHECKING:
    from app.models.contact import Contact


class Customer(Trashed, Record):
    """A company we sell to. Its people are ``Contact``; its purchases are ``Order``."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("credit_limit >= 0", name="credit_limit"),
        unique_among_living("customers", "code", message=N_("客户编号已被使用。")),
        unique_among_living(
            "customers", "name_folded", field="name", message=N_("已有同名的客户。")
        ),
        unique_among_living(
            "customers", "credit_code", message=N_("已有客户使用这个统一社会信用代码。")
        ),
        Index("ix_customers_name_key", "name_key"),
        *(
            Index(f"ix_customers_{name}_id", name, "id")
            for name in (
                *("code", "name", "short_name", "level", "status", "city", "owner_id"),
                *("credit_limit", "last_order_at", "created_at"),
            )
        ),
    )

    code: Mapped[Code] = column(N_("客户编号"), kind="code")
    name: Mapped[Name] = column(N_("客户名称"), help=N_("与营业执照一致。"))
    name_folded: Mapped[Name] = column(N_("客户名称（比对用）"), kind="internal")
    name_key: Mapped[Name] = column(N_("客户名称（查重用）"), kind="internal")
    short_name: Mapped[ShortText | None] = column(N_("简称"))
    level: Mapped[CustomerLevel] = column(N_("级别"), Key(CustomerLevel), default=CustomerLevel.C)
    status: Mapped[CustomerStatus] = column(
        N_("状态"), Key(CustomerStatus), default=CustomerStatus.POTENTIAL
    )
    source: Mapped[Code | None] = column(N_("来源"), dictionary="source")
    industry: Mapped[Code | None] = column(N_("行业"), dictionary="industry")
    credit_code: Mapped[Code | None] = column(N_("统一社会信用代码"), kind="code")
    phone: Mapped[Phone | None] = column(N_("电话"), kind="phone")
    email: Mapped[Line | None] = column(N_("邮箱"), kind="email")
    website: Mapped[Line | None] = column(N_("网址"), kind="link")
    province: Mapped[ShortText | None] = column(N_("省份"))
    city: Mapped[ShortText | None] = column(N_("城市"))
    district: Mapped[ShortText | None] = column(N_("区县"))
    address: Mapped[Line | None] = column(N_("地址"))
    payment_terms: Mapped[PaymentTerms | None] = column(N_("付款条件"), Key(PaymentTerms))
    credit_limit: Mapped[Money | None] = column(
        N_("信用额度"), unit=N_("元"), help=N_("留空为不限额，0 为不赊账。"), group="money"
    )
    tax_rate: Mapped[Percent] = column(N_("税率"), unit="%", default=DEFAULT_TAX_RATE)
    tags: Mapped[Line | None] = column(N_("标签"), kind="tags", help=N_("用逗号分开。"))
    remark: Mapped[Prose | None] = column(N_("备注"))
    last_contact_at: Mapped[datetime | None] = column(N_("最近跟进"))
    last_order_at: Mapped[datetime | None] = column(N_("最近下单"))
    owner_id: Mapped[Id | None] = refers(N_("业务员"), "users.id", help=N_("留空为公海客户。"))

    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="customer",
        order_by="(Contact.is_primary.desc(), Contact.id)",
        info={"label": N_("客户联系方式")},
        passive_deletes="all",
    )
    addresses: Mapped[list["CustomerAddress"]] = relationship(
        cascade="all, delete-orphan",
        order_by="CustomerAddress.id",
        info={"label": N_("收货地址")},
    )
    invoice_titles: Mapped[list["InvoiceTitle"]] = relationship(
        cascade="all, delete-orphan", order_by="InvoiceTitle.id", info={"label": N_("开票信息")}
    )
    team: Mapped[list["TeamMember"]] = relationship(
        cascade="all, delete-orphan", order_by="TeamMember.id", info={"label": N_("协作成员")}
    )

    def __str__(self) -> str:
        return self.name

    def search_values(self) -> Iterable[str | None]:
        """Name, short name, code and tax code."""
        return self.name, self.short_name, self.code, self.credit_code

    def search_phones(self) -> Iterable[str | None]:
        """Its own phone."""
        return (self.phone,)

    def search_below(self) -> Iterable[Record]:
        """Its people."""
        return self.contacts


class CustomerRow:
    """Mixin of what belongs to one customer, and goes with it."""

    @declared_attr
    def customer_id(cls) -> Mapped[int]:
        """The customer it belongs to."""
        return refers(N_("客户"), "customers.id", ondelete="CASCADE", index=True)


class CustomerAddress(CustomerRow, Record):
    """Where goods are delivered."""

    __tablename__ = "customer_addresses"

    name: Mapped[ShortText] = column(N_("地址名称"), help=N_("如 总部仓库。"))
    contact_name: Mapped[ShortText | None] = column(N_("收货人"))
    phone: Mapped[Phone | None] = column(N_("收货电话"), kind="phone")
    province: Mapped[ShortText | None] = column(N_("省份"))
    city: Mapped[ShortText | None] = column(N_("城市"))
    district: Mapped[ShortText | None] = column(N_("区县"))
    address: Mapped[Line] = column(N_("详细地址"))
    is_default: Mapped[bool] = column(N_("默认"), default=False)

    def __str__(self) -> str:
        return self.name


class InvoiceTitle(CustomerRow, Record):
    """What is printed on the customer's invoices."""

    __tablename__ = "invoice_titles"

    title: Mapped[Name] = column(N_("发票抬头"))
    tax_no: Mapped[Code | None] = column(N_("税号"), kind="code")
    bank_name: Mapped[Name | None] = column(N_("开户行"))
    bank_account: Mapped[ShortText | None] = column(N_("银行账号"), kind="code", group="money")
    address: Mapped[Line | None] = column(N_("注册地址"))
    phone: Mapped[Phone | None] = column(N_("注册电话"), kind="phone")

    def __str__(self) -> str:
        return self.title


class TeamMember(CustomerRow, Record):
    """A colleague who works on the customer beside its owner."""

    __tablename__ = "team_members"
    __table_args__ = (
        unique_among_living(
            "team_members",
            "customer_id",
            "user_id",
            field="team",
            message=N_("同一成员只能添加一次。"),
            trash=False,
        ),
    )

    user_id: Mapped[Id] = refers(N_("成员"), "users.id", index=True)
    access: Mapped[TeamAccess] = column(N_("权限"), Key(TeamAccess), default=TeamAccess.READ)

    # A member is nothing but its user: a team is read together with its people.
    user: Mapped[User] = relationship(foreign_keys=user_id, lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.user.name
