"""The frame around every page: menu, place, assets."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext
from flask_login import current_user

from app.admin_views.base.record_view import RecordView
from app.admin_views.base.screen import VIEWS
from app.core.words import N_
from app.domain.capital_amount import capital_amount

PAGES = {"create_view": N_("添加"), "edit_view": N_("编辑"), "history_view": N_("变更记录")}


def install(app: Flask, menu: dict[str, tuple[type[RecordView], ...]]) -> None:
    """Give every template the frame; *menu* is the table of contents."""
    assets = Assets(Path(app.static_folder or ""))
    screens = {type(view): view for view in VIEWS.values()}
    groups = [(label, [screens[kind] for kind in kinds]) for label, kinds in menu.items()]

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "company": app.config["COMPANY"],
            "static": assets.url,
            "menu": _menu(groups) if current_user.is_authenticated else [],
            "crumbs": _crumbs(groups),
            "capital_amount": capital_amount,
        }


def _menu(groups: list[tuple[str, list[Any]]]) -> list[dict[str, Any]]:
    home = {
        "label": gettext("首页"),
        "url": "/admin/",
        "icon": "layout-dashboard",
        "current": request.endpoint == "admin.index",
    }
    shown = [{"label": "", "items": [home]}]
    for label, views in groups:
        items = [
            {
                "label": gettext(view.title),
                "url": view.address("index_view"),
                "icon": view.icon,
                "current": request.blueprint == view.entity,
            }
            for view in views
            if view.may("see")
        ]
        if items:
            shown.append({"label": gettext(label), "items": items})
    return shown


def _crumbs(groups: list[tuple[str, list[Any]]]) -> list[tuple[str, str | None]]:
    for label, views in groups:
        for view in views:
            if request.blueprint == view.entity:
                crumbs: list[tuple[str, str | None]] = [(gettext(label), None)]
                crumbs.append((gettext(view.title), view.address("index_view")))
                page = PAGES.get((request.endpoint or "").rpartition(".")[2])
                return [*crumbs, (gettext(page), None)] if page else crumbs
    if request.endpoint == "admin.index":
        return [(gettext("首页"), None)]
    return []


class Assets:
    """Static files by an address that changes with their content, so that they may be kept for ever."""

    def __init__(self, folder: Path) -> None:
        self.marks = {
            str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()[:8]
            for path in folder.rglob("*")
            if path.is_file()
        }

    def url(self, name: str) -> str:
        """Return the address of the static file *name*."""
        return url_for("static", filename=name, v=self.marks.get(name))
