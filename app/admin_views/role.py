"""Roles: bundles of permissions."""

from app.admin_views.base import RecordView
from app.core.words import N_
from app.services.role import roles


class RoleView(RecordView):
    """What its holders may do, and how far."""

    service = roles
    icon = "shield"
    title = N_("角色")
    noun = N_("角色")
    new_label = N_("添加角色")

    column_list = ("name", "label", "export_rows", "created_at")
    sections = (
        (N_("基本信息"), ("name", "label", "export_rows", "hidden")),
        (N_("权限"), ("grants",)),
    )
