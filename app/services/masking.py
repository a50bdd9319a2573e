"""The one door through which values reach readers: what is kept from somebody comes out as its mask."""

import re
from collections.abc import Mapping
from typing import Any

from app.core.money import show_money
from app.core.work import Actor
from app.domain.mask import HIDDEN, mask_of
from app.domain.permissions import HIDDEN_LABELS
from app.domain.searching import words_of
from app.models.attributes import Attribute, attributes_of

_LEAST_DIGITS = 7  # what is shorter is no whole number
#: A WeChat name has six to twenty characters; searching knows it without its hyphens.
_NAME = re.compile(r"[a-z][a-z0-9_]{4,19}", re.ASCII)


#: Kinds whose values are masked wherever they are shown, typed, filtered and sorted.
MASKABLE = frozenset({"phone", "email", "code", "money", "price"})
#: What an entry of the history tells beside attributes, none of it a number or an amount.
_PLAIN = frozenset({"columns", "file", "kind", "prints", "passkey", "customer_po_confirm"})


def check_groups(model: Any) -> None:
    """Raise TypeError, at start-up, if *model* or its rows mask a kind of value for which there are no masks."""
    for attribute in attributes_of(model).values():
        if attribute.group and (
            attribute.kind not in MASKABLE or attribute.group not in HIDDEN_LABELS
        ):
            name = f"{model.__name__}.{attribute.name}"
            raise TypeError(
                f"{name} is {attribute.kind}, which cannot be masked as {attribute.group}"
            )
        if attribute.kind == "rows" and attribute.target is not model:
            check_groups(attribute.target)


def is_masked(actor: Actor, attribute: Attribute) -> bool:
    """Tell whether *actor* sees a mask instead of *attribute*."""
    return bool(attribute.group) and attribute.group in actor.hidden


def seen(actor: Actor, attribute: Attribute, record: Any) -> Any:
    """Return *attribute* of *record* as *actor* may know it: its value, its mask, or nothing where it is empty."""
    return masked(actor, attribute, getattr(record, attribute.name))


def masked(actor: Actor, attribute: Attribute, value: Any) -> Any:
    """Return *value* of *attribute*, or its mask."""
    if not is_masked(actor, attribute) or value is None or value in ("", []):
        return value
    return mask_of(attribute.kind, attribute.group, value)


def guess_in(actor: Actor, term: str) -> str:
    """Return the limit that *term* counts for: it may try something whole that *actor* sees masked; "" for none.

    ``guess`` is for numbers and addresses. WeChat names look like pinyin, which people search by all day
    long, so that they have a wider limit of their own, ``guess_name``.
    """
    words = words_of(term) if "phones" in actor.hidden else []
    if any("@" in word or (word.isdecimal() and len(word) >= _LEAST_DIGITS) for word in words):
        return "guess"
    return "guess_name" if any(_NAME.fullmatch(word) for word in words) else ""


def shown_money(actor: Actor, amount: Any) -> str:
    """Return *amount* for a message to *actor*."""
    return HIDDEN if "money" in actor.hidden else show_money(amount)


def masked_changes(actor: Actor, model: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the *changes* that the history holds of a record of *model*, as *actor* may know them."""
    attributes = attributes_of(model)
    if "filter" in changes and actor.hidden:  # of an export: what others filtered by
        changes = {**changes, "filter": HIDDEN}
    return {
        name: _masked_change(actor, name, attributes.get(name), change)
        for name, change in changes.items()
    }


def _masked_change(actor: Actor, name: str, attribute: Attribute | None, change: Any) -> Any:
    if not isinstance(change, list):
        return change
    if attribute is None:  # of a column that is gone, perhaps: nobody knows what it held
        is_plain = not actor.hidden or name in _PLAIN or name.endswith("reason")
        return change if is_plain else [HIDDEN if value else value for value in change]
    if attribute.kind == "rows":
        return [
            {**row, "changes": masked_changes(actor, attribute.target, row.get("changes", {}))}
            for row in change
        ]
    return [masked(actor, attribute, value) for value in change]
