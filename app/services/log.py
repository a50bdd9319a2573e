"""The logs as records of the panel: read, searched and exported, never written."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_

from app.core.work import Actor
from app.domain.searching import like_pattern
from app.models.attributes import Attribute
from app.models.audit import Audit
from app.models.login_log import LoginLog
from app.services.crud import Crud
from app.services.masking import masked_changes
from app.services.registry import SERVICES


class Logs(Crud[Any]):
    """Entries in the order they were written; *searched* are the columns a term is looked for in."""

    def __init__(self, model: Any, entity: str, searched: tuple[str, ...]) -> None:
        super().__init__(model, entity)
        self.searched = searched

    def seen(self, actor: Actor, attribute: Attribute, record: Any) -> Any:
        """Return *attribute*; of what was changed only what *actor* may know of the record it speaks of."""
        value = super().seen(actor, attribute, record)
        if attribute.name != "changes" or not actor.hidden:
            return value
        service = next((one for one in SERVICES.values() if one.entity == record.entity), None)
        return masked_changes(actor, service.model, value) if service else value

    def matching(self, term: str, actor: Actor, *, own: bool = False) -> list[ColumnElement[bool]]:
        """Every word somewhere in the searched columns, as written: addresses have dots, times hyphens."""
        # Whoever sees masks would read what is behind them from what is found.
        names = [name for name in self.searched if name != "changes" or not actor.hidden]
        columns = [func.lower(cast(getattr(self.model, name), String)) for name in names]
        return [
            or_(*(column.like(like_pattern(word), escape="\\") for column in columns))
            for word in term.lower().split()
        ]


audits = Logs(Audit, "audit", ("actor", "action", "record_id", "changes"))
login_logs = Logs(LoginLog, "loginlog", ("username", "result", "address"))
