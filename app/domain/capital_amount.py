"""大写: amounts in the capital numerals of Chinese documents, which nobody can alter with a stroke.

After 支付结算办法, annex 1 (正确填写票据和结算凭证的基本规定).
"""

from decimal import Decimal

from app.core.invalid import InvalidValue
from app.core.money import cents
from app.core.words import N_

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_WAN = 10**4
_YI = 10**8
_LIMIT = 10**16  # what an amount of 18 digits can hold


def capital_amount(amount: Decimal) -> str:
    """Return *amount* in CNY in capital numerals: 1409.50 → 壹仟肆佰零玖元伍角.

    整 only after 元; 零 wherever digits are skipped, and for a zero 元 before 角 or 分; 负 below
    zero. Raises InvalidValue from 10^16 CNY.
    """
    value = cents(amount)
    yuan, rest = divmod(int(abs(value).scaleb(2)), 100)
    if yuan >= _LIMIT:
        raise InvalidValue(N_("金额过大，不能写成大写。"))
    sign = "负" if value < 0 else ""
    if not rest:
        return f"{sign}{_whole(yuan) or '零'}元整"
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if yuan and (yuan % 10 == 0 or jiao == 0):
        text += "零"
    text += f"{_DIGITS[jiao]}角" if jiao else ""
    text += f"{_DIGITS[fen]}分" if fen else ""
    return sign + text


def _whole(number: int) -> str:
    """Return a whole *number* below 10^16 in capitals; empty for zero."""
    for size, name in ((_YI, "亿"), (_WAN, "万")):
        if number >= size:
            high, low = divmod(number, size)
            gap = "零" if 0 < low < size // 10 else ""
            return f"{_whole(high)}{name}{gap}{_whole(low)}"
    return _below_ten_thousand(number)


def _below_ten_thousand(number: int) -> str:
    text, skipped = "", False
    for size, name in _UNITS:
        digit = number // size % 10
        if digit:
            text += ("零" if skipped and text else "") + _DIGITS[digit] + name
        skipped = digit == 0
    return text
