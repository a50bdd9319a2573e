"""Editing one value within the list: the same rules as the form, and nothing but that value."""

from datetime import date
from typing import Any

import pytest

from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import make_order

STALE = "此记录已被他人修改。"


def update(writer: Any, entity: str, one: int, version: object = 1, **values: Any) -> Any:
    """Send one changed value, as the list does."""
    asked = {"list_form_pk": str(one), "version": str(version), **values}
    headers = {"X-CSRFToken": writer.token}
    return writer.post(f"/admin/{entity}/ajax/update/", asked, headers=headers)


@pytest.mark.parametrize(
    ("entity", "field", "typed", "value", "text"),
    [
        ("customer", "short_name", " 恒达 ", "恒达", "恒达"),
        ("customer", "level", "A", "A", "A 级"),
        ("customer", "status", "frozen", "frozen", "冻结"),
        ("customer", "remark", "第一行", "第一行", "第一行"),
        ("contact", "title", "采购", "采购", "采购"),
        ("contact", "mobile", "+86 139 1234-5678", "13912345678", "139 1234 5678"),
        ("order", "delivery_date", "2026-12-01", "2026-12-01", "2026-12-01"),
        ("order", "remark", "外箱贴标", "外箱贴标", "外箱贴标"),
    ],
)
def test_every_promised_value_can_be_edited_in_the_list(visit, entity, field, typed, value, text):
    """In-list editing: these attributes; the answer holds id, version, value and text."""
    customer = make_customer()
    one = {"customer": customer, "contact": make_contact(customer), "order": make_order(customer)}[
        entity
    ]
    writer = visit("manager")
    version = writer.json(f"/admin/{entity}/details/?id={one}")["version"]
    answer = update(writer, entity, one, version, **{field: typed})
    assert answer.status_code == 200, answer.text
    assert answer.get_json() == {"id": one, "version": version + 1, "value": value, "text": text}
    assert writer.json(f"/admin/{entity}/details/?id={one}")["values"][field] == value


def test_everything_else_stays_as_it_was(visit):
    """In-list editing: flags, rows and other values are not touched, and not in the history either."""
    customer = make_customer(tags="甲", city="苏州市")
    order = make_order(customer, is_urgent=True, delivery_date=date(2026, 12, 1), customer_po="P1")
    person = make_contact(customer, is_primary=True, is_decision_maker=True, wechat="wx-1")
    writer = visit("manager")
    assert update(writer, "order", order, remark="改").status_code == 200
    assert update(writer, "contact", person, title="经理").status_code == 200
    saved = load(Order, order)
    assert (saved.is_urgent, saved.delivery_date, saved.customer_po) == (
        True,
        date(2026, 12, 1),
        "P1",
    )
    assert len(saved.lines) == 1
    saved = load(Contact, person)
    assert (saved.is_primary, saved.is_decision_maker, saved.wechat) == (True, True, "wx-1")


def test_only_the_one_value_is_read(visit):
    """MAS-1, AZ-4: child rows, overrides and second values sent along change nothing."""
    customer = make_customer()
    person = make_contact(customer)
    order = make_order(customer)
    (line,) = load(Order, order).lines
    writer = visit("manager")
    rows = {"contacts-0-id": str(person), "contacts-0-delete": "1", "contacts-1-name": "新人"}
    version = load(Customer, customer).version
    assert update(writer, "customer", customer, version, short_name="甲", **rows).status_code == 200
    assert [one.id for one in load(Customer, customer).contacts] == [person]
    rows = {"lines-0-id": str(line.id), "lines-0-unit_price": "0", "lines-0-delete": "1"}
    assert update(writer, "order", order, remark="甲", **rows).status_code == 200
    assert len(load(Order, order).lines) == 1
    answer = update(writer, "customer", customer, version + 1, short_name="乙", level="A")
    assert answer.status_code == 400
    assert load(Customer, customer).short_name == "甲"


@pytest.mark.parametrize(
    "field", ["name", "code", "owner", "credit_limit", "id", "created_at", "tax_rate", "nothing"]
)
def test_other_attributes_are_refused(visit, field):
    """AZ-4, MAS-1: an attribute that is not edited in lists is 403 (or no attribute at all: 400)."""
    customer = make_customer()
    answer = update(visit("manager"), "customer", customer, **{field: "1"})
    assert answer.status_code == (400 if field in ("nothing", "id") else 403)
    assert load(Customer, customer).version == 1


def test_bad_values_are_422_beside_their_field(visit):
    """ajax/update: 422 {"errors": {field: [messages]}}, and nothing is saved."""
    customer = make_customer()
    person, order = make_contact(customer), make_order(customer)
    writer = visit("manager")
    for entity, one, field, value in (
        ("customer", customer, "level", "Z"),
        ("customer", customer, "level", ""),
        ("customer", customer, "short_name", "长" * 65),
        ("contact", person, "mobile", "12345"),
        ("order", order, "delivery_date", "2026-02-30"),
        ("order", order, "delivery_date", "morgen"),
    ):
        version = writer.json(f"/admin/{entity}/details/?id={one}")["version"]
        answer = update(writer, entity, one, version, **{field: value})
        assert answer.status_code == 422, (field, value, answer.text)
        (messages,) = [answer.get_json()["errors"][field]]
        assert messages
        assert all(messages), (field, value)
        assert writer.json(f"/admin/{entity}/details/?id={one}")["version"] == version


def test_the_last_way_to_reach_a_person_cannot_be_emptied(visit):
    """ajax/update: rules of the whole record hold, too, and the message stands at the field."""
    person = make_contact(make_customer(), mobile="13812345678")
    answer = update(visit("manager"), "contact", person, mobile="")
    assert answer.status_code == 422
    assert answer.get_json() == {"errors": {"mobile": ["手机、电话、邮箱至少填一项。"]}}


@pytest.mark.parametrize("version", ["", "0", "2", "-1", "x", str(10**30)])
def test_a_stale_version_is_409(visit, version):
    """REL-1: somebody else saved first, or the version cannot be read: 409 and nothing changes."""
    customer = make_customer()
    answer = update(visit("manager"), "customer", customer, version, short_name="乙")
    assert (answer.status_code, answer.get_json()["error"]) == (409, STALE)
    assert load(Customer, customer).short_name is None


def test_a_state_that_forbids_it_is_409(visit):
    """ajax/update: a delivery date may change after confirming, a cancelled order's remark too."""
    order = make_order(make_customer(), status="confirmed")
    answer = update(visit("manager"), "order", order, 2, delivery_date="2026-12-02")
    assert answer.status_code == 200
    assert load(Order, order).delivery_date == date(2026, 12, 2)


def test_permission_scope_and_version_are_judged_in_the_promised_order(visit):
    """AZ-4, answers in order: 403 without the verb whatever the id, 404 foreign, 409 stale, 422 invalid."""
    mine, foreign = make_customer("sales1"), make_customer("sales3")
    writer, reader = visit("sales1"), visit("viewer")
    for one in (mine, foreign, 999_999):
        assert update(reader, "customer", one, 9, level="Z").status_code == 403
    for one in (foreign, 999_999, "abc"):
        answer = update(writer, "customer", one, 9, level="Z")
        assert (answer.status_code, answer.get_json()["error"]) == (404, "missing")
    assert update(writer, "customer", mine, 9, level="Z").status_code == 409
    assert update(writer, "customer", mine, 1, level="Z").status_code == 422
    assert update(writer, "customer", mine, 1, level="A").status_code == 200


def test_finance_may_not_edit_in_the_list(visit):
    """AZ-4: who may write only the credit fields may write none of the list's."""
    customer = make_customer()
    for field, value in (("short_name", "甲"), ("level", "A"), ("credit_limit", "5")):
        assert update(visit("finance"), "customer", customer, **{field: value}).status_code == 403


def test_it_is_posted_with_a_token(visit):
    """CSRF-1: without a token, or with another session's, nothing is changed; GET is not answered."""
    customer = make_customer()
    writer = visit("manager")
    path = "/admin/customer/ajax/update/"
    values = {"list_form_pk": str(customer), "version": "1", "short_name": "甲"}
    foreign = visit("manager").token
    for token in ("", "x", foreign):
        answer = writer.browser.post(path, data={**values, "csrf_token": token})
        assert answer.status_code == 400
    assert writer.get(path).status_code == 405
    assert load(Customer, customer).short_name is None


def test_a_change_within_the_list_is_in_the_history(visit):
    """AUD-1: old and new value, by whom."""
    customer = make_customer(level="C")
    writer = visit("manager")
    update(writer, "customer", customer, level="A")
    page = writer.get(f"/admin/customer/history/?id={customer}").text
    assert "manager先生" in page
    assert "C 级" in page
    assert "A 级" in page


def test_only_those_who_may_see_the_editor(visit):
    """As markup: cells that may be edited say so; they hold the raw value."""
    change(Customer, make_customer(short_name="<b>甲</b>"), level="B")
    page = visit("manager").get("/admin/customer/").text
    assert 'data-edit="enum" data-raw="B"' in page
    assert 'data-raw="&lt;b&gt;甲&lt;/b&gt;"' in page
    assert "data-edit=" not in visit("viewer").get("/admin/customer/").text
