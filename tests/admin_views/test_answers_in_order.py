"""Which "no" comes first, when several apply: the order that is promised."""

from typing import Any

import pytest

from app.models.customer import Customer
from app.models.order import Order
from tests.admin_views.markup import Page
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import make_order
from tests.visitor import forget

MISSING = "记录不存在或您无权查看。"
FORBIDDEN = "您没有此操作的权限。"
BAD_VALUES = {"name": "", "level": "Z", "remark": "", "credit_code": "1"}
GOOD_VALUES = {"name": "恒达纸品"}
NOWHERE = ("999999", "abc", "-1", str(10**30), "")


@pytest.fixture
def customers(app):
    """One customer of sales1, one of sales3."""
    return make_customer("sales1", name="恒达纸品"), make_customer("sales3", name="顺风印刷")


def send(writer: Any, one: object, version: object, values: dict[str, str], **more: Any) -> Any:
    """Send an edit of the customer *one*."""
    asked = {"version": str(version), **values, **more}
    return writer.post(f"/admin/customer/edit/?id={one}", asked)


def test_foreign_origin_comes_before_login(client, customers):
    """1. A foreign or null Origin is 400, even before anybody asks who it is."""
    path = f"/admin/customer/edit/?id={customers[0]}"
    for origin in ("https://evil.example", "null"):
        forget()
        assert client.browser.post(path, data={}, headers={"Origin": origin}).status_code == 400


def test_login_comes_before_the_token(client, customers):
    """2. Not signed in: 302 to /login?next=, as data 401 – with or without a token, whatever the id."""
    for one in (*customers, *NOWHERE):
        for page in ("edit", "details", "delete", "history"):
            forget()
            answer = client.browser.get(f"/admin/customer/{page}/?id={one}")
            assert (answer.status_code, "/login?next=" in answer.headers["Location"]) == (302, True)
        forget()
        answer = client.browser.post(f"/admin/customer/edit/?id={one}", data={})
        assert (answer.status_code, answer.headers["Location"].startswith("/login")) == (302, True)
    forget()
    answer = client.browser.get("/admin/customer/?format=json")
    assert (answer.status_code, answer.get_json()) == (401, {"error": "login"})
    answer = client.browser.post("/admin/customer/ajax/update/", data={})
    assert (answer.status_code, answer.get_json()) == (401, {"error": "login"})


def test_the_token_comes_before_the_permission(visit, customers):
    """3. A bad token is 400 for everybody, whatever they may do and whatever the id."""
    for username in ("viewer", "sales1", "admin"):
        writer = visit(username)
        for one in (*customers, *NOWHERE):
            for page in ("edit", "delete"):
                forget()
                path = f"/admin/customer/{page}/?id={one}"
                answer = writer.browser.post(path, data={"csrf_token": "x", "version": "1"})
                assert answer.status_code == 400, (username, path)
        for path in ("action/", "ajax/update/", "restore/", "new/"):
            forget()
            answer = writer.browser.post(f"/admin/customer/{path}", data={"action": "nothing"})
            assert answer.status_code == 400, (username, path)


def test_the_permission_comes_before_the_record(visit, customers):
    """4. Without the verb 403, whatever the id, the version and the values."""
    writer = visit("viewer")
    for one in (*customers, *NOWHERE):
        for version in (1, 99, ""):
            answer = send(writer, one, version, BAD_VALUES)
            assert (answer.status_code, FORBIDDEN in answer.text) == (403, True)
        assert writer.get(f"/admin/customer/edit/?id={one}").status_code == 403
        assert (
            writer.post("/admin/customer/delete/", {"id": one, "confirm": "1"}).status_code == 403
        )
    assert writer.post("/admin/customer/new/", BAD_VALUES).status_code == 403


def test_the_record_comes_before_its_version_and_values(visit, customers):
    """5. Foreign and unknown are 404 and cannot be told apart, whatever the version and the values."""
    writer = visit("sales1")
    texts = set()
    for one in (customers[1], *NOWHERE):
        for version, values in ((1, GOOD_VALUES), (99, BAD_VALUES), ("", BAD_VALUES)):
            answer = send(writer, one, version, values)
            assert (answer.status_code, MISSING in answer.text) == (404, True), one
            texts.add(
                Page(answer.text).one("main").text.replace(answer.headers["X-Request-ID"], "")
            )
    assert len(texts) == 1


def test_the_version_comes_before_the_values(visit, customers):
    """6. A stale version is 409, also where the values are wrong, too."""
    writer = visit("sales1")
    for version in (0, 2, 99, "", "x"):
        for values in (GOOD_VALUES, BAD_VALUES):
            assert send(writer, customers[0], version, values).status_code == 409, version
    assert send(writer, customers[0], 1, BAD_VALUES).status_code == 422
    assert send(writer, customers[0], 1, GOOD_VALUES).status_code == 302


LOCKED = {"lines-0-quantity": "5", "lines-0-description": "改"}


@pytest.mark.parametrize(
    "values",
    [
        LOCKED,
        {**LOCKED, "delivery_date": "x"},
        {"lines-0-quantity": "abc"},
        {"lines-1-description": "新行", "lines-1-quantity": "1", "lines-1-unit_price": "1"},
        {"lines-1-description": "新行"},
        {"lines-0-delete": "1"},
        {"customer": "999999"},
        {"order_date": "2026-01-01"},
        {"deposit": "5", "delivery_date": "x"},
        {"currency": "USD"},
    ],
)
def test_the_state_comes_before_the_values(visit, values):
    """6. What a confirmed order does not let change is 409, nothing is saved, also with wrong values."""
    order = make_order(make_customer(), status="confirmed", delivery_date=None)
    before = load(Order, order)
    row = {"lines-0-id": str(before.lines[0].id)} if "lines-1-description" not in values else {}
    writer = visit("clerk")
    asked = {"version": str(before.version), "remark": "改", **row, **values}
    answer = writer.post(f"/admin/order/edit/?id={order}", asked)
    assert answer.status_code == 409, Page(answer.text).errors
    after = load(Order, order)
    assert (after.version, after.remark, len(after.lines)) == (before.version, None, 1)


def test_what_a_confirmed_order_lets_change(visit):
    """Order life: delivery date, customer PO, contact, address, urgency and remark still change."""
    customer = make_customer()
    order = make_order(customer, status="confirmed")
    person = make_contact(customer)
    writer = visit("clerk")
    path = f"/admin/order/edit/?id={order}"
    values = {
        "delivery_date": "2026-12-01",
        "customer_po": "PO-9",
        "contact": str(person),
        "delivery_address": "竹园路 1 号",
        "is_urgent": "1",
        "remark": "改",
    }
    form = writer.form(path)
    assert not [name for name in form if name.startswith("lines-")]
    assert writer.post(path, {**form, **values}).status_code == 302
    saved = load(Order, order)
    assert (saved.customer_po, saved.contact_id, saved.is_urgent) == ("PO-9", person, True)


def test_foreign_keys_are_values(visit):
    """AZ-7: a foreign customer or person chosen in a form is 422 at its field, like one that is none."""
    mine, foreign = make_customer("sales1"), make_customer("sales3")
    stranger, own = make_contact(foreign), make_contact(mine)
    writer = visit("sales1")
    order = {"order_date": "2026-11-24"}
    contact = {"name": "王工", "mobile": "13812345678"}
    for one in (foreign, 999_999):
        answer = writer.post("/admin/order/new/", {**order, "customer": str(one)})
        assert (answer.status_code, list(Page(answer.text).errors)) == (422, ["customer"])
        answer = writer.post("/admin/contact/new/", {**contact, "customer": str(one)})
        assert (answer.status_code, list(Page(answer.text).errors)) == (422, ["customer"])
    for one in (stranger, 999_999):
        asked = {**order, "customer": str(mine), "contact": str(one)}
        answer = writer.post("/admin/order/new/", asked)
        assert (answer.status_code, list(Page(answer.text).errors)) == (422, ["contact"])
        assert load(type(load_contact(stranger)), stranger).name not in answer.text
    asked = {**order, "customer": str(mine), "contact": str(own)}
    assert writer.post("/admin/order/new/", asked).status_code == 302
    made = writer.json("/admin/order/")["rows"]
    assert [row["customer"]["id"] for row in made] == [mine]


def load_contact(one: int) -> Any:
    """Return the contact *one*."""
    from app.models.contact import Contact

    return load(Contact, one)


def test_a_customer_cannot_be_moved_under_a_foreign_one(visit):
    """AZ-7: changing the customer of a contact or an order to a foreign one is refused, and nothing moves."""
    mine, foreign = make_customer("sales1"), make_customer("sales3")
    person, order = make_contact(mine), make_order(mine)
    writer = visit("sales1")
    for entity, one in (("contact", person), ("order", order)):
        path = f"/admin/{entity}/edit/?id={one}"
        answer = writer.post(path, {**writer.form(path), "customer": str(foreign)})
        assert (answer.status_code, list(Page(answer.text).errors)) == (422, ["customer"])
    assert load_contact(person).customer_id == load(Order, order).customer_id == mine


def test_a_choice_made_before_stays_although_it_is_out_of_sight(visit):
    """AZ-7: a clerk keeps the customer of another department on an order, shown as text without a link."""
    foreign = make_customer("sales3", name="顺风印刷")
    order = make_order(foreign)
    writer = visit("clerk")
    page = writer.get(f"/admin/order/details/?id={order}").text
    assert "顺风印刷" in page
    assert f"/admin/customer/details/?id={foreign}" not in page
    path = f"/admin/order/edit/?id={order}"
    assert writer.post(path, {**writer.form(path), "remark": "改"}).status_code == 302
    assert load(Order, order).customer_id == foreign
    change(Customer, foreign, city="苏州市")
