"""One record, whole: as a page with panels, child rows and history – and as data."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from sqlalchemy import select

from app.admin_views.base.deeds import result_text, verb_text
from app.admin_views.base.page import Change, DetailsPage, Link, Panel, Tab, Table
from app.admin_views.base.query import url_with
from app.admin_views.base.tables import heads_of, nowhere, rows_of
from app.admin_views.base.values import json_of, text_of
from app.core import clock
from app.core.db import reading
from app.core.words import N_
from app.domain.login import SPARED
from app.domain.permissions import VERBS
from app.domain.second_factor import Factor
from app.models.attributes import Attribute, attributes_of
from app.models.audit import Audit, AuditArchive
from app.services.filtering import Condition
from app.services.listing import Listing
from app.services.masking import masked_changes, seen

if TYPE_CHECKING:
    from app.admin_views.base.forms import GridSpec
    from app.admin_views.base.screen import Screen

HISTORY_SIZE = 50
RELATED_ROWS = 5
RECENT = 5


class Details:
    """Shows one record of one view."""

    def __init__(self, view: "Screen", record: Any) -> None:
        self.view = view
        self.record = record

    def page(self, *, tab: str = "details_view") -> DetailsPage:
        """Return the record as a template shows it; *tab* is the page that is open."""
        view, record = self.view, self.record
        overview = tab == "details_view"
        return DetailsPage(
            entity=view.entity,
            id=record.id,
            version=view.version_of(record),
            title=str(record),
            subtitle=[self._cell(a) for a in view.shown(view.subtitle)],
            status=view.status_cell(record),
            facts=view.fact_cells(record) if overview else [],
            tabs=self._tabs(tab),
            panels=self._panels() if overview else [],
            tables=self._tables() if overview else [],
            changes=[self._change(entry) for entry in self._entries(RECENT)] if overview else [],
            links=self._links(),
            actions=view.record_actions(record),
            action_url=view.address("action_view"),
            stamp=view.stamp(record),
            files=view.files_of(record) if overview else None,
        )

    def history_page(self, before: int | None) -> DetailsPage:
        """Return the record's history, the entries older than *before*, with a link to the next ones."""
        entries = self._entries(HISTORY_SIZE + 1, before)
        links = []
        if len(entries) > HISTORY_SIZE:
            older = entries[HISTORY_SIZE - 1].id
            url = self.view.address("history_view", id=self.record.id, before=older)
            links = [Link(gettext("更早的变更"), url, "chevron-right")]
        changes = [self._change(entry) for entry in entries[:HISTORY_SIZE]]
        return replace(self.page(tab="history_view"), changes=changes, links=links, actions=[])

    def data(self, beside: Mapping[int, Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """Return the record as the JSON view shows it; *beside* are the rows that ``data_of`` told of many."""
        view, record = self.view, self.record
        more = view.data_of([record]) if beside is None else beside
        values, children = {}, {}
        for attribute in view.service.attributes().values():
            if view.service.hides(view.actor, attribute) or not attribute.readable:
                continue
            if attribute.kind == "rows":
                rows = getattr(record, attribute.name)
                children[attribute.name] = [self._row_data(child, attribute) for child in rows]
            elif attribute.name not in ("id", "version"):
                values[attribute.name] = json_of(attribute, view.seen(attribute, record))
        return {
            "entity": view.entity,
            "id": record.id,
            "version": view.version_of(record),
            "values": values,
            "children": {**children, **more.get(record.id, {})},
        }

    def _row_data(self, child: Any, collection: Attribute) -> dict[str, Any]:
        return {
            a.name: json_of(a, seen(self.view.actor, a, child))
            for a in attributes_of(collection.target).values()  # type: ignore[arg-type]
            if a.readable and a.target is not self.view.model
        }

    # -- parts -----------------------------------------------------------------------------

    def _cell(self, attribute: Attribute) -> Any:
        value = getattr(self.record, attribute.name)
        visible = self.view.visible_of(attribute, [self.record])
        url = self.view.relation_url(attribute, value, {attribute.name: visible})
        return self.view.cell(attribute, self.record, url=url)

    def _tabs(self, current: str) -> list[Tab]:
        view, one = self.view, self.record.id
        more = [(name, gettext(text)) for name, text, verb in view.more_pages if view.may(verb)]
        names = (("details_view", gettext("概况")), *more, ("history_view", gettext("变更记录")))
        return [
            Tab(text, view.address(name, id=one), current=name == current) for name, text in names
        ]

    def _links(self) -> list[Link]:
        return [*self.view.extra_links(self.record), *self.view.change_links(self.record)]

    def _panels(self) -> list[Panel]:
        view = self.view
        panels = []
        for title, names in view.sections or ((view.title, view.column_list),):
            cells = [self._cell(a) for a in view.shown(names) if a.kind != "rows"]
            panels.append(Panel(gettext(title), cells))
        return [panel for panel in panels if panel.cells]

    def _tables(self) -> list[Table]:
        view = self.view
        tables = [self.child_table(grid.name, grid.columns) for grid in self.grids()]
        tables += [self._guest_table(guest, *guest.shown_under) for guest in view.guests()]  # type: ignore[misc]
        return tables

    def grids(self) -> list["GridSpec"]:
        """Return the collections that the person may see."""
        there = {a.name for a in self.view.shown([grid.name for grid in self.view.grids])}
        return [grid for grid in self.view.grids if grid.name in there]

    def child_table(self, name: str, names: tuple[str, ...], *, links: bool = True) -> Table:
        """Return the rows of the collection *name*, with links where they have pages of their own."""
        view, collection = self.view, self.view.attribute(name)
        attributes = attributes_of(collection.target)  # type: ignore[arg-type]
        extra = [n for n in ("net_amount", "amount") if n in attributes]
        shown = [attributes[n] for n in (*names, *extra)]
        screen = view.screen_of(collection.target) if links else None

        def unmask(attribute: Attribute, child: Any) -> str:
            return view.unmask_url(attribute, self.record, of=f"{name}-{child.id}-")

        children = getattr(self.record, name)
        rows = rows_of(
            view.actor, children, shown, screen, links=True, unmask=unmask if links else nowhere
        )
        create = None
        if screen is not None and screen.may("create"):
            url = screen.address("create_view", **{view.entity: self.record.id})
            create = Link(gettext(screen.new_label), url, "plus")
        count = gettext("%(n)s 条", n=len(rows))
        return Table(name, gettext(collection.label), heads_of(shown), rows, create, None, count)

    def _guest_table(self, screen: "Screen", name: str, names: tuple[str, ...]) -> Table:
        """Return the newest records of another kind that refer to this one."""
        condition = Condition(name, "eq", str(self.record.id))
        listing = Listing(reading(), screen.service, self.view.actor, conditions=[condition])
        count, exact = listing.count()
        shown = screen.shown(names)
        rows = rows_of(self.view.actor, listing.page(RELATED_ROWS).records, shown, screen)
        all_url = url_with(screen.address("index_view"), [(f"flt_{name}_eq", str(self.record.id))])
        create = None
        if screen.may("create"):
            url = screen.address("create_view", **{name: self.record.id})
            create = Link(gettext(screen.new_label), url, "plus")
        text = gettext("%(n)s 条", n=f"{count:,}" if exact else f"{count:,}+")
        more = Link(gettext("查看全部"), all_url, "list") if count > len(rows) else None
        return Table(
            screen.entity, gettext(screen.title), heads_of(shown), rows, create, more, text
        )

    # -- history ---------------------------------------------------------------------------

    def _entries(self, limit: int, before: int | None = None) -> list[Audit | AuditArchive]:
        """Return the newest entries of the record; where they end, those in the archive go on."""
        found: list[Audit | AuditArchive] = []
        for model in (Audit, AuditArchive):
            rows = select(model).where(
                model.entity == self.view.entity, model.record_id == self.record.id
            )
            if before is not None:
                rows = rows.where(model.id < before)
            if len(found) < limit:
                rows = rows.order_by(model.id.desc()).limit(limit - len(found))
                found += reading().scalars(rows)
        return found

    def _change(self, entry: Audit | AuditArchive) -> Change:
        at = clock.minute_text(entry.at)
        actor = entry.actor if entry.actor_id else gettext("系统")
        words = verb_text(entry.action)
        if entry.result != "ok":
            words = f"{words}（{result_text(entry.result)}）"
        changes = masked_changes(self.view.actor, self.view.model, entry.changes)
        return Change(at, actor, words, list(self._lines(changes, self.view.service.attributes())))

    def _lines(
        self, changes: dict[str, Any], attributes: dict[str, Attribute], start: str = ""
    ) -> Any:
        for name, change in changes.items():
            attribute = attributes.get(name)
            if attribute is not None and (
                self.view.service.hides(self.view.actor, attribute) or not attribute.readable
            ):
                continue
            label = start + gettext(attribute.label if attribute else REASONS.get(name, name))
            if attribute is not None and attribute.kind == "rows":
                inner = attributes_of(attribute.target)  # type: ignore[arg-type]
                for row in change:
                    verb = gettext(VERBS.get(row["verb"], row["verb"]))
                    yield from self._lines(row["changes"], inner, f"{label} · {verb} · ")
            elif isinstance(change, list) and len(change) == 2:  # noqa: PLR2004 - old and new
                yield (label, *(_shown(attribute, _worded(name, value)) for value in change))
            elif isinstance(change, str) and name in REASONS:
                about = attributes.get(change) if name == "field" else None
                yield (label, "", gettext(about.label) if about else _worded(name, change))


REASONS = {
    "field": N_("字段"),
    "reason": N_("原因"),
    "file": N_("附件"),
    "kind": N_("单据"),
    "prints": N_("第几次打印"),
    "passkey": N_("通行密钥"),
    "sign_count": N_("使用次数"),
    "device": N_("设备"),
    "purpose": N_("用途"),
    "cause": N_("起因"),
    "factor": N_("验证方式"),
    "duplicate_reason": N_("不是同一家，说明原因"),
    "credit_code_reason": N_("早期代码，说明原因"),
    "credit_reason": N_("放行原因"),
    "customer_po_confirm": N_("客户单号重复"),
}


#: What entries hold in codes, beside the columns of a record.
CODES = {
    ("purpose", "login"): N_("登录"),
    ("purpose", "reset"): N_("重设密码"),
    ("cause", "stolen cookie"): N_("登录凭据被盗用"),
    ("factor", SPARED): N_("受信任的设备"),
    **{("factor", one.value): one.label for one in Factor},
}


def _worded(name: str, value: Any) -> Any:
    """Return *value* in words if it is a code of ours."""
    code = CODES.get((name, value)) if isinstance(value, str) else None
    return gettext(code) if code else value


def _shown(attribute: Attribute | None, value: Any) -> str:
    """Return a value kept by the audit as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict) and "text" in value:
        return str(value["text"])
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if attribute is not None and attribute.words is not None:
        member = attribute.words.of(value)
        return gettext(member.label) if member else str(value)
    if attribute is not None and attribute.kind in ("grants", "groups"):
        return text_of(attribute, value)
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)
