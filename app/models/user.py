"""Users: the people of the factory who sign in."""

from datetime import datetime

from sqlalchemy.orm import Mapped, relationship

from app.core.words import N_
from app.models.base import (
    Code,
    Id,
    Line,
    Name,
    Phone,
    Record,
    column,
    refers,
    unique_among_living,
)
from app.models.department import Department
from app.models.role import Role, user_roles


class User(Record):
    """Somebody who may sign in; what they may do comes from their roles."""

    #: Set for a moment when the system gave the user a new password; never stored.
    one_time_password = ""
    #: The stored address, where links or codes will go elsewhere, until its owner is told; never stored.
    former_email = ""

    __tablename__ = "users"
    __table_args__ = (
        unique_among_living(
            "users",
            "username_folded",
            field="username",
            message=N_("用户名已被使用。"),
            trash=False,
        ),
    )

    username: Mapped[Code] = column(N_("用户名"), help=N_("登录时填写，不分大小写。"))
    username_folded: Mapped[Code] = column(N_("用户名（比对用）"), kind="internal")
    name: Mapped[Name] = column(N_("姓名"))
    email: Mapped[Line | None] = column(N_("邮箱"), kind="email", index=True)
    phone: Mapped[Phone | None] = column(N_("手机"), kind="phone", index=True)
    #: Since when the phone is a new one, until its owner proves something else; None: it is theirs.
    phone_unproved_since: Mapped[datetime | None] = column(
        N_("手机未经验证的起始时间"), kind="internal"
    )
    department_id: Mapped[Id | None] = refers(N_("所属部门"), "departments.id", index=True)
    manager_id: Mapped[Id | None] = refers(N_("直属上级"), "users.id", index=True)
    is_active: Mapped[bool] = column(N_("启用"), default=True)
    password_hash: Mapped[Line | None] = column(N_("密码"), kind="password")
    password_changed_at: Mapped[datetime | None] = column(N_("密码修改时间"))
    must_change_password: Mapped[bool] = column(N_("下次登录须改密码"), default=True)
    password_expires_at: Mapped[datetime | None] = column(N_("初始密码有效期"))
    #: Whether the password keeps the rules only because a second factor is on.
    password_needs_factor: Mapped[bool] = column(
        N_("密码须配合两步验证"), kind="internal", default=False
    )
    locale: Mapped[Code | None] = column(N_("语言"))
    theme: Mapped[Code | None] = column(N_("主题"))
    density: Mapped[Code | None] = column(N_("行距"))
    shortcuts: Mapped[bool] = column(N_("单键快捷键"), default=True)

    department: Mapped[Department | None] = relationship(foreign_keys=department_id)
    manager: Mapped["User | None"] = relationship(remote_side="User.id", foreign_keys=manager_id)
    roles: Mapped[list[Role]] = relationship(
        secondary=user_roles, order_by=Role.id, info={"label": N_("角色")}
    )

    def __str__(self) -> str:
        return self.name

    def search_values(self) -> tuple[str | None, ...]:
        """People are found by user name and name."""
        return self.username, self.name

    def search_phones(self) -> tuple[str | None, ...]:
        """The phone and the e-mail address."""
        return self.phone, self.email
