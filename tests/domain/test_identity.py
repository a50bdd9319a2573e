"""Numbers that identify organisations, and what user names are compared by."""

import random

import pytest
from stdnum.cn import uscc

from app.core.invalid import InvalidValue
from app.domain.identity import (
    ALPHABET,
    canonical_credit_code,
    canonical_tax_number,
    check_digit,
    has_check_digit,
    username_key,
)


@pytest.mark.parametrize("code", ["91350200776049653A", "91440101MA5CJQ4N59", "91320594MA1234567R"])
def test_valid_codes_keep_their_check_digit(code):
    assert canonical_credit_code(code) == code
    assert has_check_digit(code)


def test_an_early_pilot_code_is_well_formed_with_a_wrong_check_digit():
    assert not has_check_digit(canonical_credit_code("91350203M0001FUE2P"))


def test_the_check_digit_agrees_with_another_implementation():
    draw = random.Random(3)
    for _ in range(500):
        body = "".join(draw.choices("0123456789", k=8)) + "".join(draw.choices(ALPHABET, k=9))
        assert check_digit(body) == uscc.calc_check_digit(body)


def test_a_single_changed_character_is_always_noticed():
    code = "91320594MA1234567R"
    for at in range(17):
        for other in set(ALPHABET) - {code[at]}:
            assert not has_check_digit(code[:at] + other + code[at + 1 :])


@pytest.mark.parametrize(
    "typed",
    [
        "91350200776049653a",
        " 9135 0200 7760 49653A ",
        "９１３５０２００７７６０４９６５３Ａ",
        "91350200-776049653-A",
    ],
)
def test_rel_18_width_case_and_blanks_do_not_matter(typed):
    """REL-18."""
    assert canonical_credit_code(typed) == "91350200776049653A"


@pytest.mark.parametrize(
    "typed",
    ["", "9135020077604965", "91350200776049653AA", "9135020077604965IO", "苏州", "9" * 999],
)
def test_anything_else_is_no_credit_code(typed):
    with pytest.raises(InvalidValue, match="18 位统一社会信用代码"):
        canonical_credit_code(typed)


def test_tax_numbers_may_be_older_and_shorter():
    assert canonical_tax_number("32050 0123456789") == "320500123456789"
    for wrong in ("1234", "3205001234567890123456", "32050012345678号"):
        with pytest.raises(InvalidValue):
            canonical_tax_number(wrong)


@pytest.mark.parametrize(
    "typed", ["Sales1", "ｓａｌｅｓ１", " sales1 ", "sa\u200bles1", "SALES 1", "sales1\u3164"]
)
def test_lck_9_variants_of_a_user_name_are_one(typed):
    """LCK-9."""
    assert username_key(typed) == "sales1"


def test_folding_a_user_name_twice_changes_nothing():
    for name in ("İstanbul", "Straße", "ﬁne", "ΣΑΣ", "张伟", "Å"):
        assert username_key(username_key(name)) == username_key(name)
