"""Decimal numbers: read as people type them, rounded once, shown as people read them.

Money is CNY with two places, unit prices have four. Never a float, anywhere.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from app.core.invalid import InvalidValue
from app.core.words import N_

MONEY_PLACES = 2
PRICE_PLACES = 4
PERCENT_PLACES = 2
MAX_DIGITS = (
    18  #: before and after the point together: what NUMERIC(18, …) and a 64-bit integer hold
)

#: Wide enough that no product or sum of the house is ever rounded on the way.
EXACT = Context(prec=76, rounding=ROUND_HALF_UP)

_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?", re.ASCII)
#: NFKC would do more than people mean: it reads ½ and ² and ① as digits too.
_HALF_WIDTH = str.maketrans("０１２３４５６７８９，．－", "0123456789,.-")
_LONGEST = 80


def cents(value: Decimal) -> Decimal:
    """Return *value* to 0.01, half away from zero: 0.005 → 0.01, -0.005 → -0.01."""
    return rounded(value, MONEY_PLACES)


def rounded(value: Decimal, places: int) -> Decimal:
    """Return *value* to *places* decimals, half up; zero is never negative.

    Raises ValueError for a number that is not finite.
    """
    if not value.is_finite():
        raise ValueError("not a finite number")
    result = value.quantize(Decimal(1).scaleb(-places), context=EXACT)
    return result.copy_abs() if result.is_zero() else result


def parse_decimal(
    text: str, places: int, *, max_digits: int = MAX_DIGITS, negative: bool = False
) -> Decimal:
    """Return the number people typed, with exactly *places* decimals; nothing is rounded.

    Full-width digits and thousands commas in the right places are read, nothing else: no ``1e3``,
    no blanks inside, no further decimal. Raises InvalidValue; also for more than *max_digits*
    digits before and after the point together, and below zero unless *negative*.
    """
    plain = text.strip().translate(_HALF_WIDTH)
    if len(plain) > _LONGEST or not _NUMBER.fullmatch(plain) or plain in {"", "-"}:
        raise _no_number(places)
    whole, _, fraction = plain.replace(",", "").lstrip("-").partition(".")
    if len(fraction) > places:
        raise _no_number(places)
    if len(whole.lstrip("0")) > max_digits - places:
        raise InvalidValue(N_("数字太大，整数部分最多 %(digits)s 位。"), digits=max_digits - places)
    value = rounded(Decimal(f"{whole or 0}.{fraction or 0}"), places)
    if not plain.startswith("-") or value.is_zero():
        return value
    if not negative:
        raise InvalidValue(N_("不能小于 0。"))
    return -value


def show_money(value: Decimal) -> str:
    """Return *value* as ``1,409.50``."""
    return f"{cents(value):,f}"


def show_price(value: Decimal) -> str:
    """Return a unit price with all four places, so that points line up: ``1.0134``, ``1.5000``."""
    return f"{rounded(value, PRICE_PLACES):,f}"


def show_percent(value: Decimal) -> str:
    """Return *value*, which is in percent, without idle zeros: ``13%``, ``8.5%``."""
    number = f"{rounded(value, PERCENT_PLACES):f}"
    return f"{number.rstrip('0').rstrip('.')}%"


def _no_number(places: int) -> InvalidValue:
    if places == 0:
        return InvalidValue(N_("请填写整数。"))
    return InvalidValue(N_("请填写数字，最多 %(places)s 位小数。"), places=places)
