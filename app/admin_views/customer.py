"""Customers: list, search, edit, trash; claim, release, transfer."""

from typing import Any

from flask import jsonify, request
from flask_admin import expose

from app.admin_views.base import Action, GridSpec, RecordView
from app.admin_views.base.printing import Document
from app.core.db import reading
from app.core.ids import as_id
from app.core.words import N_
from app.models.attributes import Attribute
from app.models.customer import Customer
from app.models.user import User
from app.services.customer import customers, likely_duplicates
from app.web import limits

NEW_OWNER = Attribute(
    "owner", N_("新的业务员"), "relation", Customer.owner_id, required=True, target=User
)


class CustomerView(RecordView):
    """Where a salesperson starts the day: whom to call next."""

    service = customers
    icon = "building"
    title = N_("客户信息")
    noun = N_("客户")
    new_label = N_("添加客户")
    look_label = N_("查看客户信息")
    search_hint = N_("名称、拼音、编号、电话后四位")
    policy = {"similar_view": "create"}

    column_list = (
        *("name", "code", "short_name", "level", "status", "contact_name", "phone", "city"),
        *("address", "owner", "credit_limit", "last_order_at", "created_at"),
    )
    column_editable_list = ("short_name", "level", "status", "remark")
    sortable = (
        *("code", "name", "short_name", "level", "status", "city", "owner", "credit_limit"),
        *("last_order_at", "created_at"),
    )
    status_column = "status"
    subtitle = ("code", "short_name", "city", "owner", "payment_terms")
    facts = ("credit_limit", "credit_used", "last_order_at", "last_contact_at")
    sections = (
        (N_("基本信息"), ("name", "short_name", "level", "status", "source", "industry", "tags")),
        (N_("证照与联系"), ("credit_code", "phone", "email", "website")),
        (N_("地址"), ("province", "city", "district", "address")),
        (N_("交易条件"), ("owner", "payment_terms", "credit_limit", "tax_rate")),
        (N_("备注"), ("remark",)),
    )
    half_fields = frozenset({"name", "address", "credit_code"})
    grids = (
        GridSpec(
            "contacts",
            (
                *("name", "title", "department", "mobile", "phone", "email", "wechat"),
                *("is_primary", "is_decision_maker"),
            ),
        ),
        GridSpec(
            "addresses",
            (
                *("name", "contact_name", "phone", "province", "city", "district", "address"),
                "is_default",
            ),
        ),
        GridSpec(
            "invoice_titles", ("title", "tax_no", "bank_name", "bank_account", "address", "phone")
        ),
        GridSpec("team", ("user", "access")),
    )
    documents = (Document("card", N_("客户资料卡"), "print/card.html"),)
    actions = (
        Action(
            "claim",
            N_("领取客户"),
            customers.claim,
            "flag",
            offered=lambda one: one.owner_id is None,
        ),
        Action(
            "release",
            N_("放入公海"),
            customers.release,
            "arrow-back-up",
            offered=lambda one: one.owner_id is not None,
        ),
        Action("transfer", N_("转移"), customers.transfer, "users", asks=(NEW_OWNER,)),
    )

    def hint_url(self) -> str:
        """Likely duplicates while typing."""
        return self.address("similar_view")

    @expose("/similar/")
    def similar_view(self) -> Any:
        """Customers that may be the same company as the name being typed."""
        limits.count("lookup")
        name = request.args.get("name", "")[:120]
        but = as_id(request.args.get("id"))
        found = likely_duplicates(reading(), self.actor, name, but=but)
        return jsonify([self._hint(text, one) for text, one in found])

    def _hint(self, text: str, one: int | None) -> dict[str, str]:
        return {"text": text, "url": self.address("details_view", id=one) if one else ""}
