"""E-mail addresses."""

import pytest

from app.core.invalid import InvalidValue
from app.domain.email import canonical_email, masked_email


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Zhang.San@Example.COM", "zhang.san@example.com"),
        ("  a@b.com\n", "a@b.com"),
        ("ａ＠ｂ．com", "a@b.com"),
        ("a\u200b@b.com", "a@b.com"),
        ("buyer+box@mail.local", "buyer+box@mail.local"),
        ("a@example.test", "a@example.test"),
        ("x@测试.com", "x@xn--0zwm56d.com"),
    ],
)
def test_an_address_has_one_stored_form(typed, stored):
    assert canonical_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("", "a", "a@", "@b.com", "a@b", "a b@c.com", "a@b..com", "a@@b.com", "a@b.com,c@d.com"),
        *("a@b.com\nBcc: x@y.com", "张@c.com", "аdmin@c.com", "a@[1.2.3.4]", f"{'a' * 300}@b.com"),
    ],
)
def test_anything_else_is_refused(typed):
    with pytest.raises(InvalidValue, match="完整的邮箱地址"):
        canonical_email(typed)


def test_a_masked_address_shows_one_letter_of_the_name():
    assert masked_email("zhang.san@example.com") == "z***@example.com"


@pytest.mark.parametrize("mask", ["z***@example.com", "z＊＊＊@example.com"])
def test_pii_1_a_mask_is_no_address(mask):
    """PII-1: so that none is ever stored, whichever door it comes through."""
    with pytest.raises(InvalidValue):
        canonical_email(mask)
