"""Forms: what people type is read as they mean it, or comes back to them with a message beside it."""

from typing import Any

import pytest

from app.models.customer import Customer
from tests.admin_views.markup import Page
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id
from tests.visitor import fields_of


def new_id(answer: Any) -> int:
    """Return the id of the record that a form made."""
    assert answer.status_code == 302, Page(answer.text).errors
    path, _, one = answer.headers["Location"].partition("?id=")
    assert path.endswith("/details/")
    return int(one)


def submit_customer(writer: Any, **values: Any) -> Any:
    """Send the form of a new customer."""
    return writer.submit("/admin/customer/new/", **{"name": "昆山样品日化有限公司", **values})


def submit_order(writer: Any, customer: int, **values: Any) -> Any:
    """Send the form of a new order with one line."""
    line = {
        "lines-0-description": "双插盒",
        "lines-0-quantity": "1000",
        "lines-0-unit_price": "0.6650",
        "lines-0-unit": "个",
        "lines-0-spare_quantity": "0",
    }
    named = {name.replace("__", "-"): value for name, value in values.items()}
    return writer.submit("/admin/order/new/", **{"customer": str(customer), **line, **named})


EVERYTHING = {
    "name": "昆山样品日化有限公司",
    "short_name": "样品日化",
    "level": "A",
    "status": "active",
    "source": "fair",
    "industry": "cosmetics",
    "tags": "重点,日化",
    "credit_code": "91350200776049653A",
    "phone": "0512-65432109",
    "email": "info@example.cn",
    "website": "https://example.cn",
    "province": "江苏省",
    "city": "苏州市",
    "district": "昆山市",
    "address": "竹园路 1 号",
    "payment_terms": "monthly_30",
    "credit_limit": "50000",
    "tax_rate": "13",
    "remark": "第一行\r\n第二行",
}


def test_everything_typed_is_saved(visit):
    """new/: 302 to the details; every attribute holds what was typed."""
    writer = visit("manager")
    one = new_id(submit_customer(writer, **EVERYTHING, owner=str(user_id("sales1"))))
    saved = writer.json(f"/admin/customer/details/?id={one}")["values"]
    typed = {
        **EVERYTHING,
        "credit_limit": "50000.00",
        "tax_rate": "13.00",
        "remark": "第一行\n第二行",
    }
    assert {name: saved[name] for name in typed} == typed | {"phone": saved["phone"]}
    assert saved["owner"]["id"] == user_id("sales1")
    assert saved["code"] == "C000001"


def test_the_form_shows_what_is_saved(visit):
    """edit/: opening and saving the form changes nothing."""
    writer = visit("manager")
    one = new_id(submit_customer(writer, **EVERYTHING))
    form = writer.form(f"/admin/customer/edit/?id={one}")
    kept = EVERYTHING.keys() - {"credit_limit", "tax_rate", "remark", "phone"}
    assert {name: form[name] for name in kept} == {name: EVERYTHING[name] for name in kept}
    assert (form["credit_limit"], form["tax_rate"]) == ("50000.00", "13")
    assert form["version"] == "1"
    assert writer.post(f"/admin/customer/edit/?id={one}", form).status_code == 302
    assert load(Customer, one).version == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1,234,567.50", "1234567.50"),
        ("１２３４．５", "1234.50"),
        ("１，２３４", "1234.00"),
        (" 5 ", "5.00"),
        ("0", "0.00"),
        (".5", "0.50"),
        ("", None),
        ("9999999999999999", "9999999999999999.00"),
    ],
)
def test_decimals_as_people_type_them(visit, typed, stored):
    """Forms: decimals accept thousands commas and full-width digits."""
    writer = visit("manager")
    one = new_id(submit_customer(writer, credit_limit=typed))
    assert writer.json(f"/admin/customer/details/?id={one}")["values"]["credit_limit"] == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("1e3", "1E3", "0.001", "12.345", "1,23", "1,2345.0", "1 000", "abc", "NaN", "Infinity"),
        *("-1", "--1", "1.2.3", "٣", "²", "½", "0x10", "1_000", "+5", "5元", "1" * 17, "１e３"),
    ],
)
def test_what_is_no_decimal_is_refused(visit, typed):
    """Forms: nothing else is read as a number, nothing is rounded silently: 422, what was typed stays."""
    answer = submit_customer(visit("manager"), credit_limit=typed)
    assert answer.status_code == 422
    assert list(Page(answer.text).errors) == ["credit_limit"]
    assert fields_of(answer.text)["credit_limit"] == typed


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (
            "unit_price",
            ("1.0134", "0", "1,000.5", "１.５"),
            ("1.00001", "1e3", "-0.01", "", "abc", "9" * 15),
        ),
        (
            "quantity",
            ("1", "1,000", "１０００", "999999999"),
            ("0", "-5", "1.0", "1.5", "", "1e3", "1" * 13),
        ),
        ("spare_quantity", ("0", "50"), ("-1", "x", "0.5")),
        ("tax_rate", ("13", "0", "8.5", "100", ""), ("101", "13%", "-1", "1.234", "abc")),
        ("tolerance", ("", "3", "10.5"), ("101", "±3", "-3")),
        (
            "delivery_date",
            ("", "2026-12-01", "2028-02-29"),
            ("2026-02-30", "1.12.2026", "x", "0001-01-01"),
        ),
        ("description", ("彩盒",), ("", "长" * 256, "  ")),
    ],
)
def test_values_of_lines(visit, field, good, bad):
    """Forms: prices have four decimals, quantities are whole and above 0; bad ones are 422 in their row."""
    customer = make_customer()
    writer = visit("manager")
    name = f"lines-0-{field}"
    for typed in good:
        assert submit_order(writer, customer, **{name: typed}).status_code == 302, typed
    for typed in bad:
        answer = submit_order(writer, customer, **{name: typed})
        assert answer.status_code == 422, typed
        assert list(Page(answer.text).errors) == [name], typed
        assert fields_of(answer.text)[name] == typed


def test_sums_are_reckoned_by_the_server(visit):
    """MAS-2, REL-16: lines and order are summed on the server, rounded per line."""
    customer = make_customer(tax_rate=6)
    writer = visit("manager")
    lines = {
        "lines__1__description": "扣底盒",
        "lines__1__quantity": "3",
        "lines__1__unit_price": "0.335",
        "lines__1__tax_rate": "13",
    }
    one = new_id(submit_order(writer, customer, **lines))
    data = writer.json(f"/admin/order/details/?id={one}")
    first, second = data["children"]["lines"]
    assert (first["tax_rate"], first["net_amount"], first["tax_amount"]) == (
        "6.00",
        "665.00",
        "39.90",
    )
    assert (second["net_amount"], second["tax_amount"], second["amount"]) == (
        "1.01",
        "0.13",
        "1.14",
    )
    values = data["values"]
    assert (values["net_amount"], values["tax_amount"], values["amount"]) == (
        "666.01",
        "40.03",
        "706.04",
    )


@pytest.mark.parametrize(
    ("entity", "values", "missing"),
    [
        ("customer", {"name": ""}, ["name"]),
        ("customer", {"name": "  "}, ["name"]),
        ("contact", {}, ["customer", "name", "mobile"]),
        ("contact", {"name": "王工", "mobile": "13812345678"}, ["customer"]),
        ("order", {"order_date": ""}, ["customer", "order_date"]),
        ("user", {}, ["username", "name"]),
        ("department", {}, ["name"]),
        ("dictionary", {}, ["kind", "key", "label"]),
        ("role", {}, ["name", "label"]),
    ],
)
def test_what_is_required(visit, entity, values, missing):
    """Required: without them 422, with a message at each of them."""
    answer = visit("admin").submit(f"/admin/{entity}/new/", **values)
    assert answer.status_code == 422
    assert set(missing) <= set(Page(answer.text).errors)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *(("level", text) for text in ("Z", "a", "A级", "0")),
        *(("source", text) for text in ("nothing", "展会")),
        *(("owner", text) for text in ("abc", "999999", "-1", "1,2", "1e0")),
        *(("phone", text) for text in ("12345", "abc", "1381234567", "+")),
        *(("email", text) for text in ("a", "a@", "@b.cn", "a b@c.cn")),
        *(("credit_code", text) for text in ("123", "91350200776049653B", "I" * 18)),
        *(("short_name", text) for text in ("长" * 65, "a\0b")),
    ],
)
def test_values_that_cannot_be(visit, field, typed):
    """Forms: enums and dictionary items by key, relations by id; all else 422 beside the field."""
    answer = submit_customer(visit("manager"), **{field: typed})
    assert answer.status_code == 422
    assert list(Page(answer.text).errors) == [field]
