"""Records full of numbers that nobody else uses: made from the models' groups, so that a new one is covered at once."""

import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

from app.core.work import SYSTEM, work_for
from app.domain.phone import phone_digits, readable_phone
from app.models.attributes import Attribute, attributes_of
from app.models.base import Record
from app.services.registry import SERVICES
from app.services.rows import ChildRow
from tests.factories.activity import make_activity
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, load, user_id
from tests.factories.order import make_order

NUMBERS = ("money", "price")
_next = count(4_321)


def grouped(model: Any) -> list[Attribute]:
    """Return the attributes of *model* that some role sees masked."""
    return [a for a in attributes_of(model).values() if a.group and a.readable]


def stored(model: Any) -> list[Attribute]:
    """Return those of them that are columns, not reckoned ones."""
    return [
        a
        for a in grouped(model)
        if hasattr(a.column, "property") and a.column.property.columns[0].table is not None
    ]


def secret_of(attribute: Attribute) -> Any:
    """Return a value of *attribute* that stands nowhere else."""
    number = next(_next)
    if attribute.kind in NUMBERS:
        return Decimal(f"7{number}.{number % 90 + 10}")
    if attribute.kind == "email":
        return f"geheim{number}@nur-{number}.cn"
    return (
        f"1397{number}{number % 900 + 100}" if attribute.kind == "phone" else f"wx7{number}geheim"
    )


def forms_of(value: Any) -> set[str]:
    """Return the ways in which *value* may be written."""
    if isinstance(value, Decimal):
        return {f"{value:f}", f"{value:,}", f"{value:,.4f}", f"{value:.4f}"}
    forms = {str(value)}
    if str(value).isdecimal():
        forms |= {readable_phone(value), phone_digits(value), value[:7], value[3:]}
    return forms


class Secrets:
    """One record of every kind that has something to mask: *ids* by entity, *values* by entity and field."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.values: dict[tuple[str, str], Any] = {}
        one = make_customer("sales1", name="恒达纸品")
        self.ids["customer"] = one
        self.ids["contact"] = make_contact(one, name="王工程师")
        self.ids["order"] = make_order(one, contact=self.ids["contact"])
        self.ids["activity"] = make_activity(one, contact=self.ids["contact"])
        self.ids["user"] = user_id("sales2")
        for model, service in SERVICES.items():
            if grouped(model):
                assert service.entity in self.ids, f"make a {service.entity} here"
                self._fill(service, model, self.ids[service.entity])

    def _fill(self, service: Any, model: Any, one: int) -> None:
        """Write secrets as people do, so that the history speaks of them, and the reckoned ones past the rules."""
        typed = {
            a.name: secret_of(a) for a in stored(model) if a.name in TYPED.get(service.entity, ())
        }
        rows = {}
        for attribute in attributes_of(model).values():
            target: Any = attribute.target
            if attribute.kind == "rows" and target not in SERVICES and grouped(target):
                rows[attribute.name] = [self._row(attribute, model, one)]
        with work_for(SYSTEM) as work:
            record = work.session.get_one(model, one)
            service.update(work, record, {**typed, **rows}, version=record.version)
        kept = {a.name: secret_of(a) for a in stored(model) if a.name not in typed}
        change(model, one, **kept)
        for name, value in {**typed, **kept}.items():
            self.values[service.entity, name] = value

    def _row(self, collection: Attribute, model: Any, one: int) -> ChildRow:
        target: Any = collection.target
        found = getattr(load(model, one), collection.name)
        values = {a.name: secret_of(a) for a in stored(target) if a.name in ROWS[collection.name]}
        for name, value in values.items():
            self.values[SERVICES[model].entity, f"{collection.name}.{name}"] = value
        first = (
            {}
            if found
            else {"name": "仓库", "address": "路"}
            if collection.name == "addresses"
            else {}
        )
        first |= {"title": "恒达"} if collection.name == "invoice_titles" else {}
        return ChildRow(f"{collection.name}-0", found[0].id if found else None, {**first, **values})

    def told_by(self, text: str) -> list[tuple[str, str]]:
        """Return the fields whose value stands in *text*."""
        return [
            key for key, value in self.values.items() if any(f in text for f in forms_of(value))
        ]


#: What people type; the rest is reckoned.
TYPED = {
    "customer": ("phone", "email", "credit_limit"),
    "contact": ("mobile", "phone", "email", "wechat"),
    "order": ("deposit",),
    "user": ("phone", "email"),
}
ROWS = {
    "addresses": ("phone",),
    "invoice_titles": ("bank_account", "phone"),
    "lines": ("unit_price",),
}


def text_in(answer: Any) -> str:
    """Return everything that *answer* says, out of a workbook too, and its headers."""
    heads = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    if not answer.data.startswith(b"PK"):
        return f"{heads}\n{answer.text}"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        return heads + "".join(
            book.read(name).decode("utf-8", "replace") for name in book.namelist()
        )


def masked_models() -> Iterator[tuple[str, type[Record]]]:
    """Yield the kinds of records with something to mask."""
    for model, service in SERVICES.items():
        if grouped(model):
            yield service.entity, model
