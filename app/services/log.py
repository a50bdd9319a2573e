"""The logs as records of the panel: read, searched and exported, never written."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_

from app.core.work import Actor
from app.domain.permissions import ENTITIES, Scope
from app.domain.searching import like_pattern
from app.models.attributes import Attribute
from app.models.audit import Audit
from app.models.login_log import LoginLog
from app.services.crud import Crud
from app.services.masking import masked_changes
from app.services.registry import SERVICES

#: Says which permission was missing: of the record that was asked for it tells nothing.
DENIED = "access.denied"


class Logs(Crud[Any]):
    """Entries in the order they were written; *searched* are the columns a term is looked for in."""

    def __init__(self, model: Any, entity: str, searched: tuple[str, ...]) -> None:
        super().__init__(model, entity)
        self.searched = searched

    def seen(self, actor: Actor, attribute: Attribute, record: Any) -> Any:
        """Return *attribute*; of what was changed only what *actor* may know of the record it speaks of."""
        value = super().seen(actor, attribute, record)
        if attribute.name != "changes" or record.action == DENIED:
            return value
        if not _sees_all(actor, record.entity):
            return {}
        service = next((one for one in SERVICES.values() if one.entity == record.entity), None)
        if service is None:
            return value
        attributes = service.attributes()
        hidden = {name for name, one in attributes.items() if service.hides(actor, one)}
        hidden |= {name for name, one in attributes.items() if not _sees_all(actor, _kind_of(one))}
        kept = {name: change for name, change in value.items() if name not in hidden}
        return masked_changes(actor, service.model, kept)

    def matching(self, term: str, actor: Actor, *, own: bool = False) -> list[ColumnElement[bool]]:
        """Every word somewhere in the searched columns, as written: addresses have dots, times hyphens."""
        # Whoever sees less than everything would read the rest from what is found.
        is_clear = not actor.hidden and all(_sees_all(actor, one) for one in ENTITIES)
        names = [name for name in self.searched if name != "changes" or is_clear]
        columns = [func.lower(cast(getattr(self.model, name), String)) for name in names]
        return [
            or_(*(column.like(like_pattern(word), escape="\\") for column in columns))
            for word in term.lower().split()
        ]


def _sees_all(actor: Actor, entity: str | None) -> bool:
    """Tell whether *actor* may know what is written into records of *entity*, whosever they are."""
    is_business = entity in ENTITIES and ENTITIES[entity].is_business and entity != "trash"
    return not is_business or actor.scope(entity or "", "see") == Scope.ALL


def _kind_of(attribute: Attribute) -> str | None:
    """Return the kind of record that the rows of *attribute* are; None where they are none of their own."""
    service = SERVICES.get(attribute.target) if attribute.kind == "rows" else None  # type: ignore[arg-type]
    return service.entity if service else None


audits = Logs(Audit, "audit", ("actor", "action", "record_id", "changes"))
login_logs = Logs(LoginLog, "loginlog", ("username", "result", "address"))
