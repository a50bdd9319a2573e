"""Customers: who may see them, what makes two of them the same, and who looks after them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, joinedload, object_session

from app.core.errors import Blocked, Problems, broken
from app.core.words import N_
from app.core.work import Actor, Work
from app.domain.company_name import folded_name, name_key
from app.domain.customer import CustomerStatus, TeamAccess, customer_code
from app.domain.email import canonical_email
from app.domain.events import OrderPlaced
from app.domain.identity import canonical_credit_code, canonical_tax_number, has_check_digit
from app.domain.permissions import POOL_VERB, Scope
from app.domain.phone import canonical_phone, masked_phone
from app.models.contact import Contact
from app.models.customer import Customer, TeamMember
from app.models.user import User
from app.services import audit
from app.services.crud import Crud
from app.services.number_series import next_number
from app.services.people import people_within
from app.services.reasons import reason_in
from app.services.tidying import check_range, tidy_with

MAX_FOLDED = 120  # what the columns of the folded name hold; folding can lengthen a name
#: What stands where a customer without an owner would have one.
POOL = N_("公海")


class Customers(Crud[Customer]):
    """The verbs of the customer business."""

    found_by = "contact"
    overrides: ClassVar[Mapping[str, str]] = {
        "duplicate_reason": N_("不是同一家，说明原因"),
        "credit_code_reason": N_("早期代码，证照确为此号（说明原因）"),
    }

    def in_scope(self, actor: Actor, scope: str, verb: str) -> list[ColumnElement[bool]]:
        """Own customers and those of one's team; wider scopes add colleagues; the pool is seen by claimers."""
        return [] if scope == Scope.ALL else [or_(*self.ways(actor, scope, verb).values())]

    def ways(self, actor: Actor, scope: str, verb: str) -> dict[str, ColumnElement[bool]]:
        """Whose it is, whose team one is in, and the pool."""
        found: dict[str, ColumnElement[bool]] = {
            str(scope): Customer.owner_id.in_(people_within(actor, scope)),
            "team": self._team(actor, verb),
        }
        if verb in ("see", POOL_VERB) and actor.may(f"customer.{POOL_VERB}"):
            found["pool"] = Customer.owner_id.is_(None)
        return found

    def closed_to(self, actor: Actor, verb: str, record: Customer | None = None) -> frozenset[str]:
        """Who looks after a customer says who is in its team; a member does not."""
        closed = super().closed_to(actor, verb, record)
        scope = actor.scope("customer", "edit")
        if record is None or verb != "edit" or scope in (None, Scope.ALL):
            return closed
        theirs = Customer.owner_id.in_(people_within(actor, str(scope)))
        session = object_session(record)
        this = select(Customer.id).where(Customer.id == record.id, theirs)
        if session is not None and session.scalar(this) is None:
            closed |= {"team"}
        return closed

    @staticmethod
    def _team(actor: Actor, verb: str) -> ColumnElement[bool]:
        access = list(TeamAccess) if verb in ("see", "export") else [TeamAccess.WRITE]
        member = select(TeamMember.customer_id).where(
            TeamMember.user_id == actor.user_id, TeamMember.access.in_(access)
        )
        return Customer.id.in_(member)

    # -- writing -------------------------------------------------------------------------

    def prepare(self, work: Work, record: Customer) -> None:
        """A new customer gets the next code and belongs to whoever created it."""
        record.code = customer_code(next_number(work, "C"))
        if work.actor.user_id is not None:
            record.owner = work.session.get_one(User, work.actor.user_id)

    def settle(self, work: Work, record: Customer) -> None:
        """Derive the names to compare by."""
        record.name_folded = folded_name(record.name or "")
        record.name_key = name_key(record.name or "")

    def check(
        self, work: Work, record: Customer, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """Refuse the same company twice; ask for a reason where it may be the same."""
        tidy_with(problems, record, "phone", canonical_phone)
        tidy_with(problems, record, "email", canonical_email)
        check_range(problems, record, "credit_limit")
        check_range(problems, record, "tax_rate", is_percent=True)
        for row in (*record.addresses, *record.invoice_titles):
            tidy_with(problems, row, "phone", canonical_phone)
        for title in record.invoice_titles:
            tidy_with(problems, title, "tax_no", canonical_tax_number)
        self._check_credit_code(work, record, values, problems)
        self._check_name(work, record, values, problems)
        members = [row.user_id or getattr(row.user, "id", None) for row in record.team]
        if len(members) != len(set(members)):
            problems.add("team", N_("同一成员只能添加一次。"))
        self._check_own_access(work.actor, record, problems)

    @staticmethod
    def _check_own_access(actor: Actor, record: Customer, problems: Problems) -> None:
        """Nobody joins a team by themselves who does not reach everything anyway."""
        if all(scope == Scope.ALL for verbs in actor.grants.values() for scope in verbs.values()):
            return
        for row in record.team:
            is_raised = row.access == TeamAccess.WRITE and audit.is_changed(row, "access")
            is_new = row.id is None or audit.is_changed(row, "user")
            if getattr(row.user, "id", None) == actor.user_id and (is_new or is_raised):
                problems.add("team", N_("不能把自己加入客户团队，也不能提高自己在其中的权限。"))

    def _check_credit_code(
        self, work: Work, record: Customer, values: Mapping[str, Any], problems: Problems
    ) -> None:
        if not record.credit_code or not audit.is_changed(record, "credit_code"):
            return
        if not tidy_with(problems, record, "credit_code", canonical_credit_code):
            return
        if self.taken(work, record, Customer.credit_code == record.credit_code):
            problems.add("credit_code", N_("已有客户使用这个统一社会信用代码。"))
        elif not has_check_digit(record.credit_code) and not reason_in(
            values, "credit_code_reason"
        ):
            problems.add(
                "credit_code",
                N_("统一社会信用代码校验位不符，请核对。"),
                override="credit_code_reason",
            )

    def _check_name(
        self, work: Work, record: Customer, values: Mapping[str, Any], problems: Problems
    ) -> None:
        if not record.name or not audit.is_changed(record, "name"):
            return
        if max(len(record.name_folded), len(record.name_key)) > MAX_FOLDED:
            problems.add("name", N_("最多 %(n)s 个字。"), n=MAX_FOLDED)
            return
        if self.taken(work, record, Customer.name_folded == record.name_folded):
            problems.add("name", N_("已有同名的客户。"))
            return
        found = likely_duplicates(work.session, work.actor, record.name, but=record.id)
        if found and not reason_in(values, "duplicate_reason"):
            texts = "；".join(text for text, _ in found)
            problems.add(
                "name",
                N_("可能已有这个客户：%(found)s"),
                found=texts,
                override="duplicate_reason",
            )

    def goes_with(self, session: Session, record: Customer) -> list[tuple[str, int]]:
        """Return what goes to the trash together with *record*: (message, number)."""
        people = session.scalar(
            select(func.count()).select_from(Contact).where(Contact.customer_id == record.id)
        )
        return [(N_("客户和它的 %(n)s 个联系人将移入回收站，30 天内可以恢复。"), people or 0)]

    # -- verbs ---------------------------------------------------------------------------

    def claim(self, work: Work, record: Customer, _values: Mapping[str, Any]) -> None:
        """Take a customer out of the pool."""
        work.require("customer.claim")
        if record.owner_id is not None:
            raise Blocked(N_("客户已有业务员，不能领取。"))
        self._hand_over(work, record, work.actor.user_id, "claim")

    def release(self, work: Work, record: Customer, _values: Mapping[str, Any]) -> None:
        """Put a customer back into the pool."""
        work.require("customer.release")
        if record.owner_id is None:
            raise Blocked(N_("客户已在公海。"))
        self._hand_over(work, record, None, "release")

    def transfer(self, work: Work, record: Customer, values: Mapping[str, Any]) -> None:
        """Give a customer, with everything below it, to another salesperson (*owner*)."""
        work.require("customer.transfer")
        owner = values.get("owner")
        if owner is None:
            raise broken("owner", N_("请选择新的业务员。"))
        self._hand_over(work, record, owner, "transfer")

    def _hand_over(self, work: Work, record: Customer, owner: int | None, verb: str) -> None:
        problems = Problems()
        self.refer(work, record, self.attributes()["owner"], owner, "owner", problems)
        problems.raise_if_any()
        self._keep(work, record, verb, {})

    def note_order(self, work: Work, event: OrderPlaced) -> None:
        """Remember when the customer last ordered; the first order makes it an active customer.

        The day alone makes no new version: whoever is editing the customer lost nothing by it.
        """
        this = update(Customer).where(Customer.id == event.customer_id)
        work.session.execute(this.values(last_order_at=work.now))
        was, now = CustomerStatus.POTENTIAL, CustomerStatus.ACTIVE
        first = work.session.execute(
            this.where(Customer.status == was).values(status=now).returning(Customer.id)
        ).scalar()
        if first is not None:
            changes = {"status": [was.value, now.value]}
            audit.remember(work, "customer.edit", "customer", first, changes)


def likely_duplicates(
    session: Session, actor: Actor, name: str, *, but: int | None = None, limit: int = 5
) -> list[tuple[str, int | None]]:
    """Return customers that may be the same company as *name*: (text, id).

    Those of others are named with owner and masked phone only, and without an id.
    """
    key, folded = name_key(name), folded_name(name)
    if not key:
        return []
    same = or_(Customer.name_key == key, Customer.name_folded == folded)
    others = (Customer.deleted_at.is_(None), Customer.id != (but or 0))
    rows = select(Customer).options(joinedload(Customer.owner)).where(same, *others)
    found = list(session.scalars(rows.order_by(Customer.id).limit(limit)))
    visible = _visible(session, actor, [customer.id for customer in found])
    return [
        (customer.name, customer.id) if customer.id in visible else (_foreign(customer), None)
        for customer in found
    ]


def _visible(session: Session, actor: Actor, ids: Sequence[int]) -> set[int]:
    criteria = customers.visible_to(actor)
    return set(session.scalars(select(Customer.id).where(Customer.id.in_(ids), *criteria)))


def _foreign(customer: Customer) -> str:
    parts = [customer.name, str(customer.owner or POOL)]
    return "，".join([*parts, masked_phone(customer.phone)] if customer.phone else parts)


customers = Customers(Customer, "customer")
