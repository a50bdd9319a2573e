"""Demo customers with their people and addresses, as the tables keep them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from app.domain import demo_words as words
from app.domain.company_name import folded_name, name_key
from app.domain.customer import (
    DEFAULT_TAX_RATE,
    CustomerLevel,
    CustomerStatus,
    PaymentTerms,
    customer_code,
)
from app.domain.demo import Firm, Story
from app.domain.pinyin import full_pinyin

Row = dict[str, Any]
#: Of one record: id, its own search values and phones, those of the records below it.
Texts = list[str | None]
Found = tuple[int, Texts, Texts, Texts, Texts]

PEOPLE_SHARES = (60, 30, 10)  # one, two or three people, in percent
SOURCES = ("referral", "referral", "visit", "fair", "web", "phone")
TERMS: Mapping[CustomerLevel, tuple[PaymentTerms | None, ...]] = {
    CustomerLevel.A: (PaymentTerms.MONTHLY_60, PaymentTerms.MONTHLY_60, PaymentTerms.MONTHLY_90),
    CustomerLevel.B: (PaymentTerms.MONTHLY_30, PaymentTerms.MONTHLY_60, PaymentTerms.MONTHLY_30),
    CustomerLevel.C: (PaymentTerms.MONTHLY_30, PaymentTerms.COD, PaymentTerms.PREPAID),
    CustomerLevel.D: (PaymentTerms.PREPAID, PaymentTerms.COD, None),
}
#: Least and most credit in 10,000 CNY.
LIMITS: Mapping[CustomerLevel, tuple[int, int]] = {
    CustomerLevel.A: (100, 300),
    CustomerLevel.B: (30, 100),
    CustomerLevel.C: (5, 30),
    CustomerLevel.D: (0, 5),
}
TEN_THOUSAND = Decimal(10_000)
TAX_RATES = (*[DEFAULT_TAX_RATE] * 28, Decimal(1), Decimal(0))
LOST_AFTER = timedelta(days=240)


class NewCustomer(NamedTuple):
    """What the house gives a customer: *at* is its place in the story, *people* are ids of contacts."""

    at: int
    id: int
    number: int
    owner: int | None
    people: Sequence[int]


class Rows:
    """Rows by table, and by entity the words to find them by; *dice* decides about all of them."""

    def __init__(self, story: Story, dice: Random) -> None:
        self.story, self.dice = story, dice
        self.tables: dict[str, list[Row]] = {}
        self.found: dict[str, list[Found]] = {}

    def put(self, table: str, row: Row) -> None:
        """Add *row* to *table*."""
        self.tables.setdefault(table, []).append(row)

    def find_by(self, entity: str, found: Found) -> None:
        """Let a record of *entity* be found."""
        self.found.setdefault(entity, []).append(found)

    def likely(self, percent: int) -> bool:
        """Let the dice decide."""
        return self.dice.random() * 100 < percent

    def digits(self, count: int) -> str:
        """Return *count* digits."""
        return f"{self.dice.randrange(10**count):0{count}d}"


def stamps(by: int | None, created: datetime, updated: datetime, version: int) -> Row:
    """Return who made a record, when, and how often it was changed."""
    return {
        "version": version,
        "created_at": created,
        "updated_at": updated,
        "created_by": by,
        "updated_by": by,
    }


class CustomerRows(Rows):
    """Customers with their people, delivery addresses and invoice titles."""

    def add(self, firm: Firm, given: NewCustomer) -> None:
        """Add *firm* as a customer."""
        dice, story, owner = self.dice, self.story, given.owner
        joined, level = story.joined(given.at), story.levels[given.at]
        last = story.last_order[given.at]
        ordered_on, ordered_at = story.ordered(last) if last >= 0 else (None, None)
        terms = dice.choice(TERMS[level])
        row: Row = {
            "id": given.id,
            "code": customer_code(given.number),
            "name": firm.name,
            "name_folded": folded_name(firm.name),
            "name_key": name_key(firm.name),
            "short_name": firm.brand + firm.trade.word[:2],
            "level": level,
            "status": self._status(ordered_on),
            "source": dice.choice(SOURCES),
            "industry": firm.trade.industry,
            "credit_code": firm.credit_code if self.likely(85) else None,
            "phone": self._landline(firm) if self.likely(80) else None,
            "province": firm.place.province,
            "city": firm.place.city,
            "district": firm.place.district,
            "address": f"{dice.choice(words.ROADS)}路{dice.randrange(1, 999)}号",
            "payment_terms": terms,
            "credit_limit": self._limit(level, terms),
            "tax_rate": dice.choice(TAX_RATES),
            "tags": ",".join(dice.sample(words.TAGS, dice.choice((0, 0, 1, 1, 2)))) or None,
            "remark": dice.choice(words.REMARKS) if self.likely(15) else None,
            "last_order_at": ordered_at,
            "owner_id": owner,
        }
        host = f"{full_pinyin(firm.brand)}{given.number}.example.com"
        row["email"] = f"info@{host}" if self.likely(40) else None
        row["website"] = f"https://www.{host}" if self.likely(25) else None
        stamp = stamps(owner, joined, ordered_at or joined, 1 + (ordered_at is not None))
        self.put("customers", row | stamp)
        self._add_rows(row, stamps(owner, joined, joined, 1))
        self._add_people(row, firm, host, given.people, stamps(owner, joined, joined, 1))

    def _status(self, ordered_on: date | None) -> CustomerStatus:
        if ordered_on is None:
            return CustomerStatus.POTENTIAL
        if self.story.today - ordered_on > LOST_AFTER and self.likely(50):
            return CustomerStatus.LOST
        return CustomerStatus.FROZEN if self.likely(2) else CustomerStatus.ACTIVE

    def _limit(self, level: CustomerLevel, terms: PaymentTerms | None) -> Decimal | None:
        if terms in (None, PaymentTerms.PREPAID) or self.likely(10):
            return None
        least, most = LIMITS[level]
        return self.dice.randint(least, most) * TEN_THOUSAND

    def _landline(self, firm: Firm) -> str:
        return f"{firm.place.area}-{words.LANDLINE_DIGIT}{self.digits(7)}"

    def _add_rows(self, customer: Row, stamp: Row) -> None:
        """Add where its goods and its invoices go."""
        place = {name: customer[name] for name in ("province", "city", "district")}
        if self.likely(60):
            address = {
                "customer_id": customer["id"],
                "name": self.dice.choice(("总部仓库", "一号仓库", "二厂仓库")),
                "contact_name": f"{self.dice.choice(words.SURNAMES)}师傅",
                "phone": self._mobile(),
                "address": f"{customer['address']}{self.dice.randrange(1, 9)}号门",
                "is_default": True,
            }
            self.put("customer_addresses", address | place | stamp)
        if customer["credit_code"] and self.likely(55):
            title = {
                "customer_id": customer["id"],
                "title": customer["name"],
                "tax_no": customer["credit_code"],
                "bank_name": f"{self.dice.choice(words.BANKS)}{customer['district']}支行",
                "bank_account": f"99{self.digits(17)}",
                "address": f"{customer['city']}{customer['district']}{customer['address']}",
                "phone": customer["phone"],
            }
            self.put("invoice_titles", title | stamp)

    def _add_people(
        self, customer: Row, firm: Firm, host: str, people: Sequence[int], stamp: Row
    ) -> None:
        """Add the people, the first one as the one to call."""
        names: list[str | None] = []
        phones: list[str | None] = []
        for position, id in enumerate(people):
            name = self._name()
            title, department = self.dice.choice(words.TITLES[: 3 if position == 0 else None])
            mobile = self._mobile() if self.likely(92) else None
            row = {
                "id": id,
                "customer_id": customer["id"],
                "name": name,
                "title": title,
                "department": department,
                "mobile": mobile,
                "phone": self._landline(firm) if mobile is None or self.likely(20) else None,
                "email": f"{full_pinyin(name)}@{host}" if self.likely(45) else None,
                "wechat": f"wx{self.digits(8)}" if self.likely(30) else None,
                "is_primary": position == 0,
                "is_decision_maker": title == "总经理",
                "birthday": self._birthday() if self.likely(15) else None,
            }
            self.put("contacts", row | stamp)
            reach = [mobile, row["phone"], row["email"], row["wechat"]]
            self.find_by("contact", (id, [name], reach, [], []))
            names.append(name)
            phones += reach
        values = [customer[key] for key in ("name", "short_name", "code", "credit_code")]
        self.find_by("customer", (customer["id"], values, [customer["phone"]], names, phones))

    def _name(self) -> str:
        given = "".join(self.dice.choices(words.GIVEN, k=2 if self.likely(70) else 1))
        return self.dice.choice(words.SURNAMES) + given

    def _mobile(self) -> str:
        return self.dice.choice(words.MOBILE_PREFIXES) + self.digits(8)

    def _birthday(self) -> date:
        return date(1968, 1, 1) + timedelta(days=self.dice.randrange(12_000))
