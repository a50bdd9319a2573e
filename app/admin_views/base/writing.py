"""Create and edit: from what was typed to a service call, and back with every message in its place."""

from collections.abc import Iterable
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from flask import request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.admin_views.base import fields as f
from app.admin_views.base.details import Details
from app.admin_views.base.forms import (
    GridSpec,
    each_field,
    form_class,
    problems_of,
    row_class,
    show_errors,
    unread_in,
    values_of,
)
from app.admin_views.base.opened import packed
from app.admin_views.base.page import FormPage, Grid, GridColumn, Section, Table
from app.admin_views.base.values import cell_of
from app.core.db import reading
from app.core.errors import Blocked, Missing, Problem, RuleBroken
from app.core.ids import as_id
from app.core.words import N_, filled
from app.models.base import Record
from app.services import form_token
from app.web.working import working

if TYPE_CHECKING:
    from app.admin_views.base.screen import Screen

SPAN, WIDE = 3, 12
ROW_DIGITS_MARK = "__n__"


class Editor:
    """One form of one view, for one request; *record* is None for a new one.

    *only* names the one attribute that is edited, as within the list; all others are closed then.
    """

    def __init__(
        self,
        view: "Screen",
        record: Any = None,
        typed: MultiDict[str, str] | None = None,
        *,
        only: str = "",
    ) -> None:
        self.view = view
        self.spec = view.spec()
        self.new = record is None
        self.sent = typed is not None
        self.record = record
        verb = "create" if self.new else "edit"
        self.closed = view.service.closed_to(view.actor, verb, record)
        if record is not None:
            self.closed |= view.service.locked(record) if typed is None else frozenset()
        if only:
            self.closed |= frozenset(view.service.attributes()) - {only}
        kind = form_class(self.spec, self.closed, view.actor, view.choices_of)
        self.title = gettext(view.new_label) if self.new else f"{gettext('编辑')} {record}"
        #: What the new record repeats, as the address says; "" is no id, and None no copy at all.
        self.copied = request.args.get("copy") if self.new and view.service.repeated else None
        first = {} if record is not None else self._first_values()
        self.form = kind(formdata=typed, obj=record, data=first)
        if typed is None:
            self.form.form_token.data = token_hex(16)
            self.form.base.data = "" if self.new else packed(self.form)
        self.general: list[str] = []
        self.asked: list[str] = [n for n in self.spec.overrides if typed and typed.get(n)]
        self.error = ""
        self.post_url = ""
        if typed is None and self.copied is not None:
            self._refuse_early(first)

    def _first_values(self) -> dict[str, Any]:
        """Return what a new form begins with; a link may suggest values by name, or all of a record's."""
        first: dict[str, Any] = dict(self.view.first_values())
        if self.copied is not None:
            first |= self._repeated()
        for name in self.spec.names:
            given = request.args.get(name)
            attribute = self.view.attribute(name)
            if given and attribute.kind == "relation" and as_id(given):
                first[name] = int(given)
        return first

    def _repeated(self) -> dict[str, Any]:
        """Return what the copied record begins with; with what was typed, relations for their names only."""
        service = self.view.service
        try:
            original = service.original(reading(), self.view.actor, self.copied)
        except (Missing, Blocked):
            if not self.sent:
                raise
            return {}  # saving says so
        self.title = f"{gettext(self.view.copy_label)} {original}"
        values = service.values_to_repeat(original)
        relations = {n: v for n, v in values.items() if self.view.attribute(n).kind == "relation"}
        return relations if self.sent else values

    def _refuse_early(self, first: dict[str, Any]) -> None:
        """Say at once which repeated relation this person may not choose; leave out what can be left out."""
        for name in self.view.service.repeated:
            value = first.get(name)
            if not isinstance(value, Record) or name not in self.form:
                continue
            attribute = self.view.attribute(name)
            if self.view.may_choose(attribute, value.id):
                continue
            if attribute.required:
                text = gettext(
                    "原来的%(field)s不在您的权限内，请另选。", field=gettext(attribute.label)
                )
                self.form[name].errors = [text]
            else:
                self.form[name].process_data(None)

    # -- saving ----------------------------------------------------------------------------

    def create(self) -> int | None:
        """Save a new record; return its id, or None with the messages in the form."""
        values = values_of(self.form, new=True)
        token = self.form.form_token.typed
        service = self.view.service
        try:
            with working() as work:

                def make() -> Any:
                    record = (
                        service.create(work, values)
                        if self.copied is None
                        else service.copy(work, self.copied, values)
                    )
                    self._refuse_unread()
                    return record

                if not token:
                    return int(make().id)
                return form_token.once(work, token, service.entity, make)
        except RuleBroken as refusal:
            with working() as work:  # the same form, sent at the same time, may have been quicker
                made = form_token.record_made(work, token) if token else None
            if made is not None:
                return made
            self.attach(refusal.problems)
        return None

    def let_go(self) -> None:
        """What was to be copied is gone: keep what was typed, to be saved as a plain new record."""
        self.copied = None
        self.post_url = self.view.address("create_view")
        self.error = gettext(
            "原来的记录已不存在或您无权查看。填写的内容已保留，再次保存即作为新记录。"
        )

    def update(self, record_id: object) -> bool:
        """Save changes; return whether it worked. Raises Missing, Stale, Blocked, NotAllowed."""
        values = values_of(self.form, new=False)
        view = self.view
        try:
            with working() as work:
                record = view.service.get(work.session, view.actor, record_id, "edit")
                version = as_id(self.form.version.typed)
                if record.version == version:
                    view.service.refuse_locked(record, unread_in(self.form))
                view.service.update(work, record, values, version=version)
                self._refuse_unread()
        except RuleBroken as refusal:
            self.record = view.find(record_id, "edit")  # the one read before left its session
            self.attach(refusal.problems)
            return False
        return True

    def _refuse_unread(self) -> None:
        """Nothing is saved while something that was typed could not be read."""
        crowded = [one.name for one in self.form if isinstance(one, f.Rows) and one.too_many]
        if crowded:
            message = N_("一次最多保存 %(n)s 行。")
            raise RuleBroken([Problem(name, message, {"n": f.MAX_ROWS}) for name in crowded])
        if unread_in(self.form):
            raise RuleBroken([])

    def attach(self, problems: Iterable[Problem]) -> None:
        """Put every message beside its field; what has no field goes on top."""
        show_errors(self.form)
        by_name = {one.name: one for one in each_field(self.form)}
        for problem in problems:
            text = filled(problem.message, problem.facts, gettext)
            if problem.override and problem.override not in self.asked:
                self.asked.append(problem.override)
            one = by_name.get(problem.field or "")
            if one is None:
                self.general.append(text)
            elif not one.errors:
                one.errors = [text]

    # -- showing ---------------------------------------------------------------------------

    def page(self) -> FormPage:
        """Return the form as a template shows it."""
        view, record = self.view, self.record
        self._name_relations()
        names = {one.name for one in self.form}
        sections = [
            Section(gettext(title), [(n, self._span(n)) for n in fields if n in names])
            for title, fields in view.sections
        ]
        return FormPage(
            entity=view.entity,
            title=self.title,
            form=self.form,
            sections=[section for section in sections if section.fields],
            grids=[self._grid(grid) for grid in self.spec.grids if grid.name in names],
            shown=self._shown(names),
            problems=[*problems_of(self.form), *(("", "", text) for text in self.general)],
            cancel_url=view.address("index_view")
            if self.new
            else view.address("details_view", id=record.id),
            is_new=self.new,
            version=None if self.new else view.version_of(record),
            stamp="" if self.new else view.stamp(record),
            overrides=self.asked,
            status=None if self.new else view.status_cell(record),
            hint_url=view.hint_url(),
            error=self.error,
            post_url=self.post_url,
            tables=self._tables(names),
        )

    def _span(self, name: str) -> int:
        attribute = self.view.attribute(name)
        wide = attribute.kind in ("long", "grants") or name in self.view.wide_fields
        return WIDE if wide else (6 if name in self.view.half_fields else SPAN)

    def _shown(self, in_form: set[str]) -> list[Any]:
        """Return what people see beside the form but may not post."""
        if self.record is None:
            return []
        view = self.view
        names = dict.fromkeys(n for n in (*self.spec.names, *view.facts) if n not in in_form)
        return [
            cell_of(a, view.seen(a, self.record), view.labels()) for a in view.shown(tuple(names))
        ]

    def _tables(self, in_form: set[str]) -> list[Table]:
        """Return the child rows that people see but may not change now."""
        if self.record is None:
            return []
        details = Details(self.view, self.record)
        grids = [grid for grid in details.grids() if grid.name not in in_form]
        return [details.child_table(grid.name, grid.columns, links=False) for grid in grids]

    def _grid(self, spec: GridSpec) -> Grid:
        view = self.view
        collection = view.attribute(spec.name)
        blank = row_class(spec, collection, view.actor, view.choices_of)(
            prefix=f"{spec.name}-{ROW_DIGITS_MARK}-"
        )
        for one in blank:
            self._prepare(one, f"{spec.name}.{one.short_name}")
        columns = [
            GridColumn(
                one.short_name,
                str(one.label.text),
                one.kind,
                bool(one.flags.required),
                "wide"
                if one.short_name in spec.wide
                else ("narrow" if one.short_name in spec.narrow else "middle"),
            )
            for one in blank
            if one.short_name not in ("id", "delete")
        ]
        return Grid(spec.name, gettext(collection.label), columns, blank, spec.sheet)

    def _name_relations(self) -> None:
        """Give every look-up its address, and the name of what is chosen."""
        for one in each_field(self.form):
            parts = one.name.split("-")
            self._prepare(one, f"{parts[0]}.{parts[-1]}" if len(parts) > 1 else one.name)

    def _prepare(self, one: Any, lookup: str) -> None:
        if not isinstance(one, f.RelationField):
            return
        one.lookup_url = self.view.address("ajax_lookup", name=lookup)
        chosen = as_id(one.typed)
        before = one.object_data
        if chosen is None:
            one.text = one.typed
        elif getattr(before, "id", None) == chosen:
            one.text = before.choice_text()
        else:
            (one.text,) = self.view.names_of(one.attribute, [chosen])
