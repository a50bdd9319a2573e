"""Numbers that identify: the 统一社会信用代码 of an organisation, tax numbers, user names."""

import re

from app.core.invalid import InvalidValue
from app.core.words import N_
from app.domain.folding import compact

#: GB 32100-2015: digits and capitals without I, O, S, V, Z.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
_MODULUS = 31
_WEIGHTS = tuple(pow(3, i, _MODULUS) for i in range(LENGTH - 1))
_TAX_NUMBER = re.compile(r"[0-9A-Z]{15,20}", re.ASCII)

#: Shown when only the check digit is wrong: early pilot codes are like that, and legal.
CHECK_DIGIT_WRONG = N_("统一社会信用代码校验位不符，请核对。")


def canonical_credit_code(text: str) -> str:
    """Return the 统一社会信用代码 in capitals, half width, without blanks and hyphens.

    Raises InvalidValue if it is not 18 characters of the alphabet. The check digit is not judged:
    ask ``has_check_digit``.
    """
    code = _capitals(text)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise InvalidValue(N_("请填写 18 位统一社会信用代码（字母不含 I、O、S、V、Z）。"))
    return code


def check_digit(code: str) -> str:
    """Return the 18th character for the first 17 of a canonical *code*.

    GB 32100-2015: (31 − Σ value × 3^i mod 31) mod 31, i = 0 … 16.
    """
    total = sum(ALPHABET.index(c) * w for c, w in zip(code, _WEIGHTS, strict=False))
    return ALPHABET[-total % _MODULUS]


def has_check_digit(code: str) -> bool:
    """Tell whether a canonical *code* ends in its right check digit."""
    return code[-1] == check_digit(code)


def canonical_tax_number(text: str) -> str:
    """Return the 税号 of an invoice title, in capitals; older ones have 15 to 20 characters.

    Raises InvalidValue.
    """
    number = _capitals(text)
    if not _TAX_NUMBER.fullmatch(number):
        raise InvalidValue(N_("请填写 15 至 20 位税号。"))
    return number


def username_key(text: str) -> str:
    """Return what user names are compared and counted by: no width, case, blanks, zero width."""
    return compact(text)


def _capitals(text: str) -> str:
    return compact(text).replace("-", "").upper()
