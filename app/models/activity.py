"""Activities: what was said and done with a customer, and what comes next."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, relationship

from app.core.words import N_
from app.domain.activity import ActivityKind
from app.models.base import Id, Line, Prose, Record, Trashed, column, refers
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.types import Key


class Activity(Trashed, Record):
    """One call, visit or message, and the promise it ended with."""

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_customer_id_happened_at", "customer_id", "happened_at", "id"),
        Index("ix_activities_happened_at_id", "happened_at", "id"),
        Index("ix_activities_next_at_id", "next_at", "id"),
    )

    kind: Mapped[ActivityKind] = column(N_("方式"), Key(ActivityKind), default=ActivityKind.CALL)
    content: Mapped[Prose] = column(N_("内容"))
    happened_at: Mapped[datetime] = column(N_("跟进时间"))
    next_at: Mapped[datetime | None] = column(N_("下次跟进"))
    next_action: Mapped[Line | None] = column(N_("下一步"))
    customer_id: Mapped[Id] = refers(N_("客户"), "customers.id", ondelete="CASCADE")
    contact_id: Mapped[Id | None] = refers(
        N_("联系人"), "contacts.id", ondelete="SET NULL", index=True
    )

    customer: Mapped[Customer] = relationship()
    contact: Mapped[Contact | None] = relationship()

    def __str__(self) -> str:
        return f"{self.customer} {self.content[:20]}"

    def search_values(self) -> Iterable[str | None]:
        """What was said, and what comes next."""
        return self.content, self.next_action
