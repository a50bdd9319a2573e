"""Customers: their words, and the credit check."""

from decimal import Decimal

import pytest

from app.domain.customer import (
    DEFAULT_TAX_RATE,
    CustomerLevel,
    CustomerStatus,
    PaymentTerms,
    TeamAccess,
    credit_excess,
    customer_code,
)


def test_the_words_people_know():
    assert [(s.value, s.label, s.tone) for s in CustomerStatus] == [
        ("potential", "潜在", "grey"),
        ("active", "合作中", "green"),
        ("frozen", "冻结", "red"),
        ("lost", "流失", "grey"),
    ]
    assert [level.value for level in CustomerLevel] == list("ABCD")
    assert [terms.value for terms in PaymentTerms] == [
        *("prepaid", "cod", "monthly_30", "monthly_60", "monthly_90")
    ]
    assert [access.value for access in TeamAccess] == ["read", "write"]
    assert Decimal(13) == DEFAULT_TAX_RATE


def test_terms_say_how_many_days_of_credit_they_give():
    assert [terms.days for terms in PaymentTerms] == [None, 0, 30, 60, 90]


def test_codes_have_six_digits_or_more():
    assert (customer_code(1), customer_code(1_234_567)) == ("C000001", "C1234567")


@pytest.mark.parametrize(
    ("terms", "limit", "used", "added", "excess"),
    [
        ("monthly_30", "1000", "400", "600", "0"),  # at the limit, not above it
        ("monthly_30", "1000", "400", "600.01", "0.01"),
        ("monthly_30", "1000", "1500", "1", "501"),
        ("monthly_30", "0", "0", "0.01", "0.01"),  # no credit at all
        ("monthly_30", None, "9999999", "1", "0"),  # not limited
        ("prepaid", "0", "500", "500", "0"),  # not checked
        ("cod", "100", "0", "101", "1"),
        (None, "100", "0", "101", "1"),
        ("monthly_30", "1000", "1500", "0", "0"),  # raises nothing
        ("monthly_30", "1000", "1500", "-10", "0"),
    ],
)
def test_credit_is_exceeded_above_the_limit_only(terms, limit, used, added, excess):
    result = credit_excess(
        PaymentTerms.of(terms),
        None if limit is None else Decimal(limit),
        used=Decimal(used),
        added=Decimal(added),
    )
    assert result == Decimal(excess)
