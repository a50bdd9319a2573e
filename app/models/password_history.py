"""Password history: the hashes of former passwords, so that none of them comes back too soon."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Line


class PasswordHistory(Base):
    """One password somebody has or had; *was_chosen* is False for one-time ones."""

    __tablename__ = "password_history"

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    password_hash: Mapped[Line] = mapped_column()
    was_chosen: Mapped[bool] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
