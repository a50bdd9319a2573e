"""Departments: who sits together, and so may see each other's customers."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, relationship

from app.core.words import N_
from app.models.base import Id, Name, Record, column, refers, unique_among_living

if TYPE_CHECKING:
    from app.models.user import User


class Department(Record):
    """A part of the factory; departments form a tree."""

    __tablename__ = "departments"
    __table_args__ = (
        unique_among_living("departments", "name", message=N_("已有同名的部门。"), trash=False),
    )

    name: Mapped[Name] = column(N_("部门名称"))
    parent_id: Mapped[Id | None] = refers(N_("上级部门"), "departments.id", index=True)
    manager_id: Mapped[Id | None] = refers(
        N_("部门负责人"), "users.id", ondelete="SET NULL", index=True
    )

    parent: Mapped["Department | None"] = relationship(remote_side="Department.id")
    manager: Mapped["User | None"] = relationship(foreign_keys=manager_id)

    def __str__(self) -> str:
        return self.name
