"""The list as a page: columns, rows, chips, links – and as data."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.admin_views.base.page import Chip, Column, FilterField, ListPage, Row
from app.admin_views.base.query import PAGE_SIZES, Query, signed, unsigned, url_with
from app.admin_views.base.values import cell_of, json_of, text_of
from app.core.db import reading
from app.core.words import N_
from app.models.attributes import Attribute
from app.services.filtering import CHOSEN, Condition, InvalidFilter, ops_of, parsed
from app.services.keyset import Cursor
from app.services.listing import COUNT_CAP, Listing, Slice, Sort
from app.services.masking import guess_in
from app.web import limits

if TYPE_CHECKING:
    from app.admin_views.base.screen import Screen

OPS = {
    "eq": N_("等于"),
    "ne": N_("不等于"),
    "in": N_("属于"),
    "contains": N_("包含"),
    "ge": N_("不小于"),
    "le": N_("不大于"),
    "empty": N_("为空"),
}
DAY_OPS = {"ge": N_("不早于"), "le": N_("不晚于")}
EMPTY = Slice([], None, None, before=False, after=False)


class ListReader:
    """Reads one list for one request, and shows it."""

    def __init__(self, view: "Screen", query: Query) -> None:
        self.view = view
        self.query = query
        self.sort = query.sort or view.default_sort
        self.error = ""
        count_guess(view, query)
        self.listing = self._open()
        self.count, self.exact = self.listing.count() if self.listing else (0, True)
        self.position, self.slice = self._read()

    def _open(self) -> Listing | None:
        names = self.view.loaded_names()
        try:
            return open_listing(self.view, self.query, reading(), load=names)
        except InvalidFilter:
            self.error = gettext("筛选条件无效")
            return None

    def _read(self) -> tuple[int, Slice]:
        if self.listing is None:
            return 0, EMPTY
        size, query = self.query.page_size, self.query
        if query.page:
            last = max(1, -(-self.count // size))
            offset = (min(query.page, last) - 1) * size
            return offset + 1, self.listing.page_after(offset, size)
        attribute = self.view.service.attributes().get(self.sort.column)
        cursor = unsigned(query.cursor, self.sort, attribute)
        page = self.listing.page(size, cursor)
        if cursor is not None and not page.records:
            cursor, page = None, self.listing.page(size)
        return (cursor.position if cursor else 1) if page.records else 0, page

    # -- as a page -------------------------------------------------------------------------

    def page(self) -> ListPage:
        """Return the list as a template shows it."""
        view, query = self.view, self.query
        labels = view.labels()
        visible = view.visible_relations(self.slice.records)
        editable = view.editable_now()
        rows = [self._row(record, labels, visible, editable) for record in self.slice.records]
        shown = f"{self.count:,}"
        return ListPage(
            entity=view.entity,
            title=gettext(view.title),
            columns=[self._column(a) for a in view.listed()],
            rows=rows,
            count=self.count,
            count_kind=self.count_kind,
            count_text=shown if self.exact else gettext("超过 %(n)s 条", n=shown),
            position=self.position if rows else 0,
            search=query.search,
            search_hint=gettext(view.hint_of_search()),
            chips=[self._chip(condition) for condition in query.conditions],
            filters=[self._filter(a) for a in view.filterable()],
            links=self.links(),
            page_size=query.page_size,
            page_sizes=PAGE_SIZES,
            keep=query.but("search", "page_size"),
            clear_url=view.address("index_view"),
            create=view.create_link(),
            exports=view.export_links(query.but()),
            actions=view.bulk_actions(),
            action_url=view.address("action_view"),
            update_url=view.address("ajax_update"),
            error=self.error,
        )

    @property
    def count_kind(self) -> str:
        """exact, or capped when there are more."""
        return "exact" if self.exact else "capped"

    def links(self) -> dict[str, str | None]:
        """Return where first, prev, next and last lead."""
        page, size = self.slice, self.query.page_size
        start = self.position
        first, last = page.first, page.last
        end = max(1, self.count - size + 1) if self.exact else COUNT_CAP
        return {
            "first": self._list_url() if page.before else None,
            "prev": self._at(Cursor(*first, True, max(1, start - size)))  # noqa: FBT003
            if page.before and first
            else None,
            "next": self._at(Cursor(*last, False, start + len(page.records)))  # noqa: FBT003
            if page.after and last
            else None,
            "last": self._at(Cursor(None, 0, True, end)) if page.after else None,  # noqa: FBT003
        }

    def _at(self, cursor: Cursor) -> str:
        return self._list_url(cursor=signed(cursor, self.sort))

    def _list_url(self, *dropped: str, **given: object) -> str:
        return url_with(self.view.address("index_view"), self.query.but(*dropped, **given))

    def _column(self, attribute: Attribute) -> Column:
        name, sort, url = attribute.name, "", None
        if name in self.view.sortable and not self.view.masks(attribute):
            current = self.sort.column == name
            sort = ("desc" if self.sort.descending else "asc") if current else ""
            url = self._list_url(sort=str(Sort(name, sort == "asc")))
        return Column(name, gettext(attribute.label), attribute.kind, sort, url)

    def _row(
        self, record: Any, labels: Any, visible: dict[str, set[int]], editable: Collection[str]
    ) -> Row:
        view = self.view
        cells = []
        for attribute in view.listed():
            value = view.seen(attribute, record)
            url = view.relation_url(attribute, value, visible)
            can = attribute.name in editable
            unmask = view.unmask_url(attribute, record)
            cells.append(
                cell_of(attribute, value, labels, url=url, editable=can, unmask_url=unmask)
            )
        return Row(
            record.id,
            view.version_of(record),
            str(record),
            cells,
            view.address("details_view", id=record.id),
            view.row_links(record),
        )

    def _chip(self, condition: Condition) -> Chip:
        attribute = self.view.service.attributes().get(condition.column)
        name = f"flt_{condition.column}_{condition.op}"
        remove = url_with(
            self.view.address("index_view"),
            [pair for pair in self.query.but() if pair != (name, condition.value)],
        )
        if attribute is None:
            return Chip(condition.column, condition.op, condition.value, remove, invalid=True)
        op = op_label(attribute, condition.op)
        try:
            value = self._chip_value(attribute, condition)
        except InvalidFilter:
            return Chip(gettext(attribute.label), op, condition.value, remove, invalid=True)
        return Chip(gettext(attribute.label), op, value, remove)

    def _chip_value(self, attribute: Attribute, condition: Condition) -> str:
        if condition.op not in ops_of(attribute, self.view.actor):
            raise InvalidFilter
        if condition.op == "empty":
            return gettext("是") if condition.value == "1" else gettext("否")
        if condition.op == "contains":
            return condition.value
        members = [parsed(attribute, part) for part in condition.value.split(",")]
        if attribute.kind in ("relation", "relations"):
            return "、".join(self.view.names_of(attribute, members))
        return "、".join(text_of(attribute, member, self.view.labels()) for member in members)

    def _filter(self, attribute: Attribute) -> FilterField:
        ops = [(op, op_label(attribute, op)) for op in ops_of(attribute, self.view.actor)]
        looked_up = attribute.kind in ("relation", "relations")
        chosen = attribute.kind in CHOSEN and not looked_up
        choices = self.view.choices_of(attribute) if chosen else []
        lookup = attribute.name if looked_up else None
        return FilterField(
            attribute.name, gettext(attribute.label), attribute.kind, ops, choices, lookup
        )

    # -- as data ---------------------------------------------------------------------------

    def data(self) -> dict[str, Any]:
        """Return the list as the JSON view shows it."""
        names = [attribute.name for attribute in self.view.listed()]
        return {
            "entity": self.view.entity,
            "columns": names,
            "rows": [self._data_row(record) for record in self.slice.records],
            "count": self.count,
            "count_kind": self.count_kind,
            "links": {
                rel: f"{url}&format=json" if url and "?" in url else url and f"{url}?format=json"
                for rel, url in self.links().items()
            },
            **({"errors": [self.error]} if self.error else {}),
        }

    def _data_row(self, record: Any) -> dict[str, Any]:
        values = {a.name: json_of(a, self.view.seen(a, record)) for a in self.view.listed()}
        return {"id": record.id, "version": self.view.version_of(record), **values}


def open_listing(
    view: "Screen", query: Query, session: Session, *, load: list[str], verb: str = "see"
) -> Listing:
    """Return the list that *query* describes; raise InvalidFilter for what this list does not have."""
    if query.sort and query.sort.column not in (*view.sortable, "id"):
        raise InvalidFilter
    return Listing(
        session,
        view.service,
        view.actor,
        verb=verb,
        term=query.search,
        conditions=query.conditions,
        sort=query.sort or view.default_sort,
        load=load,
    )


def count_guess(view: "Screen", query: Query) -> None:
    """Count it when somebody tries a whole number that they see masked; raise TooMany for too many."""
    asked = [view.service.attributes().get(one.column) for one in query.conditions]
    tried = {guess_in(view.actor, query.search)} - {""}
    if any(one and view.masks(one) for one in asked):
        tried.add("guess")
    for limit in sorted(tried):
        limits.count(limit)


def op_label(attribute: Attribute, op: str) -> str:
    """Return the words for *op*; days are earlier or later, not smaller or greater."""
    words = DAY_OPS.get(op) if attribute.kind in ("date", "instant") else None
    return gettext(words or OPS.get(op, op))
