"""The table of contents of the screen: which views exist, in which menu, in which order."""

from functools import partial

from flask import Flask
from flask_admin import Admin

from app.admin_views import shell
from app.admin_views.activity import ActivityView
from app.admin_views.base import RecordView
from app.admin_views.contact import ContactView
from app.admin_views.customer import CustomerView
from app.admin_views.dashboard import DashboardView
from app.admin_views.department import DepartmentView
from app.admin_views.dictionary import DictionaryView
from app.admin_views.log import AuditView, LoginLogView
from app.admin_views.order import OrderView
from app.admin_views.permission_report import PeopleView
from app.admin_views.role import RoleView
from app.admin_views.setting import SettingView
from app.admin_views.trash import TrashView
from app.core.words import N_
from app.web import policy
from app.web.security import register_retry

MENU: dict[str, tuple[type[RecordView], ...]] = {
    N_("客户管理"): (CustomerView, ContactView, OrderView, ActivityView),
    N_("系统管理"): (
        *(PeopleView, RoleView, DepartmentView, DictionaryView, SettingView),
        *(TrashView, AuditView, LoginLogView),
    ),
}


def install(app: Flask) -> None:
    """Register every screen of MENU on *app*."""
    home = DashboardView()
    admin = Admin(app, name=app.config["COMPANY"], url="/admin", index_view=home)
    policy.register("admin", home.verb_of)
    for screens in MENU.values():
        for screen in screens:
            view = screen()
            admin.add_view(view)
            policy.register(view.entity, view.verb_of)
            for name in ("create_view", "edit_view"):
                register_retry(f"{view.entity}.{name}", partial(view.form_again, name))
    shell.install(app, MENU)
