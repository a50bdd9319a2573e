"""SMS codes: six digits sent to a phone."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Id


class SmsCode(Base):
    """One code for one *purpose*, good once, for a few minutes and a few tries.

    *digest* is keyed: six digits alone could be guessed from a plain one. *phone* is a keyed digest,
    too; how much was sent to it is counted by these rows. *bound_to* ties the code to the try it was
    asked for, such as a pending login.
    """

    __tablename__ = "sms_codes"
    __table_args__ = (Index("ix_sms_codes_phone", "phone", "created_at", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Code] = mapped_column()
    bound_to: Mapped[str] = mapped_column(String(64), default="")
    phone: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()
