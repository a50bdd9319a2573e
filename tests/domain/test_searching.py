"""Every name can be found the ways people look for it."""

import re
import sqlite3
import time

import pytest

from app.domain.pinyin import full_pinyin, initials, spellings
from app.domain.searching import like_pattern, normalise, phone_text, search_text, words_of

NAME = "恒达彩盒包装（苏州）有限公司"
TEXT = search_text(
    NAME,
    "恒达",
    "C000042",
    "SO202611-0001",
    "100%棉_A\\B",
    "重庆路3号",
    "zhang.san@example.com",
    None,
    "",
    plain=["苏州市吴中区木渎镇 18-2 号", None],
    phones=["13812345678", "0512-65432109-12", None],
)


def finds(term, text=TEXT):
    """Tell whether a database would find *text* by *term*."""
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA case_sensitive_like = ON")  # as PostgreSQL is
    words = words_of(term)
    hits = [
        database.execute("SELECT ? LIKE ? ESCAPE '\\'", (text, like_pattern(word))).fetchone()[0]
        for word in words
    ]
    return bool(words) and all(hits)


@pytest.mark.parametrize(
    "term",
    [
        *(
            "恒",
            "盒",
            "达彩",
            "彩盒包",
            NAME,
            "恒达彩盒包装(苏州)有限公司",
            "恒达彩盒包装苏州有限公司",
            "苏州 恒达",
        ),
        *("suzhou", "hengda", "SUZHOU", "ｓｕｚｈｏｕ", "hengdacaihe", "caihebaozhuang", "heng"),
        *("hdch", "szyxgs", "HDCHBZ", "suzhou hdch", "hengda包装", "苏州hd"),
        *("c000042", "C0000", "000042", "SO202611-0001", "so2026110001", "202611", "0001"),
        *(
            "5678",
            "2109",
            "13812345678",
            "138 1234 5678",
            "+86 138-1234-5678",
            "１３８１２３４５６７８",
        ),
        *(
            "0512-65432109",
            "051265432109",
            "(0512) 6543 2109",
            "65432109",
            "0512-65432109-12",
            "+86138",
        ),
        *("100%", "%", "_", "棉_a", "\\", "a\\b", "100%棉"),
        *(
            "chongqinglu",
            "重庆路3号",
            "cql3h",
            "3hao",
            "zhang.san@example.com",
            "zhangsan",
            "example",
        ),
        *("木渎", "18-2", "182号", "恒达 5678 c000042", "恒\u200b达", "  恒达\t彩盒 "),
    ],
)
def test_it_is_found(term):
    assert finds(term)


@pytest.mark.parametrize(
    "term",
    [
        *(
            "无锡",
            "恒达 无锡",
            "wuxi",
            "hdx",
            "5679",
            "13812345679",
            "c000043",
            "200%",
            "a_b",
            "恒_达",
        ),
        *("恒%盒", "h%a", "mudu", "", "   ", "-", "，", "'", "有限公司恒达"),
    ],
)
def test_it_is_not_found(term):
    assert not finds(term)


@pytest.mark.parametrize("sign", ["%", "_", "\\"])
def test_sql_2_signs_of_like_are_literal(sign):
    """SQL-2."""
    assert finds(f"a{sign}b", search_text(f"a{sign}b"))
    assert not finds(f"a{sign}b", search_text("axb"))
    assert not finds(sign, search_text("axb"))


def test_no_word_is_found_across_two_values():
    assert not finds("苏州无锡", search_text("苏州", "无锡"))


def test_numbers_can_be_kept_apart_for_roles_that_see_none():
    assert phone_text("13812345678", None, "0512-65432109-12") == "13812345678\n051265432109"
    assert "1381" not in search_text(NAME)


def test_a_term_is_bounded():
    assert len(words_of(" ".join(f"w{n}" for n in range(50)))) == 8
    assert len("".join(words_of("a" * 10_000))) == 200
    assert words_of("恒达 恒达 恒达") == ["恒达"]


def test_sql_3_hostile_terms_do_no_harm():
    """SQL-3."""
    for term in (
        "\ud800",
        "\0",
        "' OR 1=1 --",
        "\\" * 500,
        "()" * 100,
        "+" * 300,
        "1-" * 100,
        "🔑",
    ):
        begun = time.perf_counter()
        assert isinstance(finds(term.replace("\ud800", "").replace("\0", "")), bool)
        assert isinstance(words_of(term), list)
        assert time.perf_counter() - begun < 0.1


def test_normalising_twice_changes_nothing():
    for text in (NAME, "ＡＢＣ　１２", "İ ﬁ ß", "【x】"):
        assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("name", "full", "first"),
    [
        ("苏州", "suzhou", "sz"),
        ("重庆银行", "chongqingyinhang", "cqyh"),
        ("长沙", "changsha", "cs"),
        ("浒墅关", "xushuguan", "xsg"),
        ("甪直", "luzhi", "lz"),
        ("六安", "luan", "la"),
        ("盱眙", "xuyi", "xy"),
        ("厦门", "xiamen", "xm"),
        ("模切", "muqie", "mq"),
        ("恒达3号a4纸盒", "hengda3haoa4zhihe", "hd3ha4zh"),
        ("abc苏州", "abcsuzhou", "abcsz"),
    ],
)
def test_names_are_read_as_people_read_them(name, full, first):
    assert (full_pinyin(name), initials(name)) == (full, first)
    assert {full, first} <= set(spellings(name))


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("单雄", {"danxiong", "shanxiong", "dx", "sx"}),
        ("曾梅", {"zengmei", "zm"}),
        ("吕兰", {"lvlan", "lulan"}),
        ("解强", {"jieqiang", "xieqiang"}),
        ("重恒", {"zhongheng", "chongheng", "zh", "ch"}),
    ],
)
def test_where_readings_differ_all_of_them_find_it(name, spelt):
    assert spelt <= set(spellings(name))


def test_a_phrase_settles_the_reading():
    assert "zhongqing" not in spellings("重庆")
    assert "yinxing" not in spellings("银行")


def test_many_polyphones_do_not_explode():
    assert len(spellings("重长行乐曾单翟解仇盛" * 5)) <= 16


def test_the_text_is_lower_case_and_has_no_blank_in_a_line():
    assert TEXT.casefold() == TEXT
    assert not re.search(r"[ \t]|^$|\n$", TEXT)
