"""大写 as every printed document needs it."""

import random
from decimal import Decimal

import pytest

from app.core.invalid import InvalidValue
from app.domain.capital_amount import capital_amount

VECTORS = {
    "1409.50": "壹仟肆佰零玖元伍角",
    "6007.14": "陆仟零柒元壹角肆分",
    "107000.53": "壹拾万柒仟元零伍角叁分",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "325.04": "叁佰贰拾伍元零肆分",
    "100000000.00": "壹亿元整",
    "10.50": "壹拾元零伍角",
    "10.05": "壹拾元零伍分",
    "0.05": "伍分",
    "0.50": "伍角",
    "0.55": "伍角伍分",
    "0": "零元整",
    "1": "壹元整",
    "1.10": "壹元壹角",
    "1.01": "壹元零壹分",
    "10": "壹拾元整",
    "20010": "贰万零壹拾元整",
    "100100.10": "壹拾万零壹佰元零壹角",
    "10000001": "壹仟万零壹元整",
    "10010000": "壹仟零壹万元整",
    "100010000": "壹亿零壹万元整",
    "100000001": "壹亿零壹元整",
    "110000000": "壹亿壹仟万元整",
    "1000000000000.01": "壹万亿元零壹分",
    "100000000000000": "壹佰万亿元整",
    "9000000000000009.99": "玖仟万亿零玖元玖角玖分",
    "-3.20": "负叁元贰角",
    "-0.004": "零元整",
    "0.005": "壹分",
}


@pytest.mark.parametrize(("amount", "expected"), VECTORS.items())
def test_amounts_in_capital_numerals(amount, expected):
    assert capital_amount(Decimal(amount)) == expected


def test_too_much_is_refused():
    with pytest.raises(InvalidValue):
        capital_amount(Decimal(10**16))


def read(text):
    """Return the amount in cents that *text* says: the way back, written independently."""
    sign, text = (-1, text[1:]) if text.startswith("负") else (1, text)
    value = section = wan = digit = 0
    for character in text:
        if character in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
        elif character in "拾佰仟":
            section, digit = section + digit * 10 ** ("拾佰仟".index(character) + 1), 0
        elif character == "万":
            wan, section, digit = (wan + section + digit) * 10**4, 0, 0
        elif character == "亿":
            value, wan, section, digit = (wan + section + digit) * 10**8, 0, 0, 0
        elif character == "元":
            value, wan, section, digit = (value + wan + section + digit) * 100, 0, 0, 0
        elif character in "角分":
            value, digit = value + digit * (10 if character == "角" else 1), 0
    return sign * value


def test_every_amount_reads_back_and_is_well_formed():
    draw = random.Random(7)
    for _ in range(5000):
        number = draw.randint(0, 10 ** draw.randint(1, 18) - 1)
        if draw.random() < 0.5:  # many zeros are where mistakes hide
            number = int("".join(c if draw.random() < 0.4 else "0" for c in str(number)))
        text = capital_amount(Decimal(number).scaleb(-2))
        assert read(text) == number
        assert "零零" not in text
        assert text.endswith("整") == (number % 100 == 0)
