"""Phone numbers: one stored form, a readable one, a masked one, and the digits to find them by.

Stored: ``13812345678``, ``0512-65432109``, ``0512-65432109-12``, ``4008001234``,
``+4915112345678``.
"""

import re

import phonenumbers

from app.core.invalid import InvalidValue
from app.core.words import N_
from app.domain.folding import fold

BAD = N_("请填写 11 位手机号，或带区号的座机。")

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_HOTLINE = re.compile(r"[48]00\d{7}", re.ASCII)
#: Three digits of area for the large cities (010, 02x) with eight of number; else four with 7 or 8.
_LANDLINE = re.compile(r"(010|02\d)([1-9]\d{7})|(0[3-9]\d\d)([1-9]\d{6,7})", re.ASCII)
_EXTENSION_WORD = re.compile(r"(?:转|分机|ext\.?|x|#)[:.\s]*(\d{1,6})$", re.ASCII)
_EXTENSION = re.compile(r"-\s*(\d{1,6})$", re.ASCII)
#: Area, number and extension told apart by hyphens: must not be read as one long number.
_IN_PARTS = re.compile(r"(0\d{2,3})[-\s]?(\d{7,8})-(\d{1,6})", re.ASCII)
_CHINA = re.compile(r"(?:\+|00)86|86(?=1[3-9]\d{9}$|0)", re.ASCII)
_ABROAD = re.compile(r"(?:\+|00)(?=[1-9])", re.ASCII)
_STORED = re.compile(r"\+?\d{7,}|\d{3,4}-\d{7,8}", re.ASCII)
_DECORATION = re.compile(r"[-\s().]")
_LONGEST = 40
_HEAD, _TAIL = 3, 4  # what a mask leaves; at least _KEPT digits between them stay hidden
_KEPT = 4
_LANDLINE_TAIL = 2  # its area and exchange tell where it is: five of seven digits stay hidden


def canonical_phone(text: str) -> str:
    """Return the stored form of a mobile, landline, 400/800 or foreign number.

    Full width, blanks, hyphens, brackets and ``+86``/``0086`` do not matter. A foreign number
    begins with + or 00 and its country code. Raises InvalidValue.
    """
    plain = fold(text)
    if not plain or len(plain) > _LONGEST:
        raise InvalidValue(BAD)
    for number, extension in _readings(plain):
        base = _base(_DECORATION.sub("", number))
        if base and not (extension and _MOBILE.fullmatch(base)):
            return f"{base}-{extension}" if extension else base
    raise InvalidValue(BAD)


def readable_phone(number: str) -> str:
    """Return a stored *number* as people read it: ``138 1234 5678``, ``0512-65432109-12``."""
    base, extension = _split(number)
    if _MOBILE.fullmatch(base):
        return f"{base[:3]} {base[3:7]} {base[7:]}"
    if _HOTLINE.fullmatch(base):
        return "-".join(filter(None, (base[:3], base[3:6], base[6:], extension)))
    if base.startswith("+"):
        return "-".join(filter(None, (_international(base), extension)))
    return number


def masked_phone(number: str) -> str:
    """Return a stored *number* with its middle hidden: ``138****5678``, ``0512-****09``.

    Of anything else, such as a WeChat name, only the first character stays.
    """
    base, _ = _split(number)
    if not _STORED.fullmatch(base):
        return f"{number[:1]}****"
    area, hyphen, local = base.rpartition("-")
    if hyphen:
        return f"{area}-****{local[-_LANDLINE_TAIL:]}"
    tail = min(_TAIL, len(base) - _HEAD - _KEPT)
    return f"{base[:_HEAD]}****{base[len(base) - tail :]}"


def phone_digits(number: str) -> str:
    """Return all digits of a stored *number* in a row, the extension left out, for searching."""
    return re.sub(r"\D", "", _split(number)[0])


def _readings(plain: str) -> list[tuple[str, str]]:
    """Return the ways to split *plain* into number and extension, the likeliest first."""
    if parts := _IN_PARTS.fullmatch(plain):
        return [(parts[1] + parts[2], parts[3]), (plain, "")]
    if word := _EXTENSION_WORD.search(plain):
        return [(plain[: word.start()], word[1])]
    if hyphen := _EXTENSION.search(plain):
        return [(plain, ""), (plain[: hyphen.start()], hyphen[1])]
    return [(plain, "")]


def _base(digits: str) -> str | None:
    """Return the stored form of a number without extension; None if it is none."""
    if china := _CHINA.match(digits):
        rest = digits[china.end() :]
        return _domestic(rest) or _domestic(f"0{rest}")
    if abroad := _ABROAD.match(digits):
        return _foreign(f"+{digits[abroad.end() :]}")
    return _domestic(digits)


def _domestic(digits: str) -> str | None:
    if _MOBILE.fullmatch(digits) or _HOTLINE.fullmatch(digits):
        return digits
    landline = _LANDLINE.fullmatch(digits)
    return "-".join(filter(None, landline.groups())) if landline else None


def _foreign(digits: str) -> str | None:
    try:
        number = phonenumbers.parse(digits)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _international(number: str) -> str:
    """Return *number* in groups; as it is, if it is none: filters show what was typed."""
    try:
        found = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _split(number: str) -> tuple[str, str]:
    """Return a stored *number* as base and extension."""
    hyphens = 1 if number.startswith("0") else 0
    parts = number.split("-")
    return "-".join(parts[: hyphens + 1]), "-".join(parts[hyphens + 1 :])
