"""Remember tokens: browsers that may begin a session without the password."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class RememberToken(Base):
    """One remembered browser: its *series* stays, its secret changes with every use.

    Whoever shows a secret that was already used has a stolen cookie, or the owner has and the thief
    was first: then everything of the user ends. The last secret, *former*, is good for a moment
    longer, since a browser sends several requests at once, and until its answer is known to have
    arrived, since lines are cut.
    """

    __tablename__ = "remember_tokens"

    id: Mapped[Id] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    former: Mapped[str | None] = mapped_column(String(64))
    user_id: Mapped[Id] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)
