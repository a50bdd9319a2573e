"""Pending logins: the password was right, the second factor is still to come."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class PendingLogin(Base):
    """One browser between two factors, by the digest of its token; it opens nothing else.

    *wants_remembering* is the tick on the login page; *remember_id* names the remembered browser
    that stood in for the password, which then was not given.
    """

    __tablename__ = "pending_logins"

    id: Mapped[Id] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    wants_remembering: Mapped[bool] = mapped_column(default=False)
    remember_id: Mapped[Id | None] = mapped_column(
        ForeignKey("remember_tokens.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
