"""Users with what belongs to other areas: what they may do, and why."""

from typing import Any, ClassVar

from flask import jsonify, request
from flask_admin import expose

from app.admin_views.base.details import Details
from app.admin_views.user import UserView
from app.core.words import N_
from app.web.asking import wants_json
from app.web.permission_page import PermissionPage


class PeopleView(UserView):
    """The screen of users as the panel has it."""

    policy: ClassVar[dict[str, str]] = {**UserView.policy, "permissions_view": "see"}
    more_pages: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("permissions_view", N_("权限"), "see"),
        *UserView.more_pages,
    )

    @expose("/permissions/")
    def permissions_view(self) -> Any:
        """Everything a person may do, with the roles behind it; and what of it reaches one record."""
        record = self.find(request.args.get("id"))
        rights = PermissionPage(record)
        if wants_json():
            return jsonify(rights.data())
        page = Details(self, record).page(tab="permissions_view")
        return self.render("admin/user/permissions.html", page=page, rights=rights, view=self)
