"""How often a document was printed: the second sheet says that it is a reprint."""

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Id


class PrintCount(Base):
    """The prints of one kind of document of one record."""

    __tablename__ = "print_counts"

    entity: Mapped[Code] = mapped_column(primary_key=True)
    record_id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    prints: Mapped[int] = mapped_column(default=0)
