"""The values a form was opened with: they travel with it, so that two editors can be told apart."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

from wtforms import Form

from app.admin_views.base import fields as f

MAX_BASE = 4_000_000  # characters; more is no form of ours
OWN = frozenset({"version", "form_token", "base", "csrf_token"})


def packed(form: Form) -> str:
    """Return the values of *form* as one short text, to be sent back with it."""
    values = {key: one.typed for key, one in each_value(form)}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def unpacked(text: str) -> dict[str, str] | None:
    """Return the values in *text*; None if it is not one of ours."""
    try:
        plain = zlib.decompressobj().decompress(urlsafe_b64decode(text.encode()), MAX_BASE)
        values = json.loads(plain)
    except (ValueError, RecursionError, zlib.error):
        return None
    if not isinstance(values, dict):
        return None
    return {str(key): str(value) for key, value in values.items()}


def each_value(form: Form) -> Iterator[tuple[str, Any]]:
    """Yield every field with a key that stays the same when rows move: ``lines#12-quantity``."""
    for one in form:
        if isinstance(one, f.Rows):
            for entry in one.entries:
                number = str(entry.form["id"].typed or "")
                row = f"{one.name}#{number}" if number else f"{entry.name}+"
                for cell in entry.form:
                    if cell.short_name != "id":
                        yield f"{row}-{cell.short_name}", cell
        elif one.name not in OWN:
            yield from ((cell.name, cell) for cell in one.parts())
