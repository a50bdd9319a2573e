"""Filters: every operation of every kind of column, judged against what the records themselves say."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.admin_views import MENU
from app.core.db import db
from app.core.words import Word
from app.core.work import SYSTEM
from app.models.attributes import DAYS, NUMBERS, Attribute
from app.models.user import User
from app.services.filtering import CHOSEN, SHAPELESS, ops_of
from app.services.registry import SERVICES
from tests.admin_views.test_list_statements import fill
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import user_id
from tests.factories.order import make_order, make_orders

SCREENS = {screen.service.entity: screen for group in MENU.values() for screen in group}


def found(reader: Any, entity: str, **filters: object) -> list[int]:
    """Return the ids that the list shows with these filters, at most 200; they must be valid."""
    asked = {"format": "json", "page_size": "200", **filters}
    answer = reader.get(f"/admin/{entity}/", query_string=asked)
    data = answer.get_json()
    assert answer.status_code == 200, answer.text
    assert "errors" not in data, (filters, data)
    assert data["count"] == len(data["rows"])
    return sorted(row["id"] for row in data["rows"])


# -- every column, every operation ---------------------------------------------------------


def value_of(attribute: Attribute, record: Any) -> Any:
    """Return the value that a filter compares, of a collection the ids."""
    if attribute.kind == "relations":
        return {one.id for one in getattr(record, attribute.name)}
    value = attribute.stored(record)
    return None if value == "" else value


def judged(attribute: Attribute, op: str, value: Any, given: Any) -> bool:
    """Tell whether a record that holds *value* meets the condition; *given* is typed."""
    if attribute.kind == "relations":
        hits = {"eq": given in value, "ne": given not in value, "in": given in value}
        return hits.get(op, not value)
    if op == "empty":
        return value is None
    if value is None:
        return op == "ne"
    if op == "contains":
        return str(given).lower() in str(value).lower()
    return {"eq": value == given, "in": value == given, "ne": value != given}.get(
        op, value >= given if op == "ge" else value <= given
    )


def sample(attribute: Attribute, records: list[Any]) -> Any:
    """Return a value that some record has: of the middle one, where there is a choice."""
    values = [value_of(attribute, record) for record in records]
    if attribute.kind == "relations":
        return sorted(set().union(*values))[0]
    there = sorted({v for v in values if v is not None}, key=str)
    return there[len(there) // 2] if there else None


def text_of(value: Any) -> str:
    """Return *value* as a filter names it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Word):
        return str(value.value)
    return value.isoformat() if isinstance(value, date) else str(value)


@pytest.mark.parametrize("entity", SCREENS)
def test_every_listed_column_relation_date_and_enum_is_a_filter(visit, entity):
    """Lists: each of them takes every operation of its kind, and finds exactly the records that fit."""
    fill(4)
    make_customer(
        name="甲乙丙 ABC", city="苏州市", credit_limit=Decimal(5), level="A", website="a.cn"
    )
    service = SCREENS[entity].service
    wanted = set(SCREENS[entity].column_list)
    wanted |= {n for n, a in service.attributes().items() if a.kind in {"relation", "enum", *DAYS}}
    reader = visit("admin" if entity not in ("audit", "loginlog") else "auditor")
    for name in sorted(wanted - {"deleted_by", "deleted_at"}):
        attribute = service.attributes()[name]
        for op in ops_of(attribute, SYSTEM):
            records = db.session.scalars(select(service.model)).all()
            given = sample(attribute, records)
            if given is None:
                continue
            fits = [r.id for r in records if judged(attribute, op, value_of(attribute, r), given)]
            text = "1" if op == "empty" else text_of(given)
            shown = found(reader, entity, **{f"flt_{name}_{op}": text})
            assert shown == sorted(fits), (name, op, text)


def test_in_takes_a_comma_list(visit):
    """Lists: in = any of them, for enums, dictionary keys, relations, dates and text alike."""
    one, two, three = make_customers(
        {"level": "A", "city": "苏州市", "source": "fair"},
        {"level": "B"},
        {"level": "D", "city": "无锡市"},
    )
    first = make_order(one, order_date=date(2026, 11, 1))
    second = make_order(two, order_date=date(2026, 11, 2))
    reader = visit("manager")
    assert found(reader, "customer", flt_level_in="A,B") == [one, two]
    assert found(reader, "customer", flt_city_in="苏州市,无锡市") == [one, three]
    assert found(reader, "customer", flt_source_in="fair,web") == [one]
    assert found(reader, "order", flt_customer_in=f"{one},{two}") == [first, second]
    assert found(reader, "order", flt_order_date_in="2026-11-02,2026-11-03") == [second]


def test_filters_add_up(visit):
    """Lists: all of several filters hold, also two on one column."""
    one, two, _ = make_customers(
        {"level": "A"}, {"level": "A", "city": "苏州市"}, {"city": "苏州市"}
    )
    reader = visit("manager")
    assert found(reader, "customer", flt_level_eq="A", flt_city_eq="苏州市") == [two]
    assert found(reader, "customer", flt_level_eq="A", flt_city_ne="苏州市") == [one]
    assert found(reader, "customer", flt_id_ge=one, flt_id_le=two) == [one, two]
    assert found(reader, "customer", flt_level_eq=["A", "B"]) == []


def test_emptiness_is_a_filter(visit):
    """Lists: empty = 1 or 0, for text, relations, money and dates."""
    one = make_customer(owner=None, city="苏州市")
    two = make_customer(credit_limit=Decimal(0))
    reader = visit("manager")
    assert found(reader, "customer", flt_owner_empty="1") == [one]
    assert found(reader, "customer", flt_owner_empty="0") == [two]
    assert found(reader, "customer", flt_city_empty="1") == [two]
    assert found(reader, "customer", flt_credit_limit_empty="0") == [two]
    assert found(reader, "customer", flt_last_order_at_empty="1") == [one, two]


def test_money_is_compared_exactly(visit):
    """REL-16: filters on money are exact and inclusive, with or without commas, in full width too."""
    ids = make_customers(*({"credit_limit": Decimal(v)} for v in ("0.10", "0.20", "0.30", "1000")))
    reader = visit("manager")
    assert found(reader, "customer", flt_credit_limit_eq="0.3") == [ids[2]]
    assert found(reader, "customer", flt_credit_limit_ge="0.30") == ids[2:]
    assert found(reader, "customer", flt_credit_limit_le="0.20") == ids[:2]
    assert found(reader, "customer", flt_credit_limit_eq="1,000.00") == [ids[3]]
    assert found(reader, "customer", flt_credit_limit_ge="１０００") == [ids[3]]
    assert found(reader, "customer", flt_credit_limit_ne="0.10") == ids[1:]


def test_a_date_means_that_day_in_the_time_zone(visit):
    """REL-17: a date compared with an instant means that day in TIMEZONE, from midnight to midnight."""
    moments = (
        datetime(2026, 11, 19, 15, 59, 59, 999999, tzinfo=UTC),  # the 19th in Shanghai
        datetime(2026, 11, 19, 16, 0, tzinfo=UTC),  # the first moment of the 20th
        datetime(2026, 11, 20, 15, 59, 59, 999999, tzinfo=UTC),  # the last one
        datetime(2026, 11, 20, 16, 0, tzinfo=UTC),  # the 21st
    )
    ids = make_customers(*({"last_order_at": at} for at in moments))
    reader = visit("manager")
    for op, expected in (
        ("eq", ids[1:3]),
        ("ne", [ids[0], ids[3]]),
        ("in", ids[1:3]),
        ("ge", ids[1:]),
        ("le", ids[:3]),
    ):
        assert found(reader, "customer", **{f"flt_last_order_at_{op}": "2026-11-20"}) == expected, (
            op
        )


def test_an_instant_may_be_given_to_the_minute(visit):
    """Lists: an instant is compared as such: in TIMEZONE when it names no zone."""
    one, two = make_customers(
        {"last_order_at": datetime(2026, 11, 20, 1, 30, tzinfo=UTC)},
        {"last_order_at": datetime(2026, 11, 20, 1, 31, tzinfo=UTC)},
    )
    reader = visit("manager")
    assert found(reader, "customer", flt_last_order_at_le="2026-11-20T09:30") == [one]
    assert found(reader, "customer", flt_last_order_at_ge="2026-11-20T01:31:00Z") == [two]
    assert found(reader, "customer", flt_last_order_at_eq="2026-11-20T09:31:00+08:00") == [two]


def test_percent_underscore_and_backslash_are_literal(visit):
    """SQL-2: in ``contains`` and in search, %, _ and \\ mean themselves."""
    ids = make_customers(
        {"name": "百%纸"}, {"name": "江_北"}, {"name": "海\\东"}, {"name": "山西面"}
    )
    reader = visit("manager")
    for number, mark in enumerate("%_\\"):
        assert found(reader, "customer", flt_name_contains=mark) == [ids[number]], mark
        assert found(reader, "customer", search=mark) == [ids[number]], mark


def test_phones_are_compared_in_any_form(visit):
    """PII-4: an equality filter on a phone takes any way of writing the number."""
    one = make_customer(phone="13812345678")
    reader = visit("manager")
    for text in ("13812345678", "138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８"):
        assert found(reader, "customer", flt_phone_eq=text) == [one], text


def test_roles_are_a_filter_of_users(visit):
    """Lists: every listed column is a filter, also one that holds several records."""
    role = SERVICES[User].attributes()["roles"].target
    sales = db.session.scalar(select(role.id).where(role.name == "sales"))
    reader = visit("admin")
    expected = sorted(user_id(name) for name in ("sales1", "sales2", "sales3"))
    assert found(reader, "user", flt_roles_eq=sales) == expected
    assert not set(found(reader, "user", flt_roles_ne=sales)) & set(expected)
    assert found(reader, "user", flt_roles_empty="1") == []


def test_kinds_are_all_known(app):
    """Every kind of attribute has its operations, and no other."""
    kinds = {a.kind for service in SERVICES.values() for a in service.attributes().values()}
    assert {"text", "enum", "dictionary", "relation", "flag", "integer", "money", "date"} <= kinds
    for kind in sorted(kinds - SHAPELESS):
        ops = ops_of(Attribute("x", "x", kind), SYSTEM)
        assert ("ge" in ops) == (kind in NUMBERS | DAYS)
        assert ("contains" in ops) == (kind not in CHOSEN | NUMBERS | DAYS)
        assert {"eq", "ne", "in", "empty"} <= set(ops)


def test_orders_are_found_by_what_people_filter_them_by(visit):
    """AZ-9 aside: urgent ones, ones due by a day, ones of a state, ones above a sum."""
    customer = make_customer()
    ids = make_orders(
        customer,
        {"is_urgent": True, "delivery_date": date(2026, 12, 1), "status": "confirmed"},
        {"delivery_date": date(2026, 12, 5), "amount": Decimal("99.99")},
        {},
    )
    reader = visit("clerk")
    assert found(reader, "order", flt_is_urgent_eq="1") == ids[:1]
    assert found(reader, "order", flt_is_urgent_eq="0") == ids[1:]
    assert found(reader, "order", flt_delivery_date_le="2026-12-01") == ids[:1]
    assert found(reader, "order", flt_delivery_date_empty="1") == ids[2:]
    assert found(reader, "order", flt_status_in="confirmed,producing") == ids[:1]
    assert found(reader, "order", flt_amount_le="99.99") == ids[1:2]
