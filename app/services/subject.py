"""Everything the house keeps about one customer, for whoever has a right to know it."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.errors import broken
from app.core.words import N_
from app.core.work import Actor, Work
from app.models.attributes import Attribute
from app.services import audit
from app.services.crud import Crud
from app.services.listing import options_for
from app.services.registry import SERVICES
from app.services.unmasking import check_reason

#: Records in one file, whatever the reader may export: it is made in memory.
MOST = 10_000


def below(session: Session, actor: Actor, service: Crud[Any], record: Any) -> dict[str, list[Any]]:
    """Return the records of every kind that belong to *record*, by entity, within what *actor* may see.

    Raises RuleBroken where they are more than *actor* may export at once.
    """
    found: dict[str, list[Any]] = {}
    own = {a.target for a in service.attributes().values() if a.kind == "rows"}
    most = min(actor.export_rows, MOST)
    left = most - 1  # the record itself
    for model, other in SERVICES.items():
        columns = [a.column for a in other.attributes().values() if _is_of(a, service)]
        if model in own or not columns:
            continue
        mine = or_(*(column == record.id for column in columns))
        rows = select(model).where(mine, *other.visible_to(actor)).order_by(other.model.id)
        rows = rows.options(*options_for(other, other.attributes())).limit(max(left, 0) + 1)
        found[other.entity] = list(session.scalars(rows))
        left -= len(found[other.entity])
        if left < 0:
            raise broken(None, N_("资料超过 %(n)s 条，请分别导出各个列表。"), n=f"{most:,}")
    return found


def remember(work: Work, service: Crud[Any], record_id: int, reason: str) -> None:
    """Remember that the data about a record were handed over, and why; raise RuleBroken without a reason."""
    work.require(f"{service.entity}.export")
    changes = {"reason": check_reason(reason)}
    audit.remember(work, f"{service.entity}.subject", service.entity, record_id, changes)


def _is_of(attribute: Attribute, service: Crud[Any]) -> bool:
    return attribute.kind == "relation" and attribute.target is service.model
