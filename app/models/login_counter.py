"""Login counters: how often something secret was tried, and until when it is closed."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class LoginCounter(Base):
    """Tries against one *key*: a submitted user name (existing or not), a known device, an address.

    *identity* is the digest of the user name, where there is one, so that unlocking finds all
    counters of it. *step* is the next lock to impose.
    """

    __tablename__ = "login_counters"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    identity: Mapped[str | None] = mapped_column(String(64), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    step: Mapped[int] = mapped_column(default=0)
    since_at: Mapped[datetime] = mapped_column()  # when the present window began
    last_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None] = mapped_column()
    noted_at: Mapped[datetime | None] = mapped_column()  # when a refused try was last written down
