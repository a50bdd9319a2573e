"""The pages every record shares: one gate, and a service behind every write."""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request
from flask_admin import expose
from flask_babel import gettext

from app.admin_views.base import bulk, exporting, lookup, printing
from app.admin_views.base.conflict import Conflict
from app.admin_views.base.details import Details
from app.admin_views.base.listing import ListReader
from app.admin_views.base.page import ConfirmPage, Link
from app.admin_views.base.privacy import Privacy
from app.admin_views.base.query import query_from_request
from app.admin_views.base.values import raw_of, text_of
from app.admin_views.base.writing import Editor
from app.core.db import reading
from app.core.errors import Blocked, Missing, NotAllowed, Stale
from app.core.ids import as_id
from app.core.words import filled
from app.models.attributes import KEPT
from app.models.base import Trashed
from app.services import trash
from app.services.rows import children_of
from app.web import limits
from app.web.asking import wants_json
from app.web.working import working

#: View function → the verb it needs. What is not here is nobody's: the gate denies by default.
POLICY: dict[str, str] = {
    "index_view": "see",
    "details_view": "see",
    "history_view": "see",
    "create_view": "create",
    "edit_view": "edit",
    "delete_view": "delete",
    "action_view": "action",
    "export": "export",
    "ajax_lookup": "see",
    "ajax_update": "edit",
    "restore_view": "restore",
    "print_view": "see",
    "attach_view": "attach",
    "detach_view": "attach",
    "attachment_view": "see",
    "unmask_view": "unmask",
}


class RecordView(Privacy):
    """List, look at, write and delete one kind of record, through its service alone."""

    policy: ClassVar[dict[str, str]] = {}

    # -- the gate --------------------------------------------------------------------------

    def _handle_view(self, name: str, **_arguments: Any) -> Any:
        """Pass every request of every page: no policy, no entrance."""
        verb = self.verb_of(name)
        if verb is None:
            raise NotAllowed
        if verb == "action":
            verb = self.action_named(request.form.get("action", "")).verb
        self.demand(verb)

    def _run_view(self, fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call *fn*; the stock method hides the TypeErrors of its callee."""
        return fn(self, *arguments, **named)

    def verb_of(self, name: str) -> str | None:
        """Return the verb that the page *name* needs."""
        return self.policy.get(name) or POLICY.get(name)

    # -- reading ---------------------------------------------------------------------------

    @expose("/")
    def index_view(self) -> Any:
        """The list."""
        reader = ListReader(self, query_from_request())
        if wants_json():
            return jsonify(reader.data())
        return self.render("admin/model/list.html", page=reader.page(), view=self)

    @expose("/details/")
    def details_view(self) -> Any:
        """One record, whole."""
        details = Details(self, self.find(request.args.get("id")))
        if wants_json():
            return jsonify(details.data())
        return self.render("admin/model/details.html", page=details.page(), view=self)

    @expose("/history/")
    def history_view(self) -> Any:
        """What happened to one record, newest first."""
        record = self.find(request.args.get("id"))
        details = Details(self, record)
        before = as_id(request.args.get("before"))
        page = details.history_page(before)
        return self.render("admin/model/history.html", page=page, view=self)

    @expose("/print/", methods=("GET", "POST"))
    def print_view(self) -> Any:
        """A document on paper."""
        return printing.answer(self)

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Any:
        """The list as a file."""
        if request.method != "HEAD":
            limits.count("export")
        return exporting.export(self, query_from_request(), export_type)

    @expose("/ajax/lookup/")
    def ajax_lookup(self) -> Any:
        """What can be chosen for a relation: scoped, searched, at most 50."""
        limits.count("lookup")
        return jsonify(lookup.choices(self, request.args))

    #: Relation → relations of the same form that narrow its look-up: contacts of the chosen customer.
    lookup_within: ClassVar[dict[str, tuple[str, ...]]] = {}

    # -- writing ---------------------------------------------------------------------------

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Add a record."""
        if request.method == "GET":
            return self.form_answer(Editor(self))
        editor = Editor(self, typed=request.form)
        try:
            made = editor.create()
        except (Stale, Blocked) as refusal:
            editor.error = filled(refusal.message, refusal.facts, gettext)
            return self.form_answer(editor, 409)
        except Missing:
            if editor.copied is None:
                raise
            editor.let_go()
            return self.form_answer(editor, 404)
        if made is None:
            return self.form_answer(editor, 422)
        flash(gettext("已保存"), "success")
        return redirect(self.address("details_view", id=made))

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """Change a record."""
        key = request.args.get("id")
        record = self.find(key, "edit")
        if request.method == "GET":
            return self.form_answer(Editor(self, record))
        editor = Editor(self, record, request.form)
        try:
            saved = editor.update(key)
        except Stale:
            page = Conflict(editor, self.find(key, "edit")).page()
            return self.render("admin/model/merge.html", page=page, view=self), 409
        except Blocked as refusal:
            editor = Editor(self, self.find(key, "edit"), request.form)
            editor.error = filled(refusal.message, refusal.facts, gettext)
            return self.form_answer(editor, 409)
        if not saved:
            return self.form_answer(editor, 422)
        flash(gettext("已保存"), "success")
        return redirect(self.address("details_view", id=key))

    def form_answer(self, editor: Editor, status: int = 200) -> Any:
        """Return the form page."""
        return self.render("admin/model/form.html", page=editor.page(), view=self), status

    def form_again(self, name: str) -> Any:
        """Return the form as typed, after its token was refused; None where nobody may see it."""
        try:
            self._handle_view(name)
            record = self.find(request.args.get("id"), "edit") if name == "edit_view" else None
        except (NotAllowed, Missing):
            return None
        editor = Editor(self, record, request.form)
        editor.error = gettext("页面已过期，请刷新后重试，您填写的内容已保留。")
        return self.render("admin/model/form.html", page=editor.page(), view=self)

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> Any:
        """Change one value within the list."""
        typed = request.form
        names = [name for name in typed if name in self.service.attributes() and name not in KEPT]
        if len(names) != 1:
            abort(400)
        (name,) = names
        if name not in self.editable_now():
            raise NotAllowed(f"{self.entity}.edit")
        record = self.find(typed.get("list_form_pk"), "edit")
        if name in self.service.closed_to(self.actor, "edit", record):
            raise NotAllowed(f"{self.entity}.edit")
        editor = Editor(self, record, typed, only=name)
        try:
            saved = editor.update(typed.get("list_form_pk"))
        except Stale as refusal:
            return jsonify(error=gettext(refusal.message)), 409
        except Blocked as refusal:
            return jsonify(error=filled(refusal.message, refusal.facts, gettext)), 409
        if not saved:
            errors = {name: list(editor.form[name].errors)}
            return jsonify(
                errors={k: v for k, v in errors.items() if v} or {name: editor.general}
            ), 422
        record = self.find(typed.get("list_form_pk"), "edit")
        attribute = self.attribute(name)
        value = self.seen(attribute, record)
        text = text_of(attribute, value, self.labels())
        answer = {"id": record.id, "version": record.version, "text": text}
        return jsonify(answer | {"value": raw_of(getattr(value, "id", value))})

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> Any:
        """Ask, name what goes, and delete."""
        key = request.form.get("id") or request.args.get("id")
        record = self.find(key, "delete")
        try:
            self.service.check_delete(reading(), record)
            if request.method == "POST" and request.form.get("confirm") == "1":
                return self._deleted(key)
        except Blocked as refusal:
            return self.blocked(refusal, gettext("删除%(noun)s", noun=gettext(self.noun)), record)
        page = self._delete_page(record)
        return self.render("admin/model/delete.html", page=page, view=self)

    def _deleted(self, key: object) -> Any:
        with working() as work:
            record = self.service.get(work.session, self.actor, key, "delete")
            self.service.delete(work, record, version=as_id(request.form.get("version")))
        flash(self._gone(str(record.id)), "success")
        return redirect(self.address("index_view"))

    def _gone(self, record_id: str) -> Any:
        """Return what is said after deleting; with the way back, where there is one."""
        if not issubclass(self.model, Trashed):
            return gettext("已删除")
        text = gettext("已移入回收站，30 天内可以恢复。")
        if not self.may("restore"):
            return text
        return {"text": text, "undo": self.address("restore_view"), "id": record_id}

    def _delete_page(self, record: Any) -> ConfirmPage:
        trashed = issubclass(self.model, Trashed)
        goes = [gettext(text, n=n) for text, n in self.service.goes_with(reading(), record)]
        warning = "" if trashed else gettext("相关信息将无法恢复，请确认操作。")
        name = {"noun": gettext(self.noun), "name": str(record)}
        return ConfirmPage(
            title=gettext("删除%(noun)s“%(name)s”？", **name),
            warning=warning,
            goes=goes,
            post_url=self.address("delete_view", id=record.id),
            carry=[("id", str(record.id)), ("version", str(self.version_of(record)))],
            cancel_url=self.address("details_view", id=record.id),
            button=gettext("确定"),
        )

    def blocked(self, refusal: Blocked, title: str, record: Any = None) -> Any:
        """Return the page that says what stands in the way."""
        back = self.address("details_view", id=record.id) if record else self.address("index_view")
        body = self.render(
            "admin/model/blocked.html",
            view=self,
            title=title,
            message=filled(refusal.message, refusal.facts, gettext),
            items=self.in_the_way(refusal),
            back_url=back,
            offers=self.offers(record) if record else [],
        )
        return body, 409

    @expose("/restore/", methods=("POST",))
    def restore_view(self) -> Any:
        """Bring a record back from the trash."""
        key = request.form.get("id")
        try:
            with working() as work:
                record = trash.restore(work, self.service, key)
                children = sum(1 for _ in children_of(record))
        except Blocked as refusal:
            return self.blocked(refusal, gettext("恢复%(noun)s", noun=gettext(self.noun)))
        flash(gettext("已恢复，连同 %(n)s 条下级记录。", n=children), "success")
        return redirect(self.address("details_view", id=key))

    def offers(self, record: Any) -> list[Link]:
        """Return ways out when deleting is refused."""
        return []

    @expose("/action/", methods=("POST",))
    def action_view(self) -> Any:
        """Ask about, and apply, one of the record's verbs to the chosen rows: all or none."""
        chosen = self.action_named(request.form.get("action", ""))
        ids = list(dict.fromkeys(request.form.getlist("rowid")))
        return bulk.answer(self, chosen, ids)
