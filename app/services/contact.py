"""Contacts: they follow their customer, and go for good."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.core.errors import Problems
from app.core.words import N_, Phrase
from app.core.work import Actor, Work
from app.domain.email import canonical_email
from app.domain.permissions import Scope
from app.domain.phone import canonical_phone
from app.models.attributes import attributes_of
from app.models.contact import Contact
from app.models.customer import Customer
from app.services import audit
from app.services.crud import Crud
from app.services.customer import customers
from app.services.tidying import tidy_with


class Contacts(Crud[Contact]):
    """The people at our customers."""

    search_through = ("customer",)

    def in_scope(self, actor: Actor, scope: str, verb: str) -> list[ColumnElement[bool]]:
        """Whoever may see the customer sees all of its contacts."""
        return [below_customer(Contact.customer_id, actor, scope, verb)]

    def check(
        self, work: Work, record: Contact, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """At least one way to reach the person, each of them real, at a customer one may write."""
        check_customer(work, record, self.entity, problems)
        for name, canonical in (
            ("mobile", canonical_phone),
            ("phone", canonical_phone),
            ("email", canonical_email),
        ):
            tidy_with(problems, record, name, canonical)
        if not (record.mobile or record.phone or record.email):
            field = f"{record.form_prefix}-mobile" if record.form_prefix else "mobile"
            problems.add(field, N_("手机、电话、邮箱至少填一项。"))

    def goes_with(self, session: Session, record: Contact) -> list[tuple[str, int]]:
        """Return what goes with the person: the numbers and addresses."""
        numbers = sum(bool(value) for value in (record.mobile, record.phone))
        goes = [
            (N_("将删除 %(n)s 个电话。"), numbers),
            (N_("将删除 %(n)s 个邮箱。"), int(bool(record.email))),
        ]
        return [item for item in goes if item[1]]


def below_customer(column: Any, actor: Actor, scope: str, verb: str) -> ColumnElement[bool]:
    """Say that *column* names a living customer within *scope*."""
    within = customers.in_scope(actor, scope, verb) if scope != Scope.ALL else []
    living = select(Customer.id).where(Customer.deleted_at.is_(None), *within)
    return column.in_(living)  # type: ignore[no-any-return]


def check_customer(work: Work, record: Any, entity: str, problems: Problems) -> None:
    """Note a problem if *record* is new at its customer, and the actor may only see that customer.

    A row of the customer's own form comes with a customer that was looked up to be written.
    """
    if record.form_prefix or record.customer is None or not audit.is_changed(record, "customer"):
        return
    verb = "edit" if record.id else "create"
    scope = work.actor.scope(entity, verb) or Scope.OWN
    if scope == Scope.ALL:
        return
    within = customers.in_scope(work.actor, scope, verb)
    this = select(Customer.id).where(Customer.id == record.customer.id, *within)
    if work.session.scalar(this) is None and not problems.has("customer"):
        model: Any = type(record)
        label = Phrase(attributes_of(model)["customer"].label)
        problems.add("customer", N_("请选择有效的%(field)s。"), field=label)


def check_contact(record: Any, problems: Problems) -> None:
    """Note a problem if the contact just chosen for *record* belongs to another customer.

    One who moved to another customer later stays where the past had them.
    """
    chosen = audit.is_changed(record, "contact") or audit.is_changed(record, "customer")
    if chosen and record.contact is not None and record.contact.customer is not record.customer:
        problems.add("contact", N_("联系人不属于这个客户。"))


contacts = Contacts(Contact, "contact")
