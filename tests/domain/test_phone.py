"""Phone numbers: one stored form however they are typed (REL-18)."""

import pytest

from app.core.invalid import InvalidValue
from app.domain.phone import (
    BAD,
    canonical_phone,
    masked_phone,
    phone_digits,
    readable_phone,
)

SAME = {
    "13812345678": [
        *("13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678", "+8613812345678"),
        *("0086 13812345678", "86 138 1234 5678", "(+86) 13812345678", "１３８１２３４５６７８"),
        *("\u202d138\u200b12345678\u202c", "138–1234–5678", " 13812345678\n"),
    ],
    "0512-65432109": [
        *("0512-65432109", "051265432109", "0512 6543 2109", "(0512) 65432109", "（0512）65432109"),
        *("+86 512 6543 2109", "+86 (0)512 65432109", "86-0512-65432109", "0512—65432109"),
    ],
    "0512-65432109-12": [
        *("0512-65432109-12", "0512-65432109转12", "0512 65432109 ext. 12", "051265432109x12"),
        *("0512-6543 2109 分机 12", "0512-65432109#12", "０５１２－６５４３２１０９－１２"),
    ],
    "0512-6543210-1": ["0512-6543210-1"],
    "021-12345678": ["021-12345678", "02112345678", "+86 21 1234 5678"],
    "010-62345678": ["010 62345678"],
    "0311-8765432": ["0311-8765432"],
    "4008001234": ["400-800-1234", "4008001234", "400 8001234"],
    "4008001234-5": ["400-800-1234-5", "4008001234转5"],
    "8008201234": ["800-820-1234"],
    "+4915112345678": ["+49 1511 2345678", "0049 1511 2345678", "＋49-1511-2345678"],
    "+85221234567": ["+852 2123 4567", "00852-21234567"],
    "+442079460958-12": ["+44 20 7946 0958 ext 12"],
}


@pytest.mark.parametrize(
    ("typed", "stored"), [(typed, stored) for stored, all_of in SAME.items() for typed in all_of]
)
def test_one_stored_form_however_it_is_typed(typed, stored):
    assert canonical_phone(typed) == stored


@pytest.mark.parametrize("stored", SAME)
def test_the_readable_form_reads_back(stored):
    assert canonical_phone(readable_phone(stored)) == stored
    assert canonical_phone(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("", "   ", "abc", "+", "+1", "12345", "95588", "12812345678", "1381234567"),
        *(
            "138123456789",
            "65432109",
            "0512-123",
            "0512-654321098",
            "05121-65432109",
            "021-1234567",
        ),
        *("13812345678-12", "13812345678/13912345678", "0512-65432109-1234567", "400-800-12345"),
        *(
            "+86 12345",
            "+999 1234567890",
            "1e10",
            "138１２３４567八",
            "1" * 500,
            "13812345678; DROP",
        ),
    ],
)
def test_anything_else_is_refused_with_the_fixed_words(typed):
    with pytest.raises(InvalidValue) as refusal:
        canonical_phone(typed)
    assert str(refusal.value) == BAD == "请填写 11 位手机号，或带区号的座机。"


@pytest.mark.parametrize(
    ("stored", "readable", "masked", "digits"),
    [
        ("13812345678", "138 1234 5678", "138****5678", "13812345678"),
        ("0512-65432109-12", "0512-65432109-12", "0512-****09", "051265432109"),
        ("010-62345678", "010-62345678", "010-****78", "01062345678"),
        ("4008001234", "400-800-1234", "400****234", "4008001234"),
        ("+4915112345678", "+49 1511 2345678", "+49****5678", "4915112345678"),
    ],
)
def test_how_a_number_is_shown_masked_and_found(stored, readable, masked, digits):
    assert readable_phone(stored) == readable
    assert masked_phone(stored) == masked
    assert phone_digits(stored) == digits


@pytest.mark.parametrize("other", ["", "ab", "zhang_san", "微信号"])
def test_pii_1_masking_anything_else_shows_one_character_at_most(other):
    """PII-1."""
    assert masked_phone(other) == f"{other[:1]}****"


@pytest.mark.parametrize("typed", ["+", "+-+", "+0", "+999", "+客户", "+" + "1" * 300])
def test_what_is_no_number_is_shown_as_it_is(typed):
    """SQL-3: a filter is shown as it was typed, whatever that is."""
    assert readable_phone(typed) == typed
