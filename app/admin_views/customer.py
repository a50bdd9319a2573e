"""Customers: list, search, edit, trash; claim, release, transfer."""

from typing import Any

from flask import jsonify, request
from flask_admin import expose
from flask_babel import gettext

from app.admin_views.base import Action, AttachingView, GridSpec
from app.admin_views.base.details import Details
from app.admin_views.base.page import ConfirmPage, Link
from app.admin_views.base.printing import Document
from app.admin_views.base.screen import VIEWS
from app.core.db import reading
from app.core.errors import RuleBroken
from app.core.ids import as_id
from app.core.words import N_
from app.models.attributes import Attribute
from app.models.customer import Customer
from app.models.user import User
from app.services import subject
from app.services.customer import customers, likely_duplicates
from app.services.unmasking import check_reason
from app.web import limits
from app.web.asking import wants_json
from app.web.working import working

NEW_OWNER = Attribute(
    "owner", N_("新的业务员"), "relation", Customer.owner_id, required=True, target=User
)


class CustomerView(AttachingView):
    """Where a salesperson starts the day: whom to call next."""

    service = customers
    icon = "building"
    title = N_("客户信息")
    noun = N_("客户")
    new_label = N_("添加客户")
    look_label = N_("查看客户信息")
    search_hint = N_("名称、拼音、编号、电话后四位")
    search_hint_masked = N_("名称、拼音、编号、完整电话")
    policy = {"similar_view": "create", "subject_view": "export"}

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

    def extra_links(self, record: Any) -> list[Link]:
        """Whoever may export also hands over what is kept about one customer."""
        links = super().extra_links(record)
        if self.may("export"):
            url = self.address("subject_view", id=record.id)
            links.append(Link(gettext("导出全部资料"), url, "file-export"))
        return links

    @expose("/subject/")
    def subject_view(self) -> Any:
        """Everything about one customer and below it, as data: what somebody may ask to be told."""
        record = self.find(request.args.get("id"), "export")
        if (
            request.method == "HEAD"
        ):  # takes nothing away, so nothing is read, counted or remembered
            return jsonify({})
        try:
            reason = check_reason(request.args.get("reason", ""))
            limits.count("export")
            record = self.find(record.id, "export")  # counting ended the session it was read in
            data = self._everything(record)
        except RuleBroken as refusal:
            if wants_json():
                raise
            record = self.find(request.args.get("id"), "export")
            return self.ask_reason(self._subject_page(record), refusal), 422
        with working() as work:
            subject.remember(work, self.service, data["id"], reason)
        answer = jsonify(data)
        name = f"{data['values']['code']}.json"
        answer.headers["Content-Disposition"] = f"attachment; filename={name}"
        return answer

    def _everything(self, record: Any) -> dict[str, Any]:
        found = subject.below(reading(), self.actor, self.service, record)
        screens = {screen.entity: screen for screen in VIEWS.values()}
        below = {}
        for entity, many in found.items():
            if entity in screens:
                beside = screens[entity].data_of(many)  # asked once for all of them
                below[entity] = [Details(screens[entity], one).data(beside) for one in many]
        return {**Details(self, record).data(), "below": below}

    def _subject_page(self, record: Any) -> ConfirmPage:
        return ConfirmPage(
            title=gettext("导出“%(name)s”的全部资料？", name=str(record)),
            warning=gettext("包括联系人、地址、开票信息、订单和跟进，限于您能查看的范围。"),
            goes=[],
            post_url=self.address("subject_view"),
            carry=[("id", str(record.id))],
            cancel_url=self.address("details_view", id=record.id),
            button=gettext("导出"),
            style="primary",
            method="get",
        )

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
