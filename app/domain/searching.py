r"""Searching: one text per record, in which every way of looking for it is a plain substring.

``search_text`` makes the text, ``words_of`` takes a term apart, ``like_pattern`` quotes a word: a
record is found if for every word ``text LIKE pattern ESCAPE '\'``.
"""

import re
from collections.abc import Iterable
from itertools import chain

from app.core.invalid import InvalidValue
from app.domain.folding import fold
from app.domain.phone import canonical_phone, phone_digits
from app.domain.pinyin import has_hanzi, spellings

#: Written or not, as people like: 苏州-恒达, Co.,Ltd, SO202611-0001. Symbols such as % and _ stay.
_LOOSE = re.compile(r"[-\s().,;:'\"·•/、。，；：…]+")
_SEPARATORS = re.compile(r"[\s(),;、。]+")
#: Where pinyin meets characters: suzhou包装 looks for both.
_SEAM = re.compile(r"(?<=[a-z])(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])(?=[a-z])")
_PHONE_LIKE = re.compile(r"\+?[\d\s()-]{7,}(?:\s*(?:转|分机|ext\.?|x|#)\s*\d+)?", re.ASCII)
#: Stored without it, so a beginning such as +86 138 is found as 138.
_COUNTRY = re.compile(r"^(?:\+|00)86[-\s]*(?=\d)", re.ASCII)
MAX_WORDS = 8
MAX_TERM = 200


def normalise(text: str) -> str:
    """Return *text* without case and width, invisible characters, and kinds of bracket or blank."""
    return fold(text)


def words_of(term: str) -> list[str]:
    """Return the words that a record must all hold, at most eight; empty if nothing was asked.

    A telephone number, however written, is one word of digits.
    """
    folded = _COUNTRY.sub("", fold(term[:MAX_TERM]))
    if number := _phone_word(folded):
        return [number]
    words = chain.from_iterable(_SEAM.split(part) for part in _SEPARATORS.split(folded))
    found = [_loosened(word) or word for word in words if word]
    if not found and folded:
        found = [folded]  # brackets or commas alone find nothing, rather than everything
    return list(dict.fromkeys(found))[:MAX_WORDS]


def search_text(
    *values: str | None, plain: Iterable[str | None] = (), phones: Iterable[str | None] = ()
) -> str:
    """Return one line per form of each of *values*: as written, full pinyin, initials.

    *plain* values (addresses, remarks) get no pinyin; *phones* are stored numbers. Words never hold
    a line break, so none is found across two values.
    """
    lines: dict[str, None] = {}
    for value in filter(None, values):
        loose = _loosened(fold(value))
        lines[loose] = None
        if has_hanzi(loose):
            lines |= dict.fromkeys(spellings(loose))
    lines |= dict.fromkeys(_loosened(fold(value)) for value in plain if value)
    lines[phone_text(*phones)] = None
    return "\n".join(filter(None, lines))


def phone_text(*phones: str | None) -> str:
    """Return the digits of stored *phones*, one line each; apart, for roles that see no numbers.

    An e-mail or WeChat address among them, often the mobile number itself, is kept as it is written.
    """
    return "\n".join(dict.fromkeys(_reachable(phone) for phone in phones if phone))


def _reachable(text: str) -> str:
    return _loosened(fold(text)) if any(c.isalpha() for c in text) else phone_digits(text)


def like_pattern(word: str) -> str:
    r"""Return the LIKE pattern for *word* anywhere; ``%``, ``_`` and ``\`` in it are literal."""
    quoted = re.sub(r"([\\%_])", r"\\\1", word)
    return f"%{quoted}%"


def _loosened(folded: str) -> str:
    return _LOOSE.sub("", folded)


def _phone_word(folded: str) -> str | None:
    """Return the digits of *folded* if it is a whole telephone number."""
    if not _PHONE_LIKE.fullmatch(folded):
        return None
    try:
        return phone_digits(canonical_phone(folded))
    except InvalidValue:
        return None
