"""Contacts: reachable people, who follow their customer and go for good."""

import json
import re
from datetime import date

import pytest
from sqlalchemy import String, cast, select

from app.core.db import db
from app.core.errors import Missing, NotAllowed, RuleBroken, Stale
from app.models.audit import Audit
from app.models.base import Base
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from app.services.contact import contacts
from app.services.customer import customers
from app.services.rows import ChildRow
from tests.factories.making import load, user_id
from tests.factories.order import make_order
from tests.services.conftest import problems_of

SECRETS = {
    "mobile": "15498765432",
    "phone": "0512-49876543",
    "email": "zhangsanfeng@example.com",
    "wechat": "taichi1247",
    "birthday": date(1974, 4, 9),
    "remark": "家里电话 0512-48881234",
}
NAME = "张三丰"


@pytest.fixture
def create(work_as, customer):
    def act(who="sales1", **values):
        with work_as(who) as work:
            return contacts.create(work, {"customer": customer, "name": NAME, **values}).id

    return act


@pytest.fixture
def edit(work_as):
    def act(contact, who="sales1", **values):
        with work_as(who) as work:
            found = contacts.get(work.session, work.actor, contact, "edit")
            contacts.update(work, found, values, version=found.version)

    return act


@pytest.fixture
def delete(work_as):
    def act(contact, who="sales1", version=None):
        with work_as(who) as work:
            found = contacts.get(work.session, work.actor, contact, "delete")
            contacts.delete(work, found, version=version or found.version)

    return act


def test_a_person_has_a_customer_and_a_name(app, create):
    for wrong, field in (
        ({"name": None}, "name"),
        ({"customer": None}, "customer"),
        ({"name": " "}, "name"),
    ):
        with pytest.raises(RuleBroken) as refusal:
            create(mobile="13812345678", **wrong)
        assert set(problems_of(refusal)) == {field}


def test_one_way_to_reach_the_person_is_enough_and_needed(app, create, edit):
    with pytest.raises(RuleBroken) as refusal:
        create()
    assert problems_of(refusal) == {"mobile": "手机、电话、邮箱至少填一项。"}
    for name in ("mobile", "phone", "email"):
        made = create(**{name: SECRETS[name]})
        with pytest.raises(RuleBroken):
            edit(made, **{name: None})
        with pytest.raises(RuleBroken):
            edit(made, **{name: ""})


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("mobile", "＋86 138 1234-5678", "13812345678"),
        ("mobile", "008613812345678", "13812345678"),
        ("phone", "（0512）65432109 转 12", "0512-65432109-12"),
        ("phone", "400-800-1234", "4008001234"),
        ("phone", "+49 151 12345678", "+4915112345678"),
        ("email", " Wang.Fang@Example.COM ", "wang.fang@example.com"),
    ],
)
def test_ways_to_reach_somebody_are_kept_in_one_form(app, create, field, typed, kept):
    """REL-18"""
    assert getattr(load(Contact, create(**{field: typed})), field) == kept


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("mobile", one) for one in ("12812345678", "1381234567", "138123456789", "abc")),
        *(("phone", one) for one in ("123", "0512-123", "0000000000000")),
        *(("email", one) for one in ("wang", "wang@", "@example.com", "a b@example.com")),
    ],
)
def test_each_way_must_be_real(app, create, field, wrong):
    other = "phone" if field != "phone" else "mobile"
    with pytest.raises(RuleBroken) as refusal:
        create(**{field: wrong, other: SECRETS[other]})
    assert set(problems_of(refusal)) == {field}


def test_people_entered_with_their_customer_obey_the_same_rules(app, work_as):
    rows = [
        ChildRow("contacts-0", None, {"name": NAME}),
        ChildRow("contacts-4", None, {"mobile": "1"}),
    ]
    with pytest.raises(RuleBroken) as refusal, work_as("sales1") as work:
        customers.create(work, {"name": "云松有限公司", "contacts": rows})
    assert set(problems_of(refusal)) == {
        "contacts-0-mobile",
        "contacts-4-mobile",
        "contacts-4-name",
    }


def test_the_list_shows_whom_to_call_first(app, create, customer):
    create(mobile="13800000001")
    main = create(mobile="13800000002", is_primary=True)
    assert load(Customer, customer).contacts[0].id == main
    with_name = select(Customer.contact_name).where(Customer.id == customer)
    assert db.session.scalar(with_name) == NAME


def test_the_second_of_two_editors_is_told(app, create, work_as):
    """REL-1"""
    made = create(mobile="13812345678")
    with work_as("sales1") as work:
        contacts.update(work, work.session.get_one(Contact, made), {"title": "一"}, version=1)
    with pytest.raises(Stale):
        change(work_as, made, title="二")


def change(work_as, contact, **values):
    with work_as("manager") as work:
        contacts.update(work, work.session.get_one(Contact, contact), values, version=1)


# -- deleting ----------------------------------------------------------------------------------------


def traces(*secrets):
    """Return table.column of every value in the database that holds one of *secrets*."""
    db.session.remove()
    forms = {form for secret in secrets for form in (secret, json.dumps(secret)[1:-1])}
    found = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            values = select(cast(column, String)).where(column.is_not(None))
            for value in map(str, db.session.scalars(values)):
                if any(form in value or form in re.sub(r"[-\s]", "", value) for form in forms):
                    found.add(f"{table.name}.{column.name}")
    return found


def test_of_a_deleted_person_no_table_keeps_a_number(app, create, edit, delete, customer, work_as):
    """AUD-4: not the present numbers and not the former ones, wherever the person was spoken of."""
    old = {"mobile": "15411112222", "phone": "0512-41112222-8", "email": "oldzhang@example.com"}
    made = create(**SECRETS | old)
    edit(made, **SECRETS)
    make_order(customer, contact=made)
    with work_as("sales1") as work:
        row = ChildRow("contacts-0", made, {"title": "采购经理"})
        found = work.session.get_one(Customer, customer)
        customers.update(work, found, {"contacts": [row]}, version=found.version)
    everything = [*SECRETS.values(), *old.values()]
    secrets = {str(value) for value in everything} | {
        re.sub(r"\D", "", str(value)) for value in everything if re.search(r"\d{7}", str(value))
    }
    secrets |= {NAME, "zhangsanfeng", "48881234"}
    assert traces(*secrets) != set()
    delete(made)
    assert traces(*secrets) == set()


def test_the_audit_keeps_who_and_when_and_masks(app, create, delete):
    """AUD-1, AUD-4"""
    made = create(**SECRETS)
    delete(made)
    entry = db.session.scalars(select(Audit).where(Audit.action == "contact.delete")).one()
    assert (entry.actor_id, entry.actor, entry.record_id) == (user_id("sales1"), "sales1先生", made)
    assert (entry.address, entry.request_id) == ("10.1.2.3", "request-7")
    kept = {name: old for name, (old, new) in entry.changes.items() if new is None}
    assert {name: kept[name] for name in ("name", *SECRETS)} == {
        "name": "张**",
        "mobile": "154****5432",
        "phone": "0512-****43",
        "email": "z***@example.com",
        "wechat": "t****",
        "birthday": "1**",
        "remark": "家**",
    }


def test_people_go_with_a_row_of_their_customers_form(app, create, customer, work_as):
    """AUD-4"""
    made = create(**SECRETS)
    with work_as("sales1") as work:
        found = work.session.get_one(Customer, customer)
        row = ChildRow("contacts-0", made, {}, delete=True)
        customers.update(work, found, {"contacts": [row]}, version=found.version)
    assert load(Contact, made) is None
    secrets = (*map(str, SECRETS.values()), NAME, "15498765432", "051249876543")
    assert traces(*secrets) == set()
    actions = select(Audit.action).where(Audit.record_id == made, Audit.entity == "contact")
    assert db.session.scalars(actions.order_by(Audit.id)).all() == [
        "contact.create",
        "contact.delete",
    ]


def test_orders_of_a_deleted_person_stay(app, create, delete, customer):
    made = create(mobile="13812345678")
    order = make_order(customer, contact=made)
    delete(made)
    found = load(Order, order)
    assert (found.contact_id, found.version) == (None, 1)


def test_the_confirmation_counts_what_goes(app, create):
    def lines(**values):
        return [
            message % {"n": n}
            for message, n in contacts.goes_with(db.session(), load(Contact, create(**values)))
        ]

    assert lines(mobile="13812345678") == ["将删除 1 个电话。"]
    assert lines(**SECRETS) == ["将删除 2 个电话。", "将删除 1 个邮箱。"]


def test_only_the_newest_version_is_deleted(app, create, edit, delete):
    """REL-1"""
    made = create(mobile="13812345678")
    edit(made, title="经理")
    with pytest.raises(Stale):
        delete(made, version=1)
    assert load(Contact, made) is not None


@pytest.mark.parametrize("who", ["finance", "auditor", "viewer", "security"])
def test_deleting_needs_permission(app, create, delete, work_as, who):
    """AZ-4"""
    made = create(mobile="13812345678")
    with pytest.raises(Missing):
        delete(made, who)
    with pytest.raises(NotAllowed), work_as(who) as work:
        contacts.delete(work, work.session.get_one(Contact, made), version=1)
    assert load(Contact, made) is not None


def test_whoever_sees_the_customer_sees_its_people_whoever_made_them(
    app, create, customer, work_as
):
    """AZ-3"""
    made = create("clerk", mobile="13812345678")
    with work_as("sales1") as work:
        assert contacts.get(work.session, work.actor, made).customer_id == customer
