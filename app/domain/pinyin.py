"""Pinyin: how Chinese names are spelt on a keyboard, in full and by initials.

Readings come from pypinyin with its phrases (银行 yinhang, 重庆 chongqing) and the names below.
Characters that people read in two ways give both spellings, unless a phrase settles it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from math import prod
from typing import Any, NamedTuple

_CLASS = r"\u3400-\u9fff\uf900-\ufaff"
_HANZI = re.compile(f"[{_CLASS}]")
_RUN = re.compile(f"[{_CLASS}]+|[^{_CLASS}]+")

#: Places and words that the dictionary reads wrongly or not at all.
_NAMES = """
浒墅关 xu shu guan,浒关 xu guan,甪直 lu zhi,黄埭 huang dai,六安 lu an,六合 lu he,乐清 yue qing
台州 tai zhou,丽水 li shui,盱眙 xu yi,邗江 han jiang,蚌埠 beng bu,亳州 bo zhou,歙县 she xian
莘庄 xin zhuang,闵行 min hang,厦门 xia men,长沙 chang sha,长春 chang chun,长兴 chang xing
长宁 chang ning,长治 chang zhi,长丰 chang feng,长乐 chang le,长江 chang jiang,长城 chang cheng
长三角 chang san jiao,重庆 chong qing,宿迁 su qian,宿州 su zhou,宿豫 su yu,成都 cheng du
都江堰 du jiang yan,江都 jiang du,朝阳 chao yang,东阿 dong e,番禺 pan yu,东莞 dong guan
单县 shan xian,沈阳 shen yang,盛泽 sheng ze,枞阳 zong yang,繁昌 fan chang,无为 wu wei
银行 yin hang,中行 zhong hang,工行 gong hang,农行 nong hang,建行 jian hang,重工 zhong gong
重型 zhong xing,重点 zhong dian,模具 mu ju,模切 mu qie,纤维 xian wei,音乐 yin yue,会计 kuai ji
调味 tiao wei,卡通 ka tong,传奇 chuan qi,校园 xiao yuan,行业 hang ye,五行 wu xing,自行车 zi xing che
"""
#: The characters whose reading depends on the words around them, with the readings people use.
_POLYPHONES = """
重 chong zhong,长 chang zhang,行 hang xing,乐 le yue,曾 zeng ceng,单 dan shan,翟 zhai di
解 jie xie,仇 chou qiu,盛 sheng cheng,查 cha zha,尉 wei yu,厦 xia sha,都 du dou
传 chuan zhuan,藏 zang cang,覃 qin tan,六 liu lu,薄 bo bao,宿 su xiu
参 can shen,奇 qi ji,降 jiang xiang,强 qiang jiang,校 xiao jiao,折 zhe she,朴 pu piao
朝 chao zhao,晟 sheng cheng,茜 qian xi,莘 xin shen,柏 bai bo,缪 miao mou,卡 ka qia
调 tiao diao,壳 ke qiao,秘 mi bi
贾 jia gu,俞 yu shu,隗 wei kui,召 zhao shao,繁 fan po
模 mo mu,弹 tan dan,率 lv shuai,纤 xian qian,澄 cheng deng,阿 a e,堡 bao bu,莞 wan guan
番 fan pan,蚌 bang beng,浒 hu xu,沈 shen chen,枞 cong zong
铅 qian yan,涡 guo wo,泊 bo po,佛 fo fu
"""
#: More spellings of one text than this are not kept.
MAX_SPELLINGS = 8
#: So far may a phrase reach from the character that it settles.
_REACH = 2


class _Part(NamedTuple):
    """A character or another run of text: its spellings in full, and by first letters."""

    full: tuple[str, ...]
    first: tuple[str, ...]


def _table(text: str) -> dict[str, list[str]]:
    entries = [entry.split() for entry in text.replace("\n", ",").split(",") if entry]
    return {entry[0]: entry[1:] for entry in entries}


_READINGS = _table(_POLYPHONES)


@cache
def _book() -> Any:
    """Return pypinyin with our names in it. Opening it takes a second, so it waits for the first name."""
    import pypinyin  # noqa: PLC0415 - not at start-up

    names = _table(_NAMES).items()
    pypinyin.load_phrases_dict({name: [[one] for one in syllables] for name, syllables in names})
    return pypinyin


def has_hanzi(text: str) -> bool:
    """Tell whether *text* holds a Chinese character."""
    return _HANZI.search(text) is not None


def spellings(text: str) -> list[str]:
    """Return the full pinyin, then the initials, of *text* in its likely readings; likeliest first.

    What is not Chinese stays in its place: 恒达3号 is ``hengda3hao`` and ``hd3h``.
    """
    parts = list(_parts(text))
    return [*_combined([part.full for part in parts]), *_combined([part.first for part in parts])]


def full_pinyin(text: str) -> str:
    """Return the likeliest full pinyin of *text*, without tones: 苏州 is ``suzhou``."""
    return "".join(part.full[0] for part in _parts(text))


def initials(text: str) -> str:
    """Return the likeliest initials of *text*: 苏州包装 is ``szbz``."""
    return "".join(part.first[0] for part in _parts(text))


def _parts(text: str) -> Iterator[_Part]:
    """Yield each Chinese character of *text*, and each run of anything else as it stands."""
    for run in _RUN.findall(text):
        if not _HANZI.match(run):
            yield _Part((run,), (run,))
            continue
        for at, character in enumerate(run):
            if character in _READINGS:
                start = max(at - _REACH, 0)
                yield _in_context(run[start : at + _REACH + 1], at - start)
            else:
                yield _alone(character)


@cache
def _alone(character: str) -> _Part:
    """Return the usual reading; ü is typed as v or as u."""
    usual = _book().lazy_pinyin(character)[0]
    return _spelt([usual, usual.replace("v", "u")])


@lru_cache(maxsize=50_000)
def _in_context(window: str, at: int) -> _Part:
    """Return the readings of the character at *at*: one if a phrase around it settles it."""
    book = _book()
    judged = book.pinyin(window, style=book.Style.NORMAL, heteronym=True)[at]
    if len(judged) == 1:
        return _spelt(judged)
    known = _READINGS[window[at]]
    return _spelt([*(reading for reading in judged if reading in known), *known])


def _spelt(readings: Sequence[str]) -> _Part:
    return _Part(
        tuple(dict.fromkeys(readings)), tuple(dict.fromkeys(reading[0] for reading in readings))
    )


def _combined(readings: Sequence[Sequence[str]]) -> list[str]:
    """Return the ways to read all in a row, the likeliest first, at most MAX_SPELLINGS."""
    if prod(map(len, readings)) <= MAX_SPELLINGS:
        ways: Iterator[Sequence[str]] = iter(product(*readings))
    else:
        ways = _one_by_one(readings)
    return list(dict.fromkeys("".join(way) for way in islice(ways, MAX_SPELLINGS)))


def _one_by_one(readings: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Yield the likeliest way, then every way that differs from it in one place."""
    usual = [reading[0] for reading in readings]
    yield usual
    for at, others in enumerate(readings):
        for other in others[1:]:
            yield [*usual[:at], other, *usual[at + 1 :]]
