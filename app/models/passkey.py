"""Passkeys: public keys of fingerprints, faces and security keys."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Line, Name


class Passkey(Base):
    """One credential of one user, as WebAuthn speaks of it.

    *digest* is the SHA-256 of the credential id, which may be a thousand bytes long;
    *credential_id* and *public_key* are base64url. *sign_count* never goes back.
    """

    __tablename__ = "passkeys"

    id: Mapped[Id] = mapped_column(primary_key=True)
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[Line] = mapped_column(default="")  # comma list, such as "internal,hybrid"
    name: Mapped[Name] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()
