"""Only what a form shows to its sender is written: everything else that is posted changes nothing."""

from typing import Any

import pytest
from sqlalchemy import select

from app.admin_views import MENU
from app.core.db import db
from app.models.customer import Customer
from app.models.order import Order
from app.models.role import Role
from app.models.user import User
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id
from tests.factories.order import make_order
from tests.visitor import fields_of

SCREENS = {screen.service.entity: screen for group in MENU.values() for screen in group}
ALWAYS_KEPT = {
    "id": "999",
    "created_at": "2020-01-01T00:00",
    "updated_at": "2020-01-01T00:00",
    "created_by": "1",
    "updated_by": "1",
    "deleted_at": "2020-01-01T00:00",
    "deleted_by": "1",
}
KEPT = {
    "customer": {
        "code": "C999999",
        "name_folded": "x",
        "name_key": "x",
        "owner_id": "1",
        "last_order_at": "2020-01-01T00:00",
        "last_contact_at": "2020-01-01T00:00",
        "credit_used": "5",
        "contact_name": "x",
    },
    "order": {
        "order_no": "SO202611-9999",
        "status": "completed",
        "net_amount": "1",
        "tax_amount": "1",
        "amount": "1",
        "delivered": "1",
        "returned": "1",
        "stated": "1",
        "invoiced": "1",
        "received": "1",
        "customer_id": "1",
        "contact_id": "1",
    },
    "contact": {"customer_id": "1"},
}


def columns(model: type[Any], one: int) -> dict[str, Any]:
    """Return the stored row."""
    db.session.remove()
    row = db.session.execute(select(model.__table__).where(model.__table__.c.id == one)).one()
    return dict(row._mapping)


@pytest.mark.parametrize("entity", KEPT)
def test_computed_and_kept_attributes_are_ignored(visit, entity):
    """MAS-1, MAS-2: id, stamps, codes, states and sums are never read from a form, new or edit."""
    customer = make_customer()
    one = {
        "customer": lambda: customer,
        "order": lambda: make_order(customer),
        "contact": lambda: make_contact(customer),
    }[entity]()
    model = SCREENS[entity].service.model
    before = columns(model, one)
    writer = visit("manager")
    bad = {**ALWAYS_KEPT, **KEPT[entity]}
    form = writer.form(f"/admin/{entity}/edit/?id={one}")
    assert writer.post(f"/admin/{entity}/edit/?id={one}", {**form, **bad}).status_code == 302
    assert columns(model, one) == before
    new = {"name": "新的纸品", "mobile": "13812345678", "customer": str(customer)}
    form = {**writer.form(f"/admin/{entity}/new/"), **new}
    if entity == "customer":
        del form["customer"]
    answer = writer.post(f"/admin/{entity}/new/", {**form, **bad, "version": "77"})
    assert answer.status_code == 302
    made = int(answer.headers["Location"].split("=")[1])
    assert made != 999
    saved = columns(model, made)
    for name, value in bad.items():
        if name in saved and name not in ("customer_id", "created_by", "updated_by", "owner_id"):
            assert str(saved[name]) != value, name
    assert saved["version"] == 1
    assert saved["created_by"] == saved["updated_by"] == user_id("manager")
    assert saved.get("deleted_at") is None


@pytest.mark.parametrize("username", ["sales1", "clerk"])
def test_credit_terms_and_owner_are_written_only_by_those_who_may(visit, username):
    """AZ-8, MAS-1: credit_limit, payment_terms and owner are shown, not posted, for sales and clerks."""
    writer = visit(username)
    form = writer.form("/admin/customer/new/")
    closed = {
        "credit_limit": "1000000",
        "payment_terms": "monthly_90",
        "owner": str(user_id("sales3")),
    }
    assert not closed.keys() & form.keys()
    answer = writer.post("/admin/customer/new/", {**form, "name": "恒达纸品", **closed})
    assert answer.status_code == 302
    one = int(answer.headers["Location"].split("=")[1])
    path = f"/admin/customer/edit/?id={one}"
    form = writer.form(path)
    assert not closed.keys() & form.keys()
    assert writer.post(path, {**form, "city": "苏州市", **closed}).status_code == 302
    saved = load(Customer, one)
    assert (saved.credit_limit, saved.payment_terms, saved.owner_id) == (
        None,
        None,
        user_id(username),
    )
    assert saved.city == "苏州市"


def test_finance_writes_the_credit_fields_and_nothing_else(visit):
    """MAS-1: who keeps credit has a form of two fields; everything else posted is ignored."""
    one = make_customer(name="恒达纸品", city="苏州市")
    person = make_contact(one)
    writer = visit("finance")
    path = f"/admin/customer/edit/?id={one}"
    form = writer.form(path)
    assert {name for name in form if name in SCREENS["customer"].service.attributes()} == {
        *("credit_limit", "payment_terms", "version")
    }
    more = {
        "name": "改名",
        "city": "无锡市",
        "owner": "1",
        "contacts-0-id": str(person),
        "contacts-0-delete": "1",
    }
    answer = writer.post(
        path, {**form, "credit_limit": "500", "payment_terms": "monthly_30", **more}
    )
    assert answer.status_code == 302
    saved = load(Customer, one)
    assert (str(saved.credit_limit), saved.payment_terms.value) == ("500.00", "monthly_30")
    assert (saved.name, saved.city, saved.owner_id) == ("恒达纸品", "苏州市", user_id("sales1"))
    assert [one.id for one in saved.contacts] == [person]


def test_roles_are_granted_only_by_those_who_may(visit):
    """AZ-12, MAS-1: a clerk or manager has no form of users; roles posted elsewhere are nothing."""
    admin = db.session.scalar(select(Role.id).where(Role.name == "admin"))
    for username in ("clerk", "manager", "sales1", "viewer", "finance", "auditor"):
        writer = visit(username)
        for path in (f"/admin/user/edit/?id={writer.user_id}", "/admin/user/new/"):
            answer = writer.post(
                path, {"roles": str(admin), "username": "evil", "name": "x", "version": "1"}
            )
            assert answer.status_code == 403, (username, path)
        assert [role.name for role in load(User, writer.user_id).roles] != ["admin"]


def test_security_grants_roles_and_changes_nothing_else(visit):
    """MAS-1, AZ-13: the form of a security officer holds roles alone; password and flags never."""
    roles = {name: one for one, name in db.session.execute(select(Role.id, Role.name))}
    one = user_id("sales1")
    before = columns(User, one)
    writer = visit("security")
    path = f"/admin/user/edit/?id={one}"
    form = writer.form(path)
    assert "roles" in writer.get(path).text
    bad = {
        "name": "改名",
        "username": "other",
        "email": "evil@example.cn",
        "is_active": "",
        "password_hash": "x",
        "password": "x",
        "must_change_password": "1",
        "password_changed_at": "2020-01-01T00:00",
        "locale": "en",
    }
    answer = writer.post(
        path, {**form, **bad, "roles": [str(roles["clerk"]), str(roles["viewer"])]}
    )
    assert answer.status_code == 302
    after = columns(User, one)
    changing = ("version", "updated_at", "updated_by")
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in before.items() if k not in changing
    }
    assert {role.name for role in load(User, one).roles} == {"clerk", "viewer"}


def test_a_new_user_gets_no_password_from_the_form(visit):
    """MAS-1: password, hash and flags of a new user come from the house, not from the form."""
    writer = visit("admin")
    form = {**writer.form("/admin/user/new/"), "username": "neu", "name": "新人"}
    bad = {
        "password_hash": "x",
        "password": "x",
        "must_change_password": "",
        "is_active": "",
        "id": "1",
    }
    answer = writer.post("/admin/user/new/", {**form, **bad})
    assert answer.status_code in (200, 302)
    made = db.session.scalar(select(User).where(User.username == "neu"))
    assert made.must_change_password is True
    assert made.password_hash != "x"


def test_a_masked_form_does_not_destroy_what_it_hides(visit):
    """PII-1: who may edit but not see phones saves a form without them; the numbers stay."""
    from tests.factories.making import change

    role = db.session.scalar(select(Role).where(Role.name == "clerk"))
    change(Role, role.id, hidden=["phones", "money"])
    one = make_customer(phone="0512-65432109", credit_limit=5)
    person = make_contact(one, name="王工", mobile="13812345678", email="a@b.cn", wechat="wx-9")
    order = make_order(one)
    writer = visit("clerk")
    for path, field in (
        (f"customer/edit/?id={one}", "city"),
        (f"contact/edit/?id={person}", "title"),
    ):
        page = writer.get(f"/admin/{path}")
        for secret in ("65432109", "13812345678", "a@b.cn", "wx-9", "138 1234"):
            assert secret not in page.text, (path, secret)
        posted = {
            **fields_of(page.text),
            field: "改",
            "mobile": "",
            "phone": "",
            "email": "",
            "wechat": "",
        }
        assert writer.post(f"/admin/{path}", posted).status_code == 302, path
    saved = writer_view = load(Customer, one)
    assert writer_view.phone
    assert (saved.city, str(saved.credit_limit)) == ("改", "5.00")
    (contact,) = saved.contacts
    assert (contact.title, contact.mobile, contact.email, contact.wechat) == (
        *("改", "13812345678", "a@b.cn", "wx-9"),
    )
    form = writer.form(f"/admin/order/edit/?id={order}")
    assert not [name for name, value in form.items() if "price" in name and value]
    assert (
        writer.post(
            f"/admin/order/edit/?id={order}", {**form, "lines-0-unit_price": "***"}
        ).status_code
        == 302
    )
    assert str(load(Order, order).lines[0].unit_price) == "1.0134"


def test_a_setting_is_only_its_value(visit):
    """MAS-1: the key, kind and words of a setting are not for the form."""
    from app.models.setting import Setting

    one = db.session.scalar(select(Setting.id))
    before = columns(Setting, one)
    writer = visit("admin")
    path = f"/admin/setting/edit/?id={one}"
    bad = {"key": "x", "kind": "text", "label": "x", "help": "x"}
    assert writer.post(path, {**writer.form(path), **bad}).status_code == 302
    assert columns(Setting, one) == before
