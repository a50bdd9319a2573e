"""Showing what is masked: one value, for a reason, counted and remembered; a page of its own without scripts."""

from typing import Any

from flask import jsonify, request
from flask_admin import expose
from flask_babel import gettext
from wtforms import Form

from app.admin_views.base.forms import field_for
from app.admin_views.base.page import ConfirmPage
from app.admin_views.base.screen import Screen
from app.admin_views.base.values import json_of, text_of
from app.core.errors import RuleBroken
from app.core.words import N_, filled
from app.models.attributes import Attribute
from app.services import unmasking
from app.web import limits
from app.web.working import working

REASON = Attribute(
    "reason", N_("原因"), "text", required=True, length=200, help=N_("会记入变更记录。")
)


class Privacy(Screen):
    """A screen that shows a masked value to those who may see it."""

    @expose("/unmask/", methods=("GET", "POST"))
    def unmask_view(self) -> Any:
        """Ask for the reason; answer with the value."""
        asked = request.values
        record = self.find(asked.get("id"), "unmask")
        field, reason = asked.get("field", ""), asked.get("reason", "")
        attribute, _ = unmasking.target_of(self.service, record, field)
        if request.method == "GET":
            return self._ask_unmask(record, attribute, field)
        try:
            unmasking.check(self.service, record, field, reason)
            limits.count("unmask")
            with working() as work:
                found = self.service.get(work.session, self.actor, record.id, "unmask")
                value = unmasking.unmask(work, self.service, found, field, reason)
        except RuleBroken as refusal:
            if not asked.get("page"):
                raise
            record = self.find(asked.get("id"), "unmask")
            return self._ask_unmask(record, attribute, field, refusal), 422
        if not asked.get("page"):
            return jsonify(value=json_of(attribute, value))
        return self.render(
            "admin/model/unmasked.html",
            view=self,
            title=str(found),
            label=attribute.label,
            value=text_of(attribute, value, self.labels()),
            back_url=self.address("details_view", id=found.id),
        )

    def _ask_unmask(
        self, record: Any, attribute: Attribute, field: str, refusal: RuleBroken | None = None
    ) -> str:
        return self.ask_reason(
            ConfirmPage(
                title=gettext("显示“%(label)s”？", label=gettext(attribute.label)),
                warning=gettext("每次查看都会记录。"),
                goes=[],
                post_url=self.address("unmask_view"),
                carry=[("id", str(record.id)), ("field", field), ("page", "1")],
                cancel_url=self.address("details_view", id=record.id),
                button=gettext("显示"),
                style="primary",
            ),
            refusal,
        )

    def ask_reason(self, page: ConfirmPage, refusal: RuleBroken | None = None) -> str:
        """Return *page*, which asks for a reason, with what was wrong about the one given."""
        parts = {"reason": field_for(REASON, self.choices_of)}
        form = type("ReasonForm", (Form,), parts)(request.values if refusal else None)
        for problem in refusal.problems if refusal else ():
            text = filled(problem.message, problem.facts, gettext)
            form["reason"].errors = [*form["reason"].errors, text]
        page.ask.append(form["reason"])
        return self.render("admin/model/action.html", page=page, view=self)
