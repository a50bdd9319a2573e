"""Small tables: a few records of one kind on the page of another."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from app.admin_views.base.page import Column, Row
from app.admin_views.base.values import cell_of
from app.core.work import Actor
from app.models.attributes import Attribute
from app.services.masking import seen

if TYPE_CHECKING:
    from app.admin_views.base.screen import Screen

#: Where somebody is shown what is masked of a record; "" where they may not be.
UnmaskUrl = Callable[[Attribute, Any], str]


def nowhere(_attribute: Attribute, _record: Any) -> str:
    """Return that nothing is shown anywhere."""
    return ""


def rows_of(
    actor: Actor,
    records: Iterable[Any],
    attributes: list[Attribute],
    screen: "Screen | None",
    *,
    links: bool = False,
    unmask: UnmaskUrl = nowhere,
) -> list[Row]:
    """Return *records* as rows of a small table; they lead to their pages on *screen*, if they have any."""
    unmask = screen.unmask_url if screen else unmask
    return [
        Row(
            one.id,
            one.version,
            str(one),
            [cell_of(a, seen(actor, a, one), unmask_url=unmask(a, one)) for a in attributes],
            screen.address("details_view", id=one.id) if screen else None,
            screen.row_links(one) if screen and links else [],
        )
        for one in records
    ]


def heads_of(attributes: list[Attribute]) -> list[Column]:
    """Return the heads of a small table."""
    return [Column(a.name, gettext(a.label), a.kind) for a in attributes]
