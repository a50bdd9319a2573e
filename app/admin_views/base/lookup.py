"""What can be chosen for a relation while a form is filled in: scoped, searched, at most 50."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.core.db import reading
from app.core.errors import Missing
from app.core.ids import as_id
from app.models.attributes import Attribute, attributes_of
from app.services.masking import guess_in
from app.services.registry import SERVICES
from app.web import limits

if TYPE_CHECKING:
    from app.admin_views.base.record_view import RecordView

SIZE, MOST, DEEPEST = 20, 50, 10_000
MAX_TERM = 100


def choices(view: "RecordView", asked: Mapping[str, str]) -> list[list[Any]]:
    """Return [id, text] pairs for the relation ``name``; raise Missing if the view has none.

    ``query`` is what was typed, ``offset`` and ``limit`` the part wanted; ids of other relations
    of the form narrow it where the view says so.
    """
    attribute = _attribute(view, asked.get("name", ""))
    term = asked.get("query", "")[:MAX_TERM]
    if attribute.dictionary:
        labels = view.choices_of(attribute)
        return [[k, text] for k, text in labels if term.casefold() in text.casefold()][:MOST]
    service = SERVICES[attribute.target]  # type: ignore[index]
    criteria = list(service.referable_by(view.actor))
    within = [
        service.attributes()[name].column == key
        for name in view.lookup_within.get(attribute.name, ())
        if (key := as_id(asked.get(name))) is not None
    ]
    criteria += within
    if tried := guess_in(view.actor, term):
        limits.count(tried)
    if term:  # among the people of one customer, its name is no help, nor are their colleagues'
        criteria += service.matching(term, view.actor, own=bool(within))
    limit = min(as_id(asked.get("limit")) or SIZE, MOST)
    offset = min(as_id(asked.get("offset")) or 0, DEEPEST)
    rows = select(service.model).where(*criteria).order_by(service.model.id.desc())
    found = reading().scalars(rows.offset(offset).limit(limit))
    return [[one.id, one.choice_text()] for one in found]


def _attribute(view: "RecordView", name: str) -> Attribute:
    """Return the relation or dictionary *name*, of the record or (``team.user``) of its rows."""
    collection, _, inner = name.rpartition(".")
    attributes = view.service.attributes()
    if collection:
        rows = attributes.get(collection)
        if rows is None or rows.kind != "rows":
            raise Missing
        attributes = attributes_of(rows.target)
    attribute = attributes.get(inner)
    if attribute is None or attribute.kind not in ("relation", "relations", "dictionary"):
        raise Missing
    return attribute
