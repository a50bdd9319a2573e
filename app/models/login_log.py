"""The login log: who tried to sign in, when, from where, with what result."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.words import N_
from app.domain.login import LoginResult
from app.models.base import Base, Id, Line, ShortText, column
from app.models.types import Key


class LoginLog(Base):
    """One try to sign in. *username* is what was typed; of a name that nobody has only a mask is kept."""

    __tablename__ = "login_log"
    __table_args__ = (
        Index("ix_login_log_at", "at", "id"),
        Index("ix_login_log_username", "username", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, info={"label": N_("编号")})
    at: Mapped[datetime] = column(N_("时间"))
    username: Mapped[ShortText] = column(N_("用户名"))
    result: Mapped[LoginResult] = column(N_("结果"), Key(LoginResult))
    address: Mapped[ShortText] = column(N_("来源地址"), kind="code", default="")
    device: Mapped[Line] = column(N_("设备"), default="")

    def __str__(self) -> str:
        return f"{self.username} {self.id}"
