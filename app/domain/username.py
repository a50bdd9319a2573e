"""User names: which ones there can be. What they are compared by stands in identity.py."""

import re
import unicodedata

from app.core.invalid import InvalidValue
from app.core.words import N_
from app.domain.identity import username_key

MAX_LENGTH = 32
_ALLOWED = re.compile(r"\w[\w.@-]*")


def canonical_username(text: str) -> str:
    """Return *text* as a new user's name, as it will be shown.

    Raises InvalidValue for blanks, invisible characters and punctuation other than ``. _ - @``.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if max(len(text), len(username_key(text))) > MAX_LENGTH:
        raise InvalidValue(N_("用户名最多 %(n)s 个字。"), n=MAX_LENGTH)
    if not _ALLOWED.fullmatch(text):
        raise InvalidValue(N_("用户名只能用文字、数字和 . _ - @。"))
    return text
