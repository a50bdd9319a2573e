"""What a screen offers on a record: addresses, links, relations, actions."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import render_template, url_for
from flask_babel import gettext
from sqlalchemy import select

from app.admin_views.base.actions import Action, deleting
from app.admin_views.base.declared import Declared
from app.admin_views.base.page import ActionButton, Cell, Files, Link
from app.admin_views.base.printing import Document
from app.admin_views.base.query import url_with
from app.admin_views.base.values import cell_of, stamp_text
from app.core.db import reading
from app.core.errors import Blocked, Missing, Obstacle
from app.core.words import N_, filled
from app.domain.permissions import ENTITIES
from app.models.attributes import Attribute
from app.models.base import Trashed
from app.models.user import User
from app.services.registry import SERVICES

#: Every screen by the model it shows; filled as they are made.
VIEWS: dict[type[Any], "Screen"] = {}


class Screen(Declared):
    """A declared view with everything its pages link to."""

    new_label: ClassVar[str] = N_("添加")
    look_label: ClassVar[str] = N_("查看")
    copy_label: ClassVar[str] = N_("复制")
    actions: ClassVar[tuple[Action, ...]] = ()
    documents: ClassVar[tuple[Document, ...]] = ()
    #: Further pages of one record, as tabs: (view function, label, verb).
    more_pages: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    #: The relation on whose page the newest records of this kind stand, and their columns there.
    shown_under: ClassVar[tuple[str, tuple[str, ...]] | None] = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        VIEWS[self.model] = self

    def render(self, template: str, **context: Any) -> str:
        """Return the page; without what Flask-Admin would add for its own templates."""
        return render_template(template, **context)

    def hint_url(self) -> str:
        """Return where the form asks for likely duplicates while a name is typed; "" for nowhere."""
        return ""

    def first_values(self) -> dict[str, Any]:
        """Return what a new form begins with."""
        return {}

    def status_cell(self, record: Any) -> Cell | None:
        """Return the state of *record* as a pill."""
        if not self.status_column:
            return None
        attribute = self.attribute(self.status_column)
        return cell_of(attribute, self.seen(attribute, record))

    def stamp(self, record: Any) -> str:
        """Return who saved which version, when."""
        if not hasattr(record, "version"):
            return ""
        saver = record.updated_by and reading().get(User, record.updated_by)
        return stamp_text(record.version, str(saver or ""), record.updated_at)

    def data_of(self, records: Sequence[Any]) -> dict[int, dict[str, Any]]:
        """Return, by id, what the JSON view says of *records* beside their own rows."""
        return {}

    def files_of(self, record: Any) -> Files | None:
        """Return the files attached to *record*; None where this kind of record has none."""
        return None

    def fact_cells(self, record: Any) -> list[Cell]:
        """Return the key figures of *record*."""
        return [self.cell(a, record) for a in self.shown(self.facts)]

    def cell(self, attribute: Attribute, record: Any, *, url: str | None = None) -> Cell:
        """Return *attribute* of *record* as the person reads it on its page."""
        value, unmask = self.seen(attribute, record), self.unmask_url(attribute, record)
        return cell_of(attribute, value, self.labels(), url=url, unmask_url=unmask)

    def unmask_url(self, attribute: Attribute, record: Any, *, of: str = "") -> str:
        """Return where the person is shown what is masked; *of* names the row it stands in, if any."""
        if not (self.masks(attribute) and self.may("unmask")):
            return ""
        return self.address("unmask_view", id=record.id, field=f"{of}{attribute.name}")

    def guests(self) -> list["Screen"]:
        """Return the screens whose records stand on this record's page, and may be seen."""
        found = [view for view in VIEWS.values() if view.shown_under is not None]
        return [
            view
            for view in found
            if view.attribute(view.shown_under[0]).target is self.model and view.may("see")  # type: ignore[index]
        ]

    def extra_links(self, record: Any) -> list[Link]:
        """Return the buttons that add what stands on the page of *record*: an order of the customer."""
        links = []
        for view in self.guests():
            if view.may("create"):
                url = view.address("create_view", **{view.shown_under[0]: record.id})  # type: ignore[index]
                links.append(Link(gettext(view.new_label), url, "plus", "primary"))
        for document in self.documents:
            url = self.address("print_view", id=record.id, kind=document.kind)
            links.append(Link(gettext(document.title), url, "printer"))
        return links

    def copy_links(self, record: Any) -> list[Link]:
        """Return the way to a new record made after *record*, for those who may."""
        if not self.service.may_copy(self.actor):
            return []
        url = self.address("create_view", copy=record.id)
        return [Link(gettext(self.copy_label), url, "copy")]

    def may_edit_record(self, record: Any) -> bool:
        """Tell whether the edit button belongs on the page of *record*."""
        return self.may("edit")

    def record_actions(self, record: Any) -> list[ActionButton]:
        """Return what can be done with *record* in its present state."""
        return [one.button() for one in self.actions if self.may(one.verb) and one.offered(record)]

    @staticmethod
    def screen_of(model: Any) -> "Screen | None":
        """Return the screen of *model*, if it has one."""
        return VIEWS.get(model)

    def visible_of(self, attribute: Attribute, records: Sequence[Any]) -> set[int]:
        """Return the ids behind a relation of *records* that the person may open."""
        view = VIEWS.get(attribute.target) if attribute.kind == "relation" else None  # type: ignore[arg-type]
        if view is None or not view.may("see"):
            return set()
        found = [getattr(record, attribute.name) for record in records]
        ids = {one.id for one in found if one and getattr(one, "deleted_at", None) is None}
        if self.actor.scope(view.entity, "see") == "all" or not ids:
            return ids
        criteria = view.service.visible_to(self.actor)
        return set(
            reading().scalars(select(view.model.id).where(view.model.id.in_(ids), *criteria))
        )

    def in_the_way(self, refusal: Blocked) -> list[str | Link]:
        """Return what stands in the way, with links to what the person may open."""
        return [item if isinstance(item, str) else self._named(item) for item in refusal.items]

    def _named(self, obstacle: Obstacle) -> str | Link:
        text = filled(obstacle.message, obstacle.facts, gettext)
        screen = next((one for one in VIEWS.values() if one.entity == obstacle.entity), None)
        if screen is None or not screen.may("see"):
            return text
        try:
            found = screen.find(obstacle.record_id)
        except Missing:
            return text
        return Link(text, screen.address("details_view", id=found.id))

    def address(self, view: str, **values: Any) -> str:
        """Return the address of one of this screen's own pages."""
        return url_for(f"{self.entity}.{view}", **values)

    def version_of(self, record: Any) -> int:
        """Return the version of *record*; entries of a log have none."""
        return int(getattr(record, "version", 0) or 0)

    def export_links(self, pairs: Sequence[tuple[str, str]]) -> list[Link]:
        """Return the files that the list shown by *pairs* can be saved as, for those who may."""
        if not self.may("export"):
            return []
        kinds = (("xlsx", gettext("Excel 表格")), ("csv", gettext("CSV 文件")))
        return [
            Link(text, url_with(self.address("export", export_type=kind), pairs), "file-export")
            for kind, text in kinds
        ]

    def create_link(self) -> Link | None:
        """Return the button that adds a record, for those who may."""
        if not (self.writable and self.may("create")):
            return None
        return Link(gettext(self.new_label), self.address("create_view"), "plus", "primary")

    def row_links(self, record: Any) -> list[Link]:
        """Return what can be done with one row of the list."""
        look = Link(gettext(self.look_label), self.address("details_view", id=record.id), "eye")
        return [look, *self.change_links(record)]

    def change_links(self, record: Any) -> list[Link]:
        """Return the ways to edit, repeat and delete *record*, for those who may."""
        links = []
        if self.may_edit_record(record):
            links.append(Link(gettext("编辑"), self.address("edit_view", id=record.id), "pencil"))
        links += self.copy_links(record)
        if self.writable and self.may("delete"):
            url = self.address("delete_view", id=record.id)
            links.append(Link(gettext("删除"), url, "trash", "danger"))
        return links

    def visible_relations(self, records: Sequence[Any]) -> dict[str, set[int]]:
        """Return, per relation listed, the ids that the person may open; one statement each at most."""
        relations = [a for a in self.listed() if a.kind == "relation"]
        return {a.name: self.visible_of(a, records) for a in relations}

    def relation_url(
        self, attribute: Attribute, value: Any, visible: dict[str, set[int]]
    ) -> str | None:
        """Return where a related record can be looked at, or None."""
        if attribute.kind != "relation" or value is None:
            return None
        if value.id not in visible.get(attribute.name, ()):
            return None
        return VIEWS[attribute.target].address("details_view", id=value.id)  # type: ignore[index]

    def names_of(self, attribute: Attribute, ids: Sequence[int]) -> list[str]:
        """Return the names of related records, "…" for those that the person may not choose."""
        service = SERVICES[attribute.target]  # type: ignore[index]
        rows = select(service.model).where(
            service.model.id.in_(ids), *service.referable_by(self.actor)
        )
        names = {one.id: one.choice_text() for one in reading().scalars(rows)}
        return [names.get(one, "…") for one in ids]

    def may_choose(self, attribute: Attribute, key: int) -> bool:
        """Tell whether the person may choose the record *key* for a relation."""
        service = SERVICES[attribute.target]  # type: ignore[index]
        found = select(service.model.id).where(
            service.model.id == key, *service.referable_by(self.actor)
        )
        return reading().scalar(found) is not None

    def every_action(self) -> tuple[Action, ...]:
        """Return its own verbs, and deleting, which all kinds of records share."""
        if not self.writable or "delete" not in ENTITIES[self.entity].verbs:
            return self.actions
        trashed = issubclass(self.model, Trashed)
        return (*self.actions, deleting(self.service, for_good=not trashed))

    def action_named(self, name: str) -> Action:
        """Return the action *name*; raise Missing if this kind of record has none."""
        for one in self.every_action():
            if one.name == name:
                return one
        raise Missing

    def bulk_actions(self) -> list[ActionButton]:
        """Return the actions for a selection of rows."""
        return [one.button() for one in self.every_action() if self.may(one.verb) and one.bulk]
