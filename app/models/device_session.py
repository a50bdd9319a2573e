"""Device sessions: one row for every browser somebody is signed in with."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Line, ShortText


class DeviceSession(Base):
    """A signed-in browser. The row keeps a digest only: who steals the table gets in nowhere.

    Where the row is gone the session is over, in all processes; nothing brings a row back.
    """

    __tablename__ = "device_sessions"

    id: Mapped[Id] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column()
    seen_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime] = mapped_column()  # when the password was last given
    expires_at: Mapped[datetime] = mapped_column(index=True)
    remember_id: Mapped[Id | None] = mapped_column(
        ForeignKey("remember_tokens.id", ondelete="SET NULL"), index=True
    )
    address: Mapped[ShortText] = mapped_column(default="")
    device: Mapped[Line] = mapped_column(default="")
