"""Reasons: what people write to answer for an exception."""

from collections.abc import Mapping
from typing import Any

MIN_REASON = 2


def reason_in(values: Mapping[str, Any], name: str) -> str:
    """Return the reason given under *name*, or "" if it says nothing."""
    reason = str(values.get(name) or "").strip()
    return reason if len(reason) >= MIN_REASON else ""
