"""TOTP: the shared secret of somebody's authenticator app."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class Totp(Base):
    """One confirmed authenticator; *secret* is encrypted, *last_step* the newest step accepted.

    A row exists only once a code has proved that the app holds the secret.
    """

    __tablename__ = "totp"

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
