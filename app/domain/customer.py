"""Customers: their levels, states and terms, and the credit they are given."""

from decimal import Decimal

from app.core.money import EXACT, cents
from app.core.words import N_, Word

#: VAT in percent for new customers and lines.
DEFAULT_TAX_RATE = Decimal(13)


class CustomerLevel(Word):
    """How much a customer matters; C for a new one."""

    A = "A", N_("A 级"), "accent"
    B = "B", N_("B 级"), "blue"
    C = "C", N_("C 级"), "grey"
    D = "D", N_("D 级"), "grey"


class CustomerStatus(Word):
    """How things stand with a customer; potential for a new one."""

    POTENTIAL = "potential", N_("潜在"), "grey"
    ACTIVE = "active", N_("合作中"), "green"
    FROZEN = "frozen", N_("冻结"), "red"
    LOST = "lost", N_("流失"), "grey"


class PaymentTerms(Word):
    """When a customer pays."""

    PREPAID = "prepaid", N_("款到发货")
    COD = "cod", N_("货到付款")
    MONTHLY_30 = "monthly_30", N_("月结 30 天")
    MONTHLY_60 = "monthly_60", N_("月结 60 天")
    MONTHLY_90 = "monthly_90", N_("月结 90 天")

    @property
    def days(self) -> int | None:
        """Days of credit; 0 on delivery, None where the money comes first."""
        if self is PaymentTerms.PREPAID:
            return None
        return int(self.value.removeprefix("monthly_")) if self is not PaymentTerms.COD else 0


class TeamAccess(Word):
    """What a member of a customer's team may do with it."""

    READ = "read", N_("查看")
    WRITE = "write", N_("编辑")


def customer_code(position: int) -> str:
    """Return the code of the *position*-th customer: 1 → ``C000001``."""
    return f"C{position:06d}"


def credit_excess(
    terms: PaymentTerms | None, limit: Decimal | None, *, used: Decimal, added: Decimal
) -> Decimal:
    """Return by how many CNY *used* plus *added* goes above *limit*; 0 if it does not.

    Exactly at the limit is within it. No limit (None) and prepaid customers are never exceeded; a
    limit of 0 means no credit at all. A step that adds nothing is never refused.
    """
    if limit is None or terms is PaymentTerms.PREPAID or added <= 0:
        return Decimal(0)
    return max(cents(EXACT.subtract(EXACT.add(used, added), limit)), Decimal(0))
