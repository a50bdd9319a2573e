"""Activities: they follow their customer, and tell when it was last contacted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, or_, update

from app.core.errors import Problems
from app.core.words import N_
from app.core.work import Actor, Work
from app.models.activity import Activity
from app.models.customer import Customer
from app.services.contact import below_customer, check_contact, check_customer
from app.services.crud import Crud


class Activities(Crud[Activity]):
    """The verbs of keeping in touch."""

    search_through = ("customer",)

    def in_scope(self, actor: Actor, scope: str, verb: str) -> list[ColumnElement[bool]]:
        """Whoever may see the customer sees what was done with it."""
        return [below_customer(Activity.customer_id, actor, scope, verb)]

    def prepare(self, work: Work, record: Activity) -> None:
        """What is written down now has just happened."""
        record.happened_at = work.now

    def check(
        self, work: Work, record: Activity, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """Nothing has happened in the future; the person works for the customer, whom one may write."""
        check_customer(work, record, self.entity, problems)
        if record.happened_at is not None and record.happened_at > work.now:
            problems.add("happened_at", N_("跟进时间不能晚于现在。"))
        check_contact(record, problems)

    def announce(self, work: Work, record: Activity, verb: str) -> None:
        """Keep when the customer was last contacted; that is no edit of the customer."""
        earlier = or_(
            Customer.last_contact_at.is_(None), Customer.last_contact_at < record.happened_at
        )
        latest = update(Customer).where(Customer.id == record.customer_id, earlier)
        work.session.execute(latest.values(last_contact_at=record.happened_at))


activities = Activities(Activity, "activity")
