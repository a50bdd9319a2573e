"""Values as people read them, as JSON, and as form fields hold them."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from flask_babel import gettext

from app.admin_views.base import deeds
from app.admin_views.base.page import Cell
from app.core import clock
from app.core.money import show_money, show_percent, show_price
from app.core.words import Word
from app.domain.mask import Masked
from app.domain.permissions import ENTITIES, HIDDEN_LABELS, VERBS, Scope
from app.domain.phone import readable_phone
from app.models.attributes import Attribute

#: Labels of dictionary entries: (kind, key) → label.
Labels = Mapping[tuple[str, str], str]


NO_LABELS: Labels = MappingProxyType({})


def text_of(attribute: Attribute, value: Any, labels: Labels = NO_LABELS) -> str:
    """Return *value* as people read it; empty for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, Masked):
        return str(value)
    if attribute.kind == "dictionary":
        return labels.get((attribute.dictionary, value), value)
    if attribute.kind in _BY_KIND:
        return _BY_KIND[attribute.kind](value)
    if isinstance(value, Word):
        return gettext(value.label)
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)


def _group_labels(groups: list[str]) -> str:
    return "、".join(gettext(HIDDEN_LABELS.get(group, group)) for group in groups)


def grants_text(grants: Mapping[str, Mapping[str, str]]) -> str:
    """Return the permissions of a role in words, a line per kind of record."""
    lines = []
    for name, verbs in grants.items():
        words = [
            f"{gettext(VERBS.get(v, v))}（{gettext(Scope(s).label)}）" for v, s in verbs.items()
        ]
        label = gettext(ENTITIES[name].label) if name in ENTITIES else name
        lines.append(f"{label}：{'、'.join(words)}")
    return "\n".join(lines)


def _instant_text(value: date) -> str:
    """Return an instant to the minute; where a filter means a whole day, that day."""
    if not isinstance(value, datetime):
        return value.isoformat()
    return clock.minute_text(value)


_BY_KIND: dict[str, Callable[[Any], str]] = {
    "flag": lambda value: gettext("是") if value else gettext("否"),
    "integer": lambda value: f"{value:,}",
    "money": show_money,
    "price": show_price,
    "percent": show_percent,
    "instant": _instant_text,
    "phone": readable_phone,
    "grants": grants_text,
    "groups": _group_labels,
    "action": deeds.action_text,
    "entity": deeds.entity_text,
    "result": deeds.result_text,
    "actor": deeds.actor_text,
    "json": lambda value: json.dumps(value, ensure_ascii=False, indent=1),
}


def json_of(attribute: Attribute, value: Any) -> Any:
    """Return *value* for the JSON view: decimals as text, instants UTC, relations id and text."""
    if value is None or isinstance(value, bool | int | dict):
        return value
    if isinstance(value, Word):
        return value.value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [json_of(attribute, item) for item in value]
    if attribute.kind in ("relation", "relations"):
        return {"id": value.id, "text": str(value)}
    return str(value)


def raw_of(value: Any) -> str:
    """Return *value* as a form field or a CSV cell holds it: no thousands commas, ISO dates, no masks."""
    if value is None or isinstance(value, Masked):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Word):
        return str(value.value)
    if isinstance(value, datetime):
        return clock.to_local(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)


def cell_of(
    attribute: Attribute,
    value: Any,
    labels: Labels = NO_LABELS,
    *,
    url: str | None = None,
    editable: bool = False,
    unmask_url: str = "",
) -> Cell:
    """Return how *value* is shown in a list or on a details page."""
    kind = "long" if attribute.kind in ("grants", "json") else attribute.kind
    return Cell(
        attribute.name,
        gettext(attribute.label),
        text_of(attribute, value, labels),
        kind,
        url=url,
        tone=value.tone or None if isinstance(value, Word) else None,
        raw=raw_of(value),
        editable=editable,
        masked=isinstance(value, Masked),
        unmask_url=unmask_url if isinstance(value, Masked) else "",
    )


def stamp_text(version: int, name: str, at: Any) -> str:
    """Return who saved which version, when."""
    local = clock.to_local(at)
    today = local.date() == clock.today()
    moment = (
        gettext("今天 %(t)s", t=local.strftime("%H:%M"))
        if today
        else local.strftime("%Y-%m-%d %H:%M")
    )
    return gettext(
        "第 %(n)s 版 · %(name)s %(at)s 保存", n=version, name=name or gettext("系统"), at=moment
    )
