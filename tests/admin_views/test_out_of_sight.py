"""Whoever may not see contacts meets none on the pages of their customers (AZ-4)."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.models.contact import Contact
from app.models.role import Role
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, user_id
from tests.factories.order import make_order

PERSON = "单立文"


@pytest.fixture
def customer(app):
    """A customer of sales1 with one contact; salespeople may see no contacts."""
    made = make_customer()
    make_contact(made, name=PERSON)
    role = db.session.scalars(select(Role).where(Role.name == "sales")).one()
    grants = {entity: verbs for entity, verbs in role.grants.items() if entity != "contact"}
    change(Role, role.id, grants=grants)
    return made


@pytest.mark.parametrize(
    "page",
    [
        "/admin/customer/details/?id={}",
        "/admin/customer/details/?id={}&format=json",
        "/admin/customer/history/?id={}",
        "/admin/customer/print/?id={}&kind=card",
        "/admin/customer/edit/?id={}",
        "/admin/customer/",
        "/admin/customer/?format=json",
        "/admin/customer/export/csv/",
    ],
)
def test_no_page_of_a_customer_shows_its_people(visit, customer, page):
    """AZ-4"""
    assert PERSON in visit("manager").get(page.format(customer)).text or "history" in page
    answer = visit("sales1").get(page.format(customer))
    assert answer.status_code == 200
    assert PERSON not in answer.text
    assert "联系人" not in answer.text or "print" in page or "export" in page


def test_no_filter_or_column_tells(visit, customer):
    """AZ-4"""
    person = visit("sales1")
    for asked in ("flt_contact_name_contains=" + PERSON, "flt_contact_name_empty=1"):
        assert "条件" in person.get(f"/admin/customer/?{asked}").text
    answer = person.get("/admin/customer/export/csv/?columns=name,contact_name")
    assert answer.status_code == 422


def test_no_form_takes_rows_of_people(visit, customer):
    """AZ-4, AZ-5"""
    row = {"contacts-0-name": "新人", "contacts-0-mobile": "13812345678"}
    visit("sales1").submit(f"/admin/customer/edit/?id={customer}", **row)
    assert db.session.scalars(select(Contact.name)).all() == [PERSON]


def test_a_card_still_prints(visit, customer):
    assert user_id("sales1")
    assert (
        "客户联系方式"
        not in visit("sales1").get(f"/admin/customer/print/?id={customer}&kind=card").text
    )


@pytest.mark.parametrize(("who", "shows"), [("manager", True), ("sales3", True), ("clerk", False)])
def test_a_contract_gives_no_number_of_a_person_out_of_sight(visit, app, who, shows):
    """AZ-3: whoever sees all orders, but customers of one department only, reads no other department's phones."""
    one = make_customer("sales3")
    person = make_contact(one, name=PERSON, mobile="13812345678")
    order = make_order(one, contact=person)
    text = visit(who).get(f"/admin/order/print/?id={order}&kind=contract").text
    assert PERSON in text
    assert ("5678" in text) == shows
