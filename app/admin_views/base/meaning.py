"""What the text of a form field means: for comparing two of them, and for showing one to its reader."""

from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from app.admin_views.base import fields as f
from app.admin_views.base.values import text_of
from app.core.ids import as_id
from app.core.invalid import InvalidValue
from app.domain.email import canonical_email
from app.domain.phone import canonical_phone

if TYPE_CHECKING:
    from app.admin_views.base.screen import Screen

CANONICAL = {"phone": canonical_phone, "email": canonical_email}
#: Kinds that a form writes otherwise than people read them.
WRITTEN = frozenset({"integer", "money", "price", "percent", "date", "instant", "phone"})


def meaning_of(one: Any, text: str) -> Any:
    """Return what *text* in the field *one* stands for: ``1,000`` and ``1000`` are the same.

    What cannot be read means itself.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        return None
    try:
        value = one.read(text)
        canonical = CANONICAL.get(one.kind)
        return canonical(value) if canonical and isinstance(value, str) else value
    except InvalidValue:
        return text


def words_of(view: "Screen", one: Any, text: str) -> str:
    """Return what *text* in the field *one* means to its reader."""
    if isinstance(one, f.FlagField):
        return gettext("是") if text else gettext("否")
    key = as_id(text) if isinstance(one, f.RelationField) else None
    if key is not None:
        return view.names_of(one.attribute, [key])[0]
    names = dict(one.choices)
    if names:
        return "、".join(names.get(part, part) for part in text.split(","))
    value = meaning_of(one, text)
    known = one.kind in WRITTEN and not (isinstance(value, str) and one.kind != "phone")
    return text_of(one.attribute, value) if known else text
