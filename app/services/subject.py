"""Everything the house keeps about one customer, for whoever has a right to know it."""

from typing import Any

from sqlalchemy import or_, select

from app.core.work import Work
from app.models.attributes import Attribute
from app.services import audit
from app.services.crud import Crud
from app.services.registry import SERVICES
from app.services.unmasking import check_reason


def below(work: Work, service: Crud[Any], record: Any) -> dict[str, list[Any]]:
    """Return the records of every kind that belong to *record*, by entity, within what the actor may see."""
    found: dict[str, list[Any]] = {}
    own = {a.target for a in service.attributes().values() if a.kind == "rows"}
    for model, other in SERVICES.items():
        columns = [a.column for a in other.attributes().values() if _is_of(a, service)]
        if model in own or not columns:
            continue
        mine = or_(*(column == record.id for column in columns))
        rows = select(model).where(mine, *other.visible_to(work.actor))
        found[other.entity] = list(work.session.scalars(rows.order_by(other.model.id)))
    return found


def remember(work: Work, service: Crud[Any], record: Any, reason: str) -> None:
    """Remember that the data about *record* were handed over, and why; raise RuleBroken without a reason."""
    work.require(f"{service.entity}.export")
    changes = {"reason": check_reason(reason)}
    audit.remember(work, f"{service.entity}.subject", service.entity, record.id, changes)


def _is_of(attribute: Attribute, service: Crud[Any]) -> bool:
    return attribute.kind == "relation" and attribute.target is service.model
