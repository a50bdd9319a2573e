"""Attachments: files that belong to a record."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.words import N_
from app.models.base import Base, Code, Id, Line, column, unique_among_living


class Attachment(Base):
    """One file of one record. *kind* is what its content is, *size* counts bytes, *digest* is SHA-256.

    The name is data, never a path: the content stands in the database, so that it commits, is backed
    up and disappears together with the record.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        unique_among_living(
            "attachments",
            "entity",
            "record_id",
            "digest",
            field="file",
            message=N_("这个文件已经在附件里了。"),
            trash=False,
        ),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    entity: Mapped[Code] = mapped_column()
    record_id: Mapped[Id] = mapped_column()
    name: Mapped[Line] = column(N_("文件名"))
    kind: Mapped[Code] = mapped_column()
    size: Mapped[int] = mapped_column()
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column()
    created_by: Mapped[Id | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )


class AttachmentPart(Base):
    """A piece of a file, small enough to be read and sent without holding the whole in memory."""

    __tablename__ = "attachment_parts"

    attachment_id: Mapped[Id] = mapped_column(
        ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
