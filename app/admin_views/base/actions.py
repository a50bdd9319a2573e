"""Verbs of a record beyond create, edit and delete: declared beside the view, applied by a service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.admin_views.base.page import ActionButton
from app.core.words import N_
from app.core.work import Work
from app.models.attributes import Attribute
from app.services.crud import Crud

#: Does it; may return a secret, such as a one-time password, to be shown in this answer only.
Apply = Callable[[Work, Any, Mapping[str, Any]], str | None]


@dataclass(frozen=True, slots=True)
class Action:
    """One verb: its permission, how it is asked, and the service method that does it.

    *asks* are the inputs of its confirmation page; *offered* tells whether a record's page shows the
    button; *needs* is its permission where that is not its name; a delicate one asks for the password
    again; *turn* says in which order chosen rows are taken.
    """

    name: str
    label: str
    apply: Apply
    icon: str = "check"
    style: str = ""
    warning: str = ""
    asks: tuple[Attribute, ...] = ()
    offered: Callable[[Any], bool] = lambda _record: True
    bulk: bool = True
    needs: str = ""
    is_delicate: bool = False
    turn: Callable[[Any], Any] = lambda record: record.id

    @property
    def verb(self) -> str:
        """The permission it needs, and the scope of the records it reaches."""
        return self.needs or self.name

    def button(self) -> ActionButton:
        """Return how it is offered."""
        return ActionButton(
            self.name, gettext(self.label), self.icon, self.style, tuple(a.name for a in self.asks)
        )


def deleting(service: Crud[Any], *, for_good: bool) -> Action:
    """Return the action that deletes chosen records: into the trash, or for good."""

    def apply(work: Work, record: Any, _values: Mapping[str, Any]) -> None:
        service.delete(work, record, version=record.version)

    warning = N_("相关信息将无法恢复，请确认操作。") if for_good else ""
    return Action("delete", N_("删除"), apply, "trash", "danger", warning)
