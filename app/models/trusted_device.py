"""Trusted devices: browsers that are not asked for the second factor for a while."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Line, ShortText


class TrustedDevice(Base):
    """One browser of one user, by the digest of its token."""

    __tablename__ = "trusted_devices"

    id: Mapped[Id] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    address: Mapped[ShortText] = mapped_column(default="")
    device: Mapped[Line] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)
