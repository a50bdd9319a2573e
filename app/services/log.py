"""The logs as records of the panel: read, searched and exported, never written."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_

from app.core.work import Actor
from app.domain.searching import like_pattern
from app.models.audit import Audit
from app.models.login_log import LoginLog
from app.services.crud import Crud


class Logs(Crud[Any]):
    """Entries in the order they were written; *searched* are the columns a term is looked for in."""

    def __init__(self, model: Any, entity: str, searched: tuple[str, ...]) -> None:
        super().__init__(model, entity)
        self.searched = searched

    def matching(self, term: str, actor: Actor, *, own: bool = False) -> list[ColumnElement[bool]]:
        """Every word somewhere in the searched columns, as written: addresses have dots, times hyphens."""
        columns = [func.lower(cast(getattr(self.model, name), String)) for name in self.searched]
        return [
            or_(*(column.like(like_pattern(word), escape="\\") for column in columns))
            for word in term.lower().split()
        ]


audits = Logs(Audit, "audit", ("actor", "action", "record_id", "changes"))
login_logs = Logs(LoginLog, "loginlog", ("username", "result", "address"))
