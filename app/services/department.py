"""Departments: a tree without circles."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import Problems
from app.core.words import N_
from app.core.work import Work
from app.models.department import Department
from app.services.crud import Crud


class Departments(Crud[Department]):
    """The parts of the factory."""

    def check(
        self, work: Work, record: Department, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """Refuse a department above itself."""
        above, seen = record.parent, 0
        while above is not None:
            seen += 1
            if above is record or seen > MAX_DEPTH:
                problems.add("parent", N_("上级部门不能是自己或自己的下级。"))
                return
            above = above.parent


MAX_DEPTH = 20

departments = Departments(Department, "department")
