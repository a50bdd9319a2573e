"""What makes a password good enough; each rule has the words that people see beside ✓ or ✗.

Sources: GB/T 22239-2019 (profile ``dengbao``), NIST SP 800-63B-4 (profile ``nist``), and for both a
blocklist, zxcvbn and what is known about the person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from unicodedata import normalize

from zxcvbn import zxcvbn

from app.core.words import N_, Word
from app.domain.common_passwords import is_guessable
from app.domain.company_name import name_key
from app.domain.folding import compact
from app.domain.identity import username_key
from app.domain.phone import phone_digits
from app.domain.pinyin import full_pinyin, initials

HISTORY = 5  #: passwords that may not come back
MIN_SCORE = 3  #: of zxcvbn, 0 to 4: safely unguessable against a stolen hash
_SCORED = 72  # zxcvbn refuses more, and knows enough by then
_LONGEST = 128
_FRAGMENT = 3  # so many characters of the user name in a row are too many
_LOCAL_NUMBER = 8
_SHORTEST_NAME = 6


class PasswordProfile(Word):
    """Which standard the house follows (the setting ``PASSWORD_PROFILE``)."""

    DENGBAO = "dengbao", N_("等级保护")
    NIST = "nist", "NIST"


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """One demand: *label* is a message id with the parameters *facts*."""

    key: str
    label: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PasswordContext:
    """What is known about the person who chooses. *used_before*: it is one of the last five."""

    username: str = ""
    name: str = ""
    email: str = ""
    phones: tuple[str, ...] = ()
    birthdays: tuple[date, ...] = ()
    company: str = ""
    used_before: bool = False
    has_second_factor: bool = False


LETTER = PasswordRule("letter", N_("含字母"))
DIGIT = PasswordRule("digit", N_("含数字"))
SPECIAL = PasswordRule("special", N_("含特殊字符"))
USERNAME = PasswordRule("username", N_("不含用户名"))
COMMON = PasswordRule("common", N_("不是常见密码"))
RECENT = PasswordRule("recent", N_("与最近 %(count)s 次不同"), {"count": HISTORY})


def length_rule(profile: PasswordProfile, *, has_second_factor: bool = False) -> PasswordRule:
    """Return the demanded length: 8; with ``nist`` 15 where the password is the only factor."""
    alone = profile is PasswordProfile.NIST and not has_second_factor
    return PasswordRule("length", N_("至少 %(count)s 位"), {"count": 15 if alone else 8})


def rules_for(
    profile: PasswordProfile, *, has_second_factor: bool = False
) -> tuple[PasswordRule, ...]:
    """Return the rules of *profile* in the order in which they are shown."""
    length = length_rule(profile, has_second_factor=has_second_factor)
    kinds = (LETTER, DIGIT, SPECIAL) if profile is PasswordProfile.DENGBAO else ()
    return (length, *kinds, USERNAME, COMMON, RECENT)


def broken_rules(
    password: str, profile: PasswordProfile, context: PasswordContext
) -> list[PasswordRule]:
    """Return the rules that *password* breaks, in order; an empty list means it may be used.

    More than 128 characters are refused elsewhere, before anything is computed; here they are cut.
    """
    text = normalize("NFKC", password[: 4 * _LONGEST])[:_LONGEST]
    rules = rules_for(profile, has_second_factor=context.has_second_factor)
    return [rule for rule in rules if _CHECKS[rule.key](text, rule, context)]


def _is_short(text: str, rule: PasswordRule, _: PasswordContext) -> bool:
    return len(text) < int(rule.facts["count"])


def _has_no_letter(text: str, *_: object) -> bool:
    return not any(c.isalpha() for c in text)


def _has_no_digit(text: str, *_: object) -> bool:
    return not any(c.isdecimal() for c in text)


def _has_no_special(text: str, *_: object) -> bool:
    return all(c.isalnum() for c in text)


def _holds_username(text: str, _: PasswordRule, context: PasswordContext) -> bool:
    name, low = username_key(context.username), compact(text)
    if len(name) <= _FRAGMENT:
        return bool(name) and name in low
    return any(name[i : i + _FRAGMENT] in low for i in range(len(name) - _FRAGMENT + 1))


def _is_common(text: str, _: PasswordRule, context: PasswordContext) -> bool:
    low = compact(text)
    if not low or any(secret in low for secret in _secrets(context)):
        return True
    words = _words(context)
    if is_guessable(low, words):
        return True
    score: int = zxcvbn(text[:_SCORED], user_inputs=words)["score"]
    return score < MIN_SCORE


def _was_used(_: str, __: PasswordRule, context: PasswordContext) -> bool:
    return context.used_before


_CHECKS: Mapping[str, Callable[[str, PasswordRule, PasswordContext], bool]] = {
    "length": _is_short,
    "letter": _has_no_letter,
    "digit": _has_no_digit,
    "special": _has_no_special,
    "username": _holds_username,
    "common": _is_common,
    "recent": _was_used,
}


def _secrets(context: PasswordContext) -> list[str]:
    """Return what may not stand in the password at all: own phone, birthday, the company's name."""
    numbers = [phone_digits(phone)[-_LOCAL_NUMBER:] for phone in context.phones if phone]
    days = [day.strftime(form) for day in context.birthdays for form in ("%Y%m%d", "%y%m%d")]
    company = compact(context.company)
    names = [company, full_pinyin(company), full_pinyin(name_key(company))]
    return [
        *(number for number in numbers if len(number) == _LOCAL_NUMBER),
        *days,
        *(name for name in names if len(name) >= _SHORTEST_NAME),
    ]


def _words(context: PasswordContext) -> list[str]:
    """Return what a guesser who knows the person would try, in lower case."""
    person, company = compact(context.name), compact(context.company)
    words = [username_key(context.username), compact(context.email).partition("@")[0]]
    for name in (person, company, name_key(company) if company else ""):
        words += [name, full_pinyin(name), initials(name)]
    words += [full_pinyin(company[i : i + 2]) for i in range(len(company) - 1)]
    for phone in filter(None, context.phones):
        digits = phone_digits(phone)
        words += [digits, digits[-6:], digits[-4:]]
    for day in context.birthdays:
        words += [day.strftime(form) for form in ("%Y%m%d", "%y%m%d", "%Y%m", "%m%d", "%Y")]
    return [word for word in dict.fromkeys(words) if len(word) >= _FRAGMENT]
