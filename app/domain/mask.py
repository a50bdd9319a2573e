"""Masks: what stands in the place of a value that its reader may not know."""

import re

from app.core.words import N_
from app.domain.email import masked_email
from app.domain.phone import masked_phone

HIDDEN = "***"
#: Whatever masks are made of; no telephone number, address or amount holds one.
STARS = ("*", "＊")
REFUSED = N_("含有星号，像是隐藏后的内容，请填写完整内容。")

#: What the history holds of numbers and addresses: masked when it was written.
_MADE = re.compile(r"\+?[\d-]{0,5}\*{4}\d{0,4}|\S?\*{3,4}(@[\w.-]+)?", re.ASCII)


class Masked(str):
    """A value as somebody sees it from whom the value itself is kept."""

    __slots__ = ()


def mask_of(kind: str, group: str, value: object) -> Masked:
    """Return what is shown of *value*: 138****5678, z***@example.com; of money that there is some."""
    text = str(value)
    if group != "phones":
        return Masked(HIDDEN)
    if _MADE.fullmatch(text):
        return Masked(text)
    is_address = kind == "email" and "@" in text
    return Masked(masked_email(text) if is_address else masked_phone(text))


def has_stars(text: str) -> bool:
    """Tell whether *text* may be a mask that somebody copied."""
    return any(star in text for star in STARS)
