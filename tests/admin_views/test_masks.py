"""What a role does not see is nowhere: no page, no data, no filter, no order, no search tells it."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import db
from app.models.role import Role
from tests.admin_views.markup import List
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change
from tests.factories.order import line, make_order

INVALID = "筛选条件无效"
PHONES = (
    "13812345678",
    "138 1234 5678",
    "0512-65432109",
    "051265432109",
    "65432109",
    "13987654321",
)
PHONES += ("139 8765 4321", "info@geheim.cn", "wang@geheim.cn", "wx-geheim", "5678", "4321")
MONEY = (
    "76543.21",
    "76,543.21",
    "76543",
    "3.4567",
    "3456.70",
    "3,456.70",
    "3906.07",
    "3,906.07",
    "449.37",
)
MONEY += ("88.88", "6222000011112222")
HIDDEN = {
    "customer": ("phone", "email", "credit_limit"),
    "contact": ("mobile", "phone", "email", "wechat"),
    "order": ("amount", "net_amount", "tax_amount", "deposit", "received"),
}
SHOWN = {"customer": "恒达纸品", "contact": "王工程师", "order": "SO"}


@pytest.fixture
def records(app):
    """A customer with a person and an order, all of it full of numbers; ids by entity."""
    one = make_customer(
        "sales1",
        name="恒达纸品",
        phone="0512-65432109",
        email="info@geheim.cn",
        credit_limit=Decimal("76543.21"),
    )
    person = make_contact(
        one, name="王工程师", mobile="13812345678", phone="13987654321",
        email="wang@geheim.cn", wechat="wx-geheim",
    )  # fmt: skip
    lines = [line(0, quantity=1000, unit_price=Decimal("3.4567"))]
    order = make_order(one, lines=lines, deposit=Decimal("88.88"), contact=person)
    return {"customer": one, "contact": person, "order": order}


@pytest.fixture
def changed(visit, records):
    """The same, changed by somebody who may, so that the history speaks of numbers."""
    writer = visit("manager")
    for entity, values in (
        ("customer", {"credit_limit": "76543.20", "phone": "0512-65432108", "invoice_titles-0-title": "恒达",
                      "invoice_titles-0-bank_account": "6222000011112222", "addresses-0-name": "仓库",
                      "addresses-0-address": "路", "addresses-0-phone": "13812345678"}),
        ("contact", {"mobile": "13812345679", "title": "采购"}),
        ("order", {"lines-0-unit_price": "3.4568", "deposit": "88.87", "remark": "改"}),
    ):  # fmt: skip
        path = f"/admin/{entity}/edit/?id={records[entity]}"
        form = writer.form(path)
        assert writer.post(path, {**form, **values}).status_code == 302, entity
        assert writer.post(path, {**writer.form(path), **{k: form[k] for k in values if k in form}})
    return records


def silent(answer: Any, what: object) -> None:
    """Fail if any of the numbers stands in the answer."""
    assert answer.status_code == 200, what
    for secret in (*PHONES, *MONEY):
        assert secret not in answer.text, (secret, what)


def test_no_page_and_no_data_tells_a_number(visit, changed):
    """PII-1: list, details, history, JSON and prints, for every kind of record, also in hidden attributes."""
    reader = visit("viewer")
    for entity, one in changed.items():
        for path in (
            *("", "?format=json", "?page_size=200"),
            *(f"{page}/?id={one}" for page in ("details", "history")),
            f"details/?id={one}&format=json",
        ):
            answer = reader.get(f"/admin/{entity}/{path}")
            silent(answer, (entity, path))
            assert SHOWN[entity] in answer.text, (entity, path)
    for path in ("/admin/", "/admin/search/?q=恒达", "/admin/search/?q=恒达&format=json"):
        silent(reader.get(path), path)
    silent(reader.get("/admin/order/ajax/lookup/?name=contact"), "lookup")


def test_hidden_columns_are_not_there(visit, records):
    """PII-1: neither heads nor cells nor keys of them, in lists, details and child rows."""
    reader = visit("viewer")
    for entity, one in records.items():
        page = List(reader.get(f"/admin/{entity}/").text)
        assert not set(HIDDEN[entity]) & set(page.columns)
        data = reader.json(f"/admin/{entity}/")
        assert not set(HIDDEN[entity]) & {*data["columns"], *data["rows"][0]}
        data = reader.json(f"/admin/{entity}/details/?id={one}")
        assert not set(HIDDEN[entity]) & set(data["values"])
        for rows in data["children"].values():
            for row in rows:
                assert not {"mobile", "phone", "email", "wechat", "unit_price", "amount"} & set(row)


def test_hidden_columns_are_no_filter_and_no_order(visit, records):
    """AZ-9, PII-4: filters and orders on them are 筛选条件无效, and are not offered."""
    reader = visit("viewer")
    for entity, names in HIDDEN.items():
        page = reader.get(f"/admin/{entity}/").text
        for name in names:
            assert f'"name": "{name}"' not in page
            for query in (
                *(f"flt_{name}_{op}=1" for op in ("eq", "ne", "in", "contains", "ge", "le")),
                *(f"flt_{name}_empty=0", f"sort={name}", f"sort=-{name}"),
            ):
                data = reader.json(f"/admin/{entity}/?{query}")
                assert (data["rows"], data["count"]) == ([], 0), query
                assert data["errors"] == [INVALID], query
    reader = visit("manager")
    assert reader.json("/admin/customer/?flt_credit_limit_ge=76543.21")["count"] == 1


def test_numbers_find_nobody_for_those_who_do_not_see_them(visit, records):
    """PII-4: last four digits, prefixes and parts of a number are no search for roles with a mask."""
    reader, other = visit("viewer"), visit("clerk")
    for term in ("5678", "1381234", "65432109", "0512", "4321", "wx-geheim", "geheim"):
        for entity in ("customer", "contact", "order"):
            count = reader.json(f"/admin/{entity}/?search={term}")["count"]
            assert count == 0, (entity, term)
        assert reader.get(f"/admin/search/?q={term}&format=json").get_json() == [], term
    assert other.json("/admin/contact/?search=5678")["count"] == 1
    assert reader.json("/admin/contact/?search=王工")["count"] == 1


def test_who_may_export_but_not_see_exports_without_them(visit, records):
    """PII-1, CSV-5: an export of a role with masks holds none of the columns, and none can be asked for."""
    role = db.session.scalar(select(Role.id).where(Role.name == "clerk"))
    change(Role, role, hidden=["phones", "money"])
    reader = visit("clerk")
    for entity, names in HIDDEN.items():
        silent(reader.get(f"/admin/{entity}/export/csv/"), entity)
        heads = reader.get(f"/admin/{entity}/export/csv/?header=name").text.splitlines()[0]
        assert not set(names) & set(heads.lstrip("\ufeff").split(","))
        for name in names:
            assert reader.get(f"/admin/{entity}/export/csv/?columns={name}").status_code == 422, (
                name
            )
            query = f"flt_{name}_empty=0"
            assert reader.get(f"/admin/{entity}/export/csv/?{query}").status_code == 422, name


def test_forms_hold_none_of_them(visit, records):
    """PII-1: the edit form of a role with masks has no input, no value and no look-up text of them."""
    role = db.session.scalar(select(Role.id).where(Role.name == "clerk"))
    change(Role, role, hidden=["phones", "money"])
    reader = visit("clerk")
    for entity, one in records.items():
        for path in (f"edit/?id={one}", "new/"):
            page = reader.get(f"/admin/{entity}/{path}")
            silent(page, (entity, path))
            for name in HIDDEN[entity]:
                assert f'name="{name}"' not in page.text, (entity, name)
    assert "unit_price" not in reader.get(f"/admin/order/edit/?id={records['order']}").text
    update = {"list_form_pk": records["contact"], "version": "1", "mobile": "13800000000"}
    answer = reader.post("/admin/contact/ajax/update/", update)
    assert answer.status_code == 403
