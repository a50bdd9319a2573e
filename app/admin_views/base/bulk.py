"""Applying a verb to chosen rows: confirmed on the server, in one transaction, all or nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, request
from flask_babel import gettext
from sqlalchemy import select
from wtforms import Form

from app.admin_views.base.actions import Action
from app.admin_views.base.applying import Refused, apply_all, excuse_key, named
from app.admin_views.base.forms import field_for, show_errors
from app.admin_views.base.page import ConfirmPage
from app.core.db import reading
from app.core.errors import Blocked, Missing, RuleBroken, Stale
from app.core.ids import as_id
from app.core.words import N_, filled
from app.models.attributes import Attribute
from app.web.security import ask_again
from app.web.working import working

if TYPE_CHECKING:
    from app.admin_views.base.record_view import RecordView

MAX_ROWS = 1_000
NAMED = 20
SEE_ABOVE = N_("以上每一条都需要说明原因。")


class Asked:
    """One action on some rows, for one request: what it asks, and what was answered."""

    def __init__(self, view: "RecordView", action: Action) -> None:
        self.view = view
        self.action = action
        self.error = ""
        self.problems: list[str] = []
        #: Which exceptions the page sent back had shown, and which the page to come shows.
        self.excused = frozenset(request.form.getlist("excused"))
        self.to_excuse: list[str] = []
        inputs = {a.name: field_for(a, view.choices_of) for a in action.asks}
        for name, label in view.service.overrides.items():
            inputs[name] = field_for(Attribute(name, label, "text", length=200), view.choices_of)
        answered = any(name in request.form for name in ("confirm", *inputs))
        typed = request.form if answered else None
        self.form = type("ActionForm", (Form,), inputs)(formdata=typed)
        self.shown = [a.name for a in action.asks]
        for one in self.form:
            if one.kind == "relation":
                one.lookup_url = view.address("ajax_lookup", name=one.name)

    def values(self) -> dict[str, Any]:
        """Return what was answered, without the reasons for exceptions."""
        given = [one for one in self.form if one.given and not one.process_errors]
        return {one.name: one.data for one in given if one.name not in self.view.service.overrides}

    def excuses(self, record: Any, names: Iterable[str]) -> dict[str, Any] | None:
        """Return the reasons for the exceptions *names*; None unless all were shown, and answered for."""
        reasons = {name: self.form[name].data for name in names if name in self.form}
        shown = all(excuse_key(name, record) in self.excused for name in names)
        return reasons if shown and reasons and all(reasons.values()) else None

    def moved_on(self, records: Iterable[Any]) -> list[Any]:
        """Return those that somebody changed after they were shown here; what was not shown did not."""
        seen = dict(pair.split("-", 1) for pair in request.form.getlist("seen") if "-" in pair)
        if request.form.get("version") and len(self.rows) == 1:
            seen.setdefault(self.rows[0], request.form["version"])
        versions = ((one, str(self.view.version_of(one))) for one in records)
        return [one for one, version in versions if seen.get(str(one.id), version) != version]

    @property
    def rows(self) -> list[str]:
        """The ids that were sent."""
        return request.form.getlist("rowid")

    def attach(self, refused: Refused) -> None:
        """Put every message beside its input, or name the row it speaks of."""
        show_errors(self.form)
        several = len(self.rows) > 1
        asks = {a.name for a in self.action.asks}
        for record, problem in refused.each():
            text = filled(problem.message, problem.facts, gettext)
            if problem.override:
                self.to_excuse.append(excuse_key(problem.override, record))
            name = problem.field or ""
            if name in self.form:
                self.shown += [name] if name not in self.shown else []
                beside = gettext(SEE_ABOVE) if several and name not in asks else text
                self.form[name].errors = self.form[name].errors or [beside]
                if name in asks or not several:
                    continue
            self.problems.append(named(record, text) if several else text)

    def page(self, records: list[Any]) -> ConfirmPage:
        """Return the confirmation page for *records*."""
        view, action = self.view, self.action
        names = [str(record) for record in records[:NAMED]]
        if len(records) > NAMED:
            names.append(gettext("…… 共 %(n)s 条", n=len(records)))
        one = records[0] if len(records) == 1 else None
        back = view.address("details_view", id=one.id) if one else view.address("index_view")
        carry = [("action", action.name)]
        carry += [("rowid", str(record.id)) for record in records]
        carry += [("seen", f"{record.id}-{view.version_of(record)}") for record in records]
        return ConfirmPage(
            title=gettext("%(action)s：%(n)s 条", action=gettext(action.label), n=len(records))
            if one is None
            else gettext("%(action)s“%(name)s”？", action=gettext(action.label), name=str(one)),
            warning=gettext(action.warning) if action.warning else "",
            goes=names if one is None else [],
            post_url=view.address("action_view"),
            carry=carry + [("excused", key) for key in self.to_excuse],
            cancel_url=back,
            button=gettext("确定"),
            style=action.style or "primary",
            ask=[self.form[name] for name in self.shown],
            error=self.error,
            problems=self.problems,
        )


def answer(view: "RecordView", action: Action, ids: list[str]) -> Any:
    """Return the confirmation page, or do it and go on; one id out of reach means 404 for all."""
    if action.is_delicate:
        again = ask_again(view.address("details_view", id=ids[0] if ids else 0))
        if again is not None:
            return again
    asked = Asked(view, action)
    try:
        _check_number(ids)
        records = _chosen(view, action, ids, reading())
        if request.form.get("confirm") != "1":
            _check_seen(asked, records)
            return _asked(asked, records)
        with working() as work:
            chosen = _chosen(view, action, ids, work.session)
            _check_seen(asked, chosen)
            secrets = apply_all(work, action, chosen, asked)
    except Refused as refused:
        asked.attach(refused)
        return _asked(asked, _chosen(view, action, ids, reading())), 422
    except RuleBroken as refusal:  # found by the database, of no row in particular
        asked.problems = [filled(p.message, p.facts, gettext) for p in refusal.problems]
        return _asked(asked, _chosen(view, action, ids, reading())), 422
    except Stale as refusal:
        asked.error = asked.error or gettext(refusal.message)
        return _asked(asked, _chosen(view, action, ids, reading())), 409
    except Blocked as refusal:
        one = view.find(ids[0]) if len(ids) == 1 else None
        return view.blocked(refusal, gettext(action.label), one)
    return _done(view, action, ids, secrets)


def _asked(asked: Asked, records: list[Any]) -> str:
    page = asked.page(records)
    return asked.view.render("admin/model/action.html", page=page, view=asked.view)


def _check_seen(asked: Asked, records: list[Any]) -> None:
    """Raise Stale, and say so on the page, if the person saw something else than what is there."""
    moved = asked.moved_on(records)
    if moved:
        asked.error = gettext("以下记录在您打开之后已被他人修改，请核对后再确认。")
        asked.problems = [str(record) for record in moved]
        raise Stale


def _done(view: "RecordView", action: Action, ids: list[str], secrets: list[str]) -> Any:
    """Lead on after an action; a secret is shown in this answer only."""
    words = gettext(action.label)
    if secrets:
        back = view.address("details_view", id=ids[0])
        page = {"title": action.label, "secrets": secrets, "back_url": back}
        return view.render("admin/model/once.html", **page)
    flash(gettext("%(action)s：已完成 %(n)s 条", action=words, n=len(ids)), "success")
    if len(ids) == 1 and action.name != "delete":
        return redirect(view.address("details_view", id=ids[0]))
    return redirect(view.address("index_view"))


def _check_number(ids: list[str]) -> None:
    if not ids:
        raise Blocked(N_("请先选择记录。"))
    if len(ids) > MAX_ROWS:
        raise Blocked(N_("一次最多处理 %(n)s 条。"), n=f"{MAX_ROWS:,}")


def _chosen(view: "RecordView", action: Action, ids: list[str], session: Any) -> list[Any]:
    keys = [as_id(one) for one in ids]
    if None in keys:
        raise Missing
    criteria = view.service.visible_to(view.actor, action.verb)
    rows = select(view.model).where(view.model.id.in_(keys), *criteria).order_by(view.model.id)
    found = sorted(session.scalars(rows), key=action.turn)
    if len(found) != len(keys):
        raise Missing
    return found
