"""Passkey challenges: random bytes that an authenticator has to sign, once."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code, Id, ShortText


class PasskeyChallenge(Base):
    """One challenge (base64url), good once, for *purpose* and for the browser it was given to.

    *browser* is the digest of a secret that only this browser holds; *user_id* is empty where
    nobody has said yet who is signing in.
    """

    __tablename__ = "passkey_challenges"

    id: Mapped[Id] = mapped_column(primary_key=True)
    challenge: Mapped[ShortText] = mapped_column(unique=True)
    purpose: Mapped[Code] = mapped_column()
    browser: Mapped[str] = mapped_column(String(64), index=True)
    user_id: Mapped[Id | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)
