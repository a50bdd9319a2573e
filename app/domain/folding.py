"""Folding: what people see as the same text becomes the same characters."""

import re
from unicodedata import category, normalize

#: The quick way for nearly all texts: printable ASCII, Chinese punctuation, Chinese characters.
_ORDINARY = re.compile(r"[\x20-\x7e\u3001-\u303f\u3400-\u9fff]*")
_SPACES = re.compile(r"\s+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_BRACKETS = str.maketrans("[]{}〔〕【】〖〗《》〈〉「」『』", "()" * 9)
#: Joiners, direction marks, byte-order marks and the like; WeChat puts them around copied numbers.
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}
#: The fillers that count as letters, yet show nothing, and the variation selectors.
_BLANK_LETTERS = set("\u115f\u1160\u3164\uffa0\u034f\u180b\u180c\u180d") | {
    chr(code) for code in range(0xFE00, 0xFE10)
}
#: Marks that change nothing people see; joiners of emoji stay.
_MARKS = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200c\u200e\u200f\u202a-\u202e"
    r"\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Return *text* in NFKC – full width becomes half width – without invisible characters."""
    narrow = normalize("NFKC", text)
    if _ORDINARY.fullmatch(narrow):
        return narrow
    return "".join(c for c in narrow if c.isspace() or not _is_invisible(c))


def tidy(text: str) -> str:
    """Return *text* as it was meant: no invisible marks, single blanks; width and case stay."""
    return _SPACES.sub(" ", _MARKS.sub("", text)).strip()


def plain(text: str) -> str:
    """Return the code or number *text* in half width, so that the same one is the same text; case stays."""
    return tidy(visible(text))


def fold(text: str) -> str:
    """Return *text* visible, without case, with one kind of bracket, dash and single blanks."""
    small = normalize("NFKC", visible(text).casefold())
    return _SPACES.sub(" ", small.translate(_DASHES).translate(_BRACKETS)).strip()


def compact(text: str) -> str:
    """Return *text* folded and without any blanks: for codes, numbers and user names."""
    return fold(text).replace(" ", "")


def _is_invisible(character: str) -> bool:
    return category(character) in _INVISIBLE or character in _BLANK_LETTERS
