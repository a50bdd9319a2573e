"""The first page, and the search over everything."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import jsonify, render_template, request
from flask_admin import AdminIndexView, expose
from flask_babel import gettext
from flask_login import current_user

from app.admin_views.base.page import Link, Table
from app.admin_views.base.query import MAX_SEARCH, url_with
from app.admin_views.base.screen import VIEWS, Screen
from app.admin_views.base.tables import heads_of, rows_of
from app.core import clock
from app.core.db import reading
from app.core.errors import NotAllowed
from app.core.words import N_
from app.services.filtering import conditions_in
from app.services.listing import Listing, Sort
from app.services.masking import guess_in
from app.web import limits
from app.web.asking import wants_json
from app.web.policy import LOGIN

#: (until that hour, greeting)
GREETINGS = ((12, N_("早上好")), (18, N_("下午好")), (24, N_("晚上好")))
HITS = 6
ROWS = 8
#: Entities the search box looks in, in the order of its groups.
SEARCHED = ("customer", "contact", "order")


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure that leads to its list."""

    label: str
    value: str
    url: str
    unit: str = ""
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """What the first page shows."""

    title: str
    subtitle: str
    tiles: list[Tile]
    tables: list[Table]
    charts: list[Any] = field(default_factory=list)
    todo: list[Link] = field(default_factory=list)


class DashboardView(AdminIndexView):
    """Where the day begins."""

    def __init__(self) -> None:
        super().__init__(name=N_("首页"), url="/admin", template="admin/dashboard.html")
        self.static_folder = None  # nothing of Flask-Admin's own scripts is served

    def _handle_view(self, name: str, **_arguments: Any) -> None:
        """Everybody who is signed in may come in; each part shows what its reader may see."""
        if self.verb_of(name) is None:
            raise NotAllowed

    @staticmethod
    def verb_of(name: str) -> str | None:
        """Return what the page *name* needs: a login, no permission of its own."""
        return LOGIN if name in ("index", "search") else None

    @expose("/")
    def index(self) -> Any:
        """Key figures and the newest orders."""
        now = clock.to_local(clock.now())
        greeting = next(gettext(words) for until, words in GREETINGS if now.hour < until)
        page = DashboardPage(
            title=gettext("%(greeting)s，%(name)s", greeting=greeting, name=current_user.name),
            subtitle=now.strftime("%Y-%m-%d"),
            tiles=list(_tiles()),
            tables=list(_tables()),
        )
        return render_template("admin/dashboard.html", page=page)

    @expose("/search/")
    def search(self) -> Any:
        """Records of every kind that the term finds, grouped; within what the reader may see."""
        term = request.args.get("q", "").strip()[:MAX_SEARCH]
        if term:  # without one it only tells that somebody is still signed in
            limits.count("lookup")
        if tried := guess_in(current_user.actor, term):
            limits.count(tried)
        groups = list(_hits(term)) if term else []
        if wants_json():
            return jsonify([hit for _, hits in groups for hit in hits])
        shown = [(label, [Link(hit["text"], hit["url"]) for hit in hits]) for label, hits in groups]
        return render_template("admin/search.html", q=term, groups=shown)


def _screens() -> dict[str, Screen]:
    return {view.entity: view for view in VIEWS.values()}


def _hits(term: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for entity in SEARCHED:
        view = _screens()[entity]
        if view.may("see"):
            found = Listing(reading(), view.service, view.actor, term=term).page(HITS).records
            hits = [
                {
                    "entity": entity,
                    "id": one.id,
                    "text": one.choice_text(),
                    "url": view.address("details_view", id=one.id),
                }
                for one in found
            ]
            if hits:
                yield gettext(view.title), hits


#: Tiles: label, entity, filter of the list that the tile leads to.
FIGURES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (N_("客户"), "customer", ()),
    (N_("草稿订单"), "order", (("flt_status_eq", "draft"),)),
    (N_("生产中的订单"), "order", (("flt_status_in", "confirmed,producing"),)),
    (
        N_("加急未发货"),
        "order",
        (("flt_is_urgent_eq", "1"), ("flt_status_in", "confirmed,producing")),
    ),
)


def _tiles() -> Iterator[Tile]:
    for label, entity, pairs in FIGURES:
        view = _screens()[entity]
        if view.may("see"):
            listing = Listing(reading(), view.service, view.actor, conditions=conditions_in(pairs))
            count, exact = listing.count()
            value = f"{count:,}" if exact else f"{count:,}+"
            yield Tile(
                gettext(label), value, url_with(view.address("index_view"), pairs), gettext("条")
            )


def _tables() -> Iterator[Table]:
    view = _screens()["order"]
    if not view.may("see"):
        return
    names = ("order_no", "customer", "status", "delivery_date", "amount")
    listing = Listing(reading(), view.service, view.actor, sort=Sort(), load=("customer",))
    shown = view.shown(names)
    rows, heads = rows_of(view.actor, listing.page(ROWS).records, shown, view), heads_of(shown)
    more = Link(gettext("查看全部"), view.address("index_view"), "list")
    yield Table("orders", gettext("最近的订单"), heads, rows, view.create_link(), more)
