"""Documents on paper: one page per kind, A4, counted, marked when printed again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import abort, request
from flask_babel import gettext

from app.admin_views.base.page import Cell
from app.admin_views.base.values import cell_of
from app.core import clock
from app.core.db import reading
from app.core.errors import Missing
from app.core.work import Actor
from app.models.attributes import attributes_of
from app.services.masking import seen
from app.services.print_count import count_print, prints_of
from app.services.registry import SERVICES
from app.web.working import working

if TYPE_CHECKING:
    from app.admin_views.base.record_view import RecordView


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of document: what it is called, its template, and whether it shows prices."""

    kind: str
    title: str
    template: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a document's template gets. *number* counts this print; *is_printing* opens the dialogue."""

    title: str
    record: Any
    number: int
    is_printing: bool
    with_money: bool
    reader: Actor
    unseen: frozenset[str]
    printed_at: str
    back_url: str
    post_url: str

    def rows(self, name: str) -> list[Any]:
        """Return the rows *name* of the record; none where the reader may not see their kind."""
        return [] if name in self.unseen else list(getattr(self.record, name))

    def cell(self, name: str, record: Any = None) -> Cell:
        """Return the value *name* of the record, of one of its rows, or of another record within sight."""
        of = self.record if record is None else record
        model: Any = type(of)
        attribute = attributes_of(model)[name]
        value = seen(self.reader, attribute, of) if self._is_within_sight(of) else None
        return cell_of(attribute, value)

    def _is_within_sight(self, record: Any) -> bool:
        """Tell whether *record* may be read from; an order names its contact also where that is out of sight."""
        model: Any = type(self.record)
        own = {a.target for a in attributes_of(model).values() if a.kind == "rows"}
        service = SERVICES.get(type(record))
        if record is self.record or service is None or type(record) in own:
            return True
        try:
            return bool(service.get(reading(), self.reader, record.id))
        except Missing:
            return False


def answer(view: "RecordView") -> Any:
    """Return the document ``kind`` of the record ``id``; a POST counts it as printed."""
    record = view.find(request.values.get("id"))
    kinds = {document.kind: document for document in view.documents}
    document = kinds.get(request.values.get("kind", ""))
    if document is None:
        abort(404)
    printing = request.method == "POST"
    if printing:
        with working() as work:
            number = count_print(work, view.entity, record.id, document.kind)
        record = view.find(request.values.get("id"))
    else:
        number = prints_of(reading(), view.entity, record.id, document.kind) + 1
    sheet = Sheet(
        gettext(document.title),
        record,
        number,
        printing,
        "money" not in view.actor.hidden,
        view.actor,
        frozenset(
            name
            for name, a in view.service.attributes().items()
            if view.service.hides(view.actor, a)
        ),
        clock.minute_text(clock.now()),
        view.address("details_view", id=record.id),
        view.address("print_view", id=record.id, kind=document.kind),
    )
    return view.render(document.template, sheet=sheet, view=view)
