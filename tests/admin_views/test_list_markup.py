"""The list as a page and as data: what is promised to checks from outside."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.admin_views import MENU
from app.admin_views.base.screen import VIEWS
from app.models.customer import Customer
from tests.admin_views.markup import List
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import load
from tests.factories.order import make_order

SCREENS = [screen for group in MENU.values() for screen in group]
ENTITIES = [screen.service.entity for screen in SCREENS]
#: Whoever sees each kind of record, of the people of conftest.
READER = {"loginlog": "auditor", "audit": "auditor"}
KEYS = {"entity", "columns", "rows", "count", "count_kind", "links"}


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_list_shows_the_promised_markup_and_the_same_as_data(visit, entity):
    """As markup, as data: one table with entity and count, heads and cells by column, ids and versions."""
    make_order(make_customer(), contact=None)
    reader = visit(READER.get(entity, "admin"))
    page = List(reader.get(f"/admin/{entity}/").text)
    data = reader.json(f"/admin/{entity}/")
    assert set(data) >= KEYS
    assert page.table["data-entity"] == data["entity"] == entity
    assert page.count == (data["count"], data["count_kind"])
    assert page.columns == data["columns"]
    assert page.ids == [row["id"] for row in data["rows"]]
    assert [int(row["data-version"]) for row in page.rows] == [
        row["version"] for row in data["rows"]
    ]
    for row, values in zip(page.rows, data["rows"], strict=True):
        assert [cell["data-column"] for cell in row.all("td", data_column=None)] == data["columns"]
        assert set(values) == {"id", "version", *data["columns"]}
    assert set(data["links"]) == {"first", "prev", "next", "last"}


def test_values_as_data_have_the_promised_forms(visit):
    """As data: decimals are strings, instants ISO UTC, dates ISO, enums keys, relations id and text."""
    at = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    one = make_customer(name="恒达", credit_limit=Decimal("1000.5"), last_order_at=at, level="A")
    reader = visit("manager")
    (row,) = reader.json("/admin/customer/")["rows"]
    assert row["credit_limit"] == "1000.50"
    assert row["last_order_at"] == "2026-11-20T16:30:00Z"
    assert (row["level"], row["status"]) == ("A", "potential")
    assert row["owner"] == {"id": row["owner"]["id"], "text": "sales1先生"}
    assert row["short_name"] is None
    two = make_order(one, delivery_date=date(2026, 12, 1), is_urgent=True)
    (row,) = reader.json("/admin/order/")["rows"]
    assert row["id"] == two
    assert row["customer"] == {"id": one, "text": "恒达"}
    assert row["delivery_date"] == "2026-12-01"
    assert row["is_urgent"] is True
    assert row["amount"] == "1145.14"


def test_values_on_the_page_are_as_people_read_them(visit):
    """As markup: money with commas, instants in TIMEZONE, enums and relations by their words."""
    at = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    make_customer(credit_limit=Decimal("1234567.5"), last_order_at=at, level="A")
    page = List(visit("manager").get("/admin/customer/").text)
    assert page.column("credit_limit") == ["1,234,567.50"]
    assert page.column("last_order_at") == ["2026-11-21 00:30"]
    assert page.column("level") == ["A 级"]
    assert page.column("owner") == ["sales1先生"]


def test_json_is_also_given_to_whoever_accepts_it(visit):
    """As data: ?format=json or Accept: application/json; a browser gets the page."""
    make_customer()
    reader = visit("manager")
    asked = reader.get("/admin/customer/", headers={"Accept": "application/json"})
    assert asked.get_json()["count"] == 1
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    assert reader.get("/admin/customer/", headers=browser).mimetype == "text/html"


def test_details_as_data_hold_values_and_children(visit):
    """As data: details hold entity, id, version, values and child rows, but nothing internal."""
    one = make_customer(name="恒达", credit_limit=Decimal(5), tax_rate=Decimal(13))
    person = make_contact(one, name="王工", mobile="13812345678")
    two = make_order(one)
    reader = visit("manager")
    data = reader.json(f"/admin/customer/details/?id={one}")
    assert (data["entity"], data["id"], data["version"]) == (
        "customer",
        one,
        load(Customer, one).version,
    )
    assert data["values"]["credit_limit"] == "5.00"
    assert data["values"]["tax_rate"] == "13.00"
    assert data["children"]["contacts"][0]["id"] == person
    assert data["children"]["contacts"][0]["mobile"] == "13812345678"
    assert not {"name_folded", "name_key", "id", "version"} & set(data["values"])
    (line,) = reader.json(f"/admin/order/details/?id={two}")["children"]["lines"]
    assert (line["quantity"], line["unit_price"]) == (1000, "1.0134")
    assert (line["net_amount"], line["tax_amount"], line["amount"]) == (
        "1013.40",
        "131.74",
        "1145.14",
    )


def test_details_page_marks_every_value_with_its_field(visit):
    """As markup: on details each value stands in an element with data-field."""
    one = make_customer(name="恒达", credit_limit=Decimal(5), city="苏州市")
    values = List(visit("manager").get(f"/admin/customer/details/?id={one}").text).values
    assert values["name"] == "恒达"
    assert values["credit_limit"] == "5.00"
    assert values["city"] == "苏州市"
    assert values["credit_used"] == "0.00"


def test_lists_hold_what_the_factory_looks_for_at_a_glance(visit):
    """a customer's name, contact, phone and address; an order's number, customer, status, sum, day."""
    one = make_customer(name="恒达", phone="0512-65432109", address="竹园路 1 号")
    make_contact(one, name="李工")
    make_contact(one, name="王工", is_primary=True)
    make_order(one)
    reader = visit("clerk")
    page = List(reader.get("/admin/customer/").text)
    shown = [page.column(name) for name in ("name", "contact_name", "phone", "address")]
    assert shown == [["恒达"], ["王工"], ["0512-65432109"], ["竹园路 1 号"]]
    page = List(reader.get("/admin/order/").text)
    assert {"order_no", "customer", "status", "amount", "delivery_date"} <= set(page.columns)


def test_page_size_is_kept_and_clamped(visit):
    """Lists: page_size 10–200, default 20, clamped; nonsense is the default."""
    make_customers(*({} for _ in range(25)))
    reader = visit("manager")
    for asked, shown in (("", 20), ("1", 10), ("15", 15), ("999", 25), ("-3", 20), ("²", 20)):
        page = List(reader.get(f"/admin/customer/?page_size={asked}").text)
        assert len(page.rows) == shown, asked
        assert page.count == (25, "exact")
    assert "page_size=10" in List(reader.get("/admin/customer/?page_size=10").text).links["next"]


def test_search_finds_in_every_promised_way(visit):
    """SRC: by characters anywhere, pinyin, initials, code and any form of the phone, also its end."""
    one = make_customer(name="苏州恒达包装有限公司", phone="0512-65432109")
    make_customer(name="无锡顺风印刷厂")
    make_contact(one, name="张伟", mobile="13812345678")
    reader = visit("manager")
    for term in (
        "恒",
        "达包",
        "suzhou",
        "szhd",
        "SZHD",
        "hengda",
        "5678",
        "+86 138 1234 5678",
        "C0",
    ):
        found = [
            row["id"]
            for row in reader.json(f"/admin/customer/?search={term.replace('+', '%2B')}")["rows"]
        ]
        assert one in found, term
        assert len(found) == 1 or term == "C0"
    assert reader.json("/admin/customer/?search=恒达 5678")["count"] == 1
    assert reader.json("/admin/customer/?search=恒达 9999")["count"] == 0
    assert reader.json("/admin/contact/?search=zw")["count"] == 1
    assert reader.json("/admin/contact/?search=恒达")["count"] == 1


def test_what_the_house_begins_with_is_found(visit):
    """SRC: the first roles, settings and dictionary entries are found like any other record."""
    reader = visit("admin")
    for entity, term in (
        ("role", "业务员"),
        ("role", "jl"),
        ("dictionary", "展会"),
        ("setting", "信用额度"),
    ):
        assert reader.json(f"/admin/{entity}/?search={term}")["count"] == 1, term


def test_the_menu_and_the_screens_are_the_same(app):
    """Every screen of the menu is known by its model."""
    assert {type(view) for view in VIEWS.values()} == set(SCREENS)
