"""Showing what is masked to those who may see it: one value, for a reason, remembered without the value."""

from typing import Any

from app.core.errors import Missing, broken
from app.core.ids import as_id
from app.core.words import N_
from app.core.work import Work
from app.models.attributes import Attribute, attributes_of
from app.services import audit
from app.services.crud import Crud
from app.services.registry import SERVICES

MIN_REASON = 4
_PARTS = 3  # addresses-12-phone: collection, row, attribute


def check_reason(reason: str) -> str:
    """Return *reason* without blanks around it; raise RuleBroken if it says too little."""
    reason = reason.strip()
    if len(reason) < MIN_REASON:
        raise broken("reason", N_("请说明原因，至少 %(n)s 个字。"), n=MIN_REASON)
    return reason


def target_of(service: Crud[Any], record: Any, field: str) -> tuple[Attribute, Any]:
    """Return the attribute that *field* names and the record or row it stands in.

    ``addresses-12-phone`` names a row without pages of its own.

    Raises:
        Missing: no such row.
        RuleBroken: unknown, or nothing that is ever masked.
    """
    attributes = service.attributes()
    collection, *rest = field.split("-")
    rows = attributes.get(collection)
    is_row = len(rest) == _PARTS - 1 and rows is not None and rows.kind == "rows"
    if rows is not None and is_row and rows.target not in SERVICES:
        key = as_id(rest[0])
        record = next((one for one in getattr(record, collection) if one.id == key), None)
        if record is None:
            raise Missing
        attributes, field = attributes_of(rows.target), rest[1]
    attribute = attributes.get(field)
    if attribute is None or not attribute.readable or not attribute.group:
        raise broken("field", N_("没有隐藏这个字段。"))
    return attribute, record


def check(service: Crud[Any], record: Any, field: str, reason: str) -> None:
    """Raise RuleBroken unless *field* is one that is masked and *reason* says why."""
    target_of(service, record, field)
    check_reason(reason)


def unmask(work: Work, service: Crud[Any], record: Any, field: str, reason: str) -> Any:
    """Return the value of *field* in clear, and remember who asked for it and why."""
    work.require(f"{service.entity}.unmask")
    attribute, holder = target_of(service, record, field)
    changes = {"field": field, "reason": check_reason(reason)}
    audit.remember(work, f"{service.entity}.unmask", service.entity, record.id, changes)
    return getattr(holder, attribute.name)
