"""Roles: what their holders may do, to what, and how far."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, Table
from sqlalchemy.orm import Mapped

from app.core.words import N_
from app.models.base import Base, Code, Name, Record, column, unique_among_living

user_roles = Table(
    "user_roles",
    Base.metadata,
    Column(
        "user_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column(
        "role_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("roles.id", ondelete="RESTRICT"),
        primary_key=True,
        index=True,
    ),
)


class Role(Record):
    """A set of grants: entity → verb → scope, and the field groups its holders do not see."""

    __tablename__ = "roles"
    __table_args__ = (
        unique_among_living("roles", "name", message=N_("已有同名的角色。"), trash=False),
    )

    name: Mapped[Code] = column(N_("角色代号"), help=N_("小写字母、数字与下划线。"))
    label: Mapped[Name] = column(N_("角色名称"))
    export_rows: Mapped[int] = column(N_("导出行数上限"), unit=N_("行"), default=0)
    grants: Mapped[dict[str, Any]] = column(N_("权限"), JSON, kind="grants", default=dict)
    hidden: Mapped[list[str]] = column(N_("不可见的字段组"), JSON, kind="groups", default=list)

    def __str__(self) -> str:
        return self.label
