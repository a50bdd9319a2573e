"""What people may type to find a record, prepared for searching."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Id


class SearchEntry(Base):
    """One record's words; phones apart, since not everybody may find people by them."""

    __tablename__ = "search_entries"

    entity: Mapped[Code] = mapped_column(primary_key=True)
    record_id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    phones: Mapped[str] = mapped_column(Text, default="")
