"""Departments: the parts of the factory."""

from app.admin_views.base import RecordView
from app.core.words import N_
from app.services.department import departments


class DepartmentView(RecordView):
    """Who sits together."""

    service = departments
    icon = "users-group"
    title = N_("部门")
    noun = N_("部门")
    new_label = N_("添加部门")

    column_list = ("name", "parent", "manager", "created_at")
    sections = ((N_("基本信息"), ("name", "parent", "manager")),)
