"""History: who changed what from what into what, in the same transaction as the change."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.errors import RuleBroken, Stale, Unavailable
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from app.services.contact import contacts
from app.services.customer import customers
from app.services.order import orders
from app.services.rows import ChildRow
from app.services.user import users
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id
from tests.factories.order import line, make_order

NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)


def history(entity=None, record=None):
    """Return the entries, the oldest first."""
    db.session.remove()
    wanted = select(Audit).order_by(Audit.id)
    if entity:
        wanted = wanted.where(Audit.entity == entity)
    if record:
        wanted = wanted.where(Audit.record_id == record)
    return list(db.session.scalars(wanted))


def edit(work_as, customer, who="manager", **values):
    with work_as(who) as work:
        found = work.session.get_one(Customer, customer)
        customers.update(work, found, values, version=found.version)


def test_an_entry_says_who_when_where_and_what(app, work_as):
    """AUD-1"""
    with clock.freeze(NOW), work_as("sales1") as work:
        made = customers.create(work, {"name": "苏州云松食品有限公司"}).id
    (entry,) = history("customer", made)
    assert (entry.actor_id, entry.actor, entry.at) == (user_id("sales1"), "sales1先生", NOW)
    assert (entry.address, entry.request_id) == ("10.1.2.3", "request-7")
    assert (entry.action, entry.result) == ("customer.create", "ok")
    assert entry.changes["name"] == [None, "苏州云松食品有限公司"]
    assert entry.changes["owner"] == [None, {"id": user_id("sales1"), "text": "sales1先生"}]


def test_old_and_new_stand_side_by_side(app, work_as):
    """AUD-1"""
    customer = make_customer(short_name="旧", credit_limit=Decimal(100), tags="食品")
    edit(
        work_as,
        customer,
        short_name="新",
        credit_limit=Decimal("250.50"),
        level="A",
        tags=None,
        tax_rate=Decimal(6),
        owner=user_id("sales3"),
    )
    assert history("customer", customer)[-1].changes == {
        "short_name": ["旧", "新"],
        "credit_limit": ["100.00", "250.50"],
        "level": ["C", "A"],
        "tags": ["食品", None],
        "tax_rate": ["13.00", "6.00"],
        "owner": [
            {"id": user_id("sales1"), "text": "sales1先生"},
            {"id": user_id("sales3"), "text": "sales3先生"},
        ],
    }


def test_what_did_not_change_is_not_told(app, work_as):
    customer = make_customer(short_name="旧", credit_limit=Decimal(100))
    name = load(Customer, customer).name
    edit(work_as, customer, name=name, short_name="旧", credit_limit=Decimal("100.00"), remark="")
    assert [entry.action for entry in history("customer", customer)] == ["customer.create"]
    assert load(Customer, customer).version == 1


def test_nothing_and_zero_are_two_things(app, work_as):
    customer = make_customer(credit_limit=Decimal(0))
    edit(work_as, customer, credit_limit=None)
    assert history("customer", customer)[-1].changes == {"credit_limit": ["0.00", None]}


def test_dates_and_flags_are_told(app, work_as):
    order = make_order(make_customer())
    with work_as("clerk") as work:
        values = {"delivery_date": date(2026, 12, 24), "is_urgent": True}
        orders.update(work, work.session.get_one(Order, order), values, version=1)
    assert history("order", order)[-1].changes == {
        "delivery_date": [None, "2026-12-24"],
        "is_urgent": [False, True],
    }


def test_lines_tell_what_became_of_them(app, work_as):
    """AUD-1"""
    order = make_order(make_customer(), lines=[line(0), line(1), line(2)])
    first, second, third = (one.id for one in load(Order, order).lines)
    rows = [
        ChildRow("lines-0", first, {"quantity": 2000}),
        ChildRow("lines-1", second, {}, delete=True),
        line(7, description="新行", quantity=1, unit_price=Decimal(1)),
    ]
    with work_as("clerk") as work:
        orders.update(work, work.session.get_one(Order, order), {"lines": rows}, version=1)
    changes = history("order", order)[-1].changes
    by_verb = {one["verb"]: one for one in changes["lines"]}
    assert set(by_verb) == {"create", "edit", "delete"}
    assert by_verb["edit"]["id"] == first
    assert by_verb["edit"]["changes"]["quantity"] == [1000, 2000]
    assert by_verb["delete"]["id"] == second
    assert by_verb["delete"]["changes"]["quantity"] == [1000, None]
    assert by_verb["create"]["changes"]["description"] == [None, "新行"]
    assert changes["amount"] == ["3435.42", str(load(Order, order).amount)]
    assert third in {one.id for one in load(Order, order).lines}


def test_people_in_their_customers_form_have_a_history_of_their_own(app, work_as):
    customer = make_customer()
    edit(
        work_as,
        customer,
        contacts=[ChildRow("contacts-0", None, {"name": "王芳", "mobile": "13812345678"})],
    )
    (person,) = db.session.scalars(select(Contact.id))
    (entry,) = history("contact", person)
    assert entry.action == "contact.create"
    assert entry.changes["mobile"] == [None, "138****5678"]


def test_numbers_are_masked_and_still_told(app, work_as):
    """AUD-4: even where the masks of both look the same, and then the old one finds nobody."""
    contact = make_contact(make_customer(), mobile="13811115678", name="王芳")
    with work_as("manager") as work:
        found = work.session.get_one(Contact, contact)
        contacts.update(work, found, {"mobile": "13822225678", "name": "王方"}, version=1)
    assert history("contact", contact)[-1].changes == {
        "mobile": ["138****5678", "138****5678"],
        "name": ["王**", "王**"],
    }
    for term, ids in (
        ("13811115678", []),
        ("13822225678", [contact]),
        ("王芳", []),
        ("王方", [contact]),
    ):
        matching = select(Contact.id).where(*contacts.matching(term, SYSTEM))
        assert db.session.scalars(matching).all() == ids
    assert load(Contact, contact).updated_by == user_id("manager")


def test_no_password_is_in_any_entry(app):
    """AUD-4"""
    with work_for(SYSTEM) as work:
        user = users.create(work, {"username": "wangli", "name": "王丽"})
        secret, kept = user.one_time_password, user.password_hash
    text = "".join(str(entry.changes) for entry in history())
    assert "wangli" in text
    assert secret not in text
    assert kept not in text


# -- one transaction ---------------------------------------------------------------------------------


def test_a_change_that_is_rolled_back_leaves_no_history(app, work_as):
    """AUD-6"""
    customer = make_customer(short_name="旧")
    before = len(history())

    def fail():
        with work_as("manager") as work:
            found = work.session.get_one(Customer, customer)
            customers.update(work, found, {"short_name": "新"}, version=1)
            work.session.flush()
            raise Unavailable

    with pytest.raises(Unavailable):
        fail()
    assert len(history()) == before
    assert load(Customer, customer).short_name == "旧"


@pytest.mark.parametrize(
    ("values", "version", "refusal"),
    [
        ({"name": ""}, 1, RuleBroken),
        ({"phone": "12"}, 1, RuleBroken),
        ({"short_name": "新"}, 7, Stale),
    ],
)
def test_a_refused_change_leaves_no_history(app, work_as, values, version, refusal):
    """AUD-6"""
    customer = make_customer(short_name="旧")
    before = len(history())

    def fail():
        with work_as("manager") as work:
            found = work.session.get_one(Customer, customer)
            customers.update(work, found, values, version=version)

    with pytest.raises(refusal):
        fail()
    assert len(history()) == before


def test_of_two_who_save_at_once_only_one_makes_history(app, work_as):
    """AUD-6, REL-1: the second notices only when it writes."""
    customer = make_customer(short_name="旧")

    def second():
        with work_as("manager") as work:
            found = work.session.get_one(Customer, customer)
            table = Customer.__table__
            work.session.execute(table.update().values(version=9))
            customers.update(work, found, {"short_name": "新"}, version=1)

    with pytest.raises(Stale):
        second()
    assert [entry.action for entry in history("customer", customer)] == ["customer.create"]
    assert load(Customer, customer).short_name == "旧"


def test_reasons_stand_in_the_entry_they_answer_for(app, work_as):
    """AUD-1"""
    make_customer(name="苏州恒达包装有限公司")
    reason = {"duplicate_reason": "两家不同的公司"}
    with work_as("manager") as work:
        made = customers.create(work, {"name": "恒达包装（苏州）有限公司", **reason}).id
    assert history("customer", made)[0].changes["duplicate_reason"] == [None, "两家不同的公司"]


def test_the_first_order_shows_in_the_customers_history(app):
    customer = make_customer()
    make_order(customer)
    make_order(customer)
    entries = [entry for entry in history("customer", customer) if entry.action == "customer.edit"]
    assert [entry.changes for entry in entries] == [{"status": ["potential", "active"]}]
