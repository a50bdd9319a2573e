"""Numbers are read as typed, rounded once, shown as expected (REL-16)."""

import random
from decimal import Decimal

import pytest

from app.core.invalid import InvalidValue
from app.core.money import cents, parse_decimal, rounded, show_money, show_percent, show_price


@pytest.mark.parametrize(
    ("exact", "expected"),
    [
        ("0.005", "0.01"),
        ("0.004999", "0.00"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("-0.004", "0.00"),
        ("1E+2", "100.00"),
        ("9999999999999999.995", "10000000000000000.00"),
        ("123456789012345678901234567890.125", "123456789012345678901234567890.13"),
    ],
)
def test_cents_round_half_away_from_zero(exact, expected):
    assert str(cents(Decimal(exact))) == expected


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_finite_number_is_not_rounded(odd):
    with pytest.raises(ValueError, match="finite"):
        rounded(Decimal(odd), 2)


@pytest.mark.parametrize(
    ("typed", "places", "expected"),
    [
        ("1409.5", 2, "1409.50"),
        ("1,234,567.89", 2, "1234567.89"),
        ("12,345", 2, "12345.00"),
        ("１，２３４．５６７８", 4, "1234.5678"),
        ("  7 ", 0, "7"),
        ("007.50", 2, "7.50"),
        (".5", 2, "0.50"),
        ("0", 4, "0.0000"),
        ("-0", 2, "0.00"),
        ("9999999999999999.99", 2, "9999999999999999.99"),
        ("000000000000000000000000.5", 1, "0.5"),
    ],
)
def test_a_number_is_read_exactly(typed, places, expected):
    assert str(parse_decimal(typed, places)) == expected


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "-", ".", "5.", ",", "1e3", "1E3", "1 000", "1,23", "1234,567", "12,34,567"),
        *("1,,000", ",100", "1.2.3", "1.5,000", "0x10", "1_000", "+5", "--5", "5-", "１ｅ３", "½"),
        *(
            "²",
            "①",
            "٣",
            "१",
            "一百",
            "NaN",
            "inf",
            "¥5",
            "5元",
            "13%",
            "1\u200b2",
            "1\n2",
            "9" * 99,
        ),
        "1.23456",
    ],
)
def test_nothing_else_is_a_number(typed):
    with pytest.raises(InvalidValue) as refusal:
        parse_decimal(typed, 4)
    assert str(refusal.value) == "请填写数字，最多 4 位小数。"


def test_a_further_decimal_is_refused_even_if_it_is_zero():
    with pytest.raises(InvalidValue, match="最多 2 位小数"):
        parse_decimal("1.230", 2)


def test_a_whole_number_is_asked_for_as_such():
    with pytest.raises(InvalidValue, match="请填写整数。"):
        parse_decimal("1.0", 0)


def test_a_number_that_does_not_fit_the_column_is_refused():
    with pytest.raises(InvalidValue, match="整数部分最多 16 位"):
        parse_decimal("10000000000000000", 2)
    with pytest.raises(InvalidValue, match="整数部分最多 3 位"):
        parse_decimal("1000", 2, max_digits=5)


def test_below_zero_only_when_asked_for():
    assert parse_decimal("-1,000.5", 2, negative=True) == Decimal("-1000.50")
    with pytest.raises(InvalidValue, match="不能小于 0。"):
        parse_decimal("-1", 2)
    with pytest.raises(InvalidValue, match="不能小于 0。"):
        parse_decimal("－1", 2)


def test_what_is_shown_can_be_read_back():
    draw = random.Random(1)
    for _ in range(500):
        value = Decimal(draw.randint(0, 10**17)).scaleb(-2)
        assert parse_decimal(show_money(value), 2) == value


@pytest.mark.parametrize(
    ("show", "value", "expected"),
    [
        (show_money, "1409.5", "1,409.50"),
        (show_money, "-1234567", "-1,234,567.00"),
        (show_money, "1E+3", "1,000.00"),
        (show_price, "1.0134", "1.0134"),
        (show_price, "1234.5", "1,234.5000"),
        (show_percent, "13.00", "13%"),
        (show_percent, "8.50", "8.5%"),
        (show_percent, "0", "0%"),
        (show_percent, "100", "100%"),
        (show_percent, "-2.25", "-2.25%"),
    ],
)
def test_numbers_are_shown_as_people_write_them(show, value, expected):
    assert show(Decimal(value)) == expected
