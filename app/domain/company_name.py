"""Company names: when two are the same, and when two may be the same firm."""

import re
from collections.abc import Iterable

from app.domain import regions
from app.domain.folding import compact, fold

_LEGAL_FORM = re.compile(
    r"\(?(?:股份有限责任公司|有限责任公司|股份有限公司|有限公司|股份公司|责任公司|总公司|公司"
    r"|特殊普通合伙|普通合伙|有限合伙)\)?$"
)
_LATIN_FORM = re.compile(
    r"(?:[\s.,]+(?:co|company|limited|ltd|inc|corp|corporation|llc|gmbh|pte|plc))+[\s.,]*$"
)
_BRANCH = re.compile(r"(?<=公司)[^()]{0,12}(?:分公司|分厂|办事处)$")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_NOT_WORDS = re.compile(r"[\W_]+")
_WORKS = re.compile(r"(?:总厂|厂|行|店|部)$")
#: A name keeps its place rather than shrink below this: 苏州有限公司 is 苏州.
_CORE = 2


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_LEVELS = (
    (regions.REALMS, ()),
    (regions.PROVINCES, regions.PROVINCE_SUFFIXES),
    (regions.PREFECTURES, regions.PREFECTURE_SUFFIXES),
    (regions.COUNTIES, regions.COUNTY_SUFFIXES),
)
#: One place of any level with its suffix; 市场, 市政, 区块 and 区域 are words of their own.
_PLACE = "|".join(
    f"(?:{_any_of(names)})(?:(?:{_any_of(suffixes) or '(?!)'})(?![场政块域]))?"
    for names, suffixes in _LEVELS
)
_LEADING = re.compile(f"(?:{_PLACE}|(?<!^)(?:{_any_of(regions.ZONES)}))")
_PLACES = re.compile(f"(?:{_PLACE}|{_any_of(regions.ZONES)})+")
_NAME_OF_PLACE = re.compile(_any_of(word for names, _ in _LEVELS for word in names))


def folded_name(name: str) -> str:
    """Return *name* without width, case, blanks and kinds of bracket: equal means the same firm."""
    return compact(name)


def name_key(name: str) -> str:
    """Return the core of a company *name*: folded, without legal form, region and punctuation.

    恒达包装（苏州）有限公司 and 无锡市恒达包装有限责任公司 are both 恒达包装: likely the same, not
    surely. What would leave nothing, or a mere trade such as 包装, keeps its region.
    """
    words, places = _taken_apart(name)
    core = _without_places(words, places)
    return core or _NOT_WORDS.sub("", folded_name(name))


def regions_of(name: str) -> frozenset[str]:
    """Return the places that *name* carries in front or in brackets, without 省, 市, 区, 县."""
    words, places = _taken_apart(name)
    core = _without_places(words, places)
    around = "".join(places) + words.removesuffix(core)
    return frozenset(_NAME_OF_PLACE.findall(around))


def in_different_places(first: str, second: str) -> bool:
    """Tell whether two names carry different places of one level, such as 苏州 and 无锡.

    Names of one key are then rather two firms. 江苏 and 苏州 may well be one place.
    """
    here, there = regions_of(first), regions_of(second)
    for names, _ in _LEVELS:
        mine, theirs = here & frozenset(names), there & frozenset(names)
        if mine and theirs and not mine & theirs:
            return True
    return False


def _taken_apart(name: str) -> tuple[str, list[str]]:
    """Return *name* folded, without form, brackets and punctuation; and the bracketed places."""
    text = compact(_LATIN_FORM.sub("", fold(name)))
    text = _LEGAL_FORM.sub("", _BRANCH.sub("", text))
    places = [inside for inside in _BRACKETED.findall(text) if _PLACES.fullmatch(inside)]
    text = _BRACKETED.sub(lambda m: "" if _PLACES.fullmatch(m[1]) else m[1], text)
    # Once more: in 恒达有限公司（苏州） the form stood before the place.
    return _LEGAL_FORM.sub("", _NOT_WORDS.sub("", text)), places


def _without_places(words: str, places: list[str]) -> str:
    """Return *words* without the places in front, as long as a name of its own is left."""
    at = 0
    while place := _LEADING.match(words, at):
        if len(words) - place.end() < _CORE:
            break
        if _is_trade(words[place.end() :]):
            break
        at = place.end()
    core = words[at:]
    return "".join(places) + core if places and not at and _is_trade(core) else core


def _is_trade(core: str) -> bool:
    return not core or _WORKS.sub("", core) in _TRADES


_TRADES = frozenset(regions.TRADES)
