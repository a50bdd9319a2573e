"""What people may type to find a record, prepared for searching."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Id


class SearchEntry(Base):
    """One record's words: its own, and those of the records below it, which not everybody may see.

    Phones stand apart, since not everybody may find people by their parts.
    """

    __tablename__ = "search_entries"

    entity: Mapped[Code] = mapped_column(primary_key=True)
    record_id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    phones: Mapped[str] = mapped_column(Text, default="")
    below: Mapped[str] = mapped_column(Text, default="")
    below_phones: Mapped[str] = mapped_column(Text, default="")
