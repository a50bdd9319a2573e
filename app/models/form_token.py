"""Form tokens: one form, sent however often, makes one record."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Id


class FormToken(Base):
    """What a create form led to. The digest is the primary key, so that a race has one winner."""

    __tablename__ = "form_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    entity: Mapped[Code] = mapped_column()
    record_id: Mapped[Id] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(index=True)
