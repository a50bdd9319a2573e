"""Repeat orders (翻单): what they take from the order before, whose leave they need, and what outlives it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db
from app.core.errors import Blocked, Missing, NotAllowed, RuleBroken
from app.core.work import SYSTEM, work_for
from app.domain.order import OrderStatus
from app.models.audit import Audit
from app.models.order import Order
from app.models.role import Role
from app.models.trash_entry import TrashEntry
from app.services import trash
from app.services.customer import customers
from app.services.order import orders
from app.services.rows import ChildRow
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.factories.order import line, make_order
from tests.services.conftest import DUE, ORDERED, problems_of

FRESH = {"order_date": ORDERED, "lines": [line()]}


def copy(work_as, original, who="sales1", **values):
    """Copy *original* as somebody; return the id of the new order."""
    with work_as(who) as work:
        chosen = values.get("customer") or load(Order, original).customer_id
        return orders.copy(work, original, {"customer": chosen, **FRESH, **values}).id


def repeated(original):
    """Return what a copy of *original* begins with."""
    db.session.remove()
    return orders.values_to_repeat(db.session.get_one(Order, original))


def created(order):
    """Return what the history says of how *order* began."""
    entries = select(Audit).where(Audit.action == "order.create", Audit.record_id == order)
    return db.session.scalars(entries).one()


def remove(order):
    """Put *order* into the trash."""
    with work_for(SYSTEM) as work:
        found = orders.get(work.session, work.actor, order, "delete")
        orders.delete(work, found, version=found.version)


def purge(order):
    """Delete *order* for good, as after 30 days."""
    remove(order)
    with work_for(SYSTEM) as work:
        old = work.now - trash.KEPT - timedelta(days=1)
        work.session.execute(update(TrashEntry).values(deleted_at=old))
        assert trash.purge(work) == 1


def test_what_a_repeat_order_begins_with(app, customer):
    """Everything but what belongs to one order alone: its number, purchase order, dates, deposit, haste."""
    given = {
        "contact": make_contact(customer),
        "customer_po": "PO-9",
        "delivery_address": "苏州市吴中区金枫路 1 号",
        "delivery_date": DUE,
        "deposit": Decimal(100),
        "is_urgent": True,
        "remark": "同上次",
        "lines": [
            line(0, customer_item_no="A-1", spare_quantity=30, unit="只", tolerance=Decimal(5)),
            line(1, description="隔板", tax_rate=Decimal(6), delivery_date=DUE),
        ],
    }
    values = repeated(make_order(customer, status="completed", **given))
    assert {name: str(values[name]) for name in values if name not in ("lines", "contact")} == {
        "customer": str(values["customer"]),
        "delivery_address": "苏州市吴中区金枫路 1 号",
        "currency": "CNY",
        "remark": "同上次",
    }
    assert values["customer"].id == customer
    assert values["contact"].id == given["contact"]
    first, second = values["lines"]
    assert first == {
        "description": "彩盒 180×100×60",
        "customer_item_no": "A-1",
        "quantity": 1000,
        "spare_quantity": 30,
        "unit": "只",
        "unit_price": Decimal("1.0134"),
        "tax_rate": Decimal(13),
        "tolerance": Decimal(5),
    }
    assert (second["description"], second["tax_rate"]) == ("隔板", Decimal(6))


def test_a_contact_who_moved_on_is_left_out(app, customer):
    contact = make_contact(customer)
    original, other = make_order(customer, contact=contact), make_customer()
    with work_for(SYSTEM) as work:
        found = orders.get(work.session, SYSTEM, original).contact
        found.customer = customers.get(work.session, SYSTEM, other)
    assert repeated(original)["contact"] is None


def test_a_copy_is_a_draft_that_remembers_its_source(app, customer, work_as):
    original = make_order(customer, status="shipped")
    made = load(Order, copy(work_as, original))
    assert (made.source_id, made.status, made.order_no[-4:]) == (
        original,
        OrderStatus.DRAFT,
        "0002",
    )
    assert str(made.amount) == "1145.14"
    entry = created(made.id)
    assert entry.changes["source"] == [None, {"id": original, "text": made.source.order_no}]


def test_the_original_stays_as_it_is(app, customer, work_as):
    original = make_order(customer, status="shipped")
    before = load(Order, original).version
    copy(work_as, original)
    assert load(Order, original).version == before
    assert len(load(Order, original).lines) == 1


@pytest.mark.parametrize("key", [999_999, "abc", "", "0", "-1", None, "1e3", 10**30])
def test_nothing_is_copied_from_nothing(app, customer, work_as, key):
    """AZ-6"""
    with pytest.raises(Missing), work_as("clerk") as work:
        orders.copy(work, key, {"customer": customer, **FRESH})


def test_a_source_out_of_sight_is_no_source(app, work_as):
    """AZ-6: the scope is that of seeing, asked again when the copy is saved; nothing is made."""
    mine, theirs = make_customer("sales1"), make_customer("sales3")
    foreign, trashed = make_order(theirs), make_order(mine)
    remove(trashed)
    for original in (foreign, trashed):
        with pytest.raises(Missing):
            copy(work_as, original, customer=mine)
    assert db.session.query(Order).count() == 2


def test_seeing_an_order_is_not_enough_to_order_for_its_customer(app, work_as):
    """AZ-6: a clerk sees all orders, but chooses among the customers of the department."""
    foreign = make_order(make_customer("sales3"))
    with pytest.raises(RuleBroken) as refusal:
        copy(work_as, foreign, "clerk")
    assert set(problems_of(refusal)) == {"customer"}
    own = make_customer("sales2")
    assert load(Order, copy(work_as, foreign, "clerk", customer=own)).source_id == foreign


def test_who_may_not_create_may_not_copy(app, customer, work_as):
    """AZ-4"""
    original = make_order(customer)
    for who in ("finance", "auditor", "viewer"):
        with pytest.raises(NotAllowed):
            copy(work_as, original, who)


def test_prices_are_not_promised_unseen(app, customer, work_as):
    """AZ-7: who sees no money is refused in words; no price goes along, none is lost."""
    original = make_order(customer)
    with work_for(SYSTEM) as work:
        role = work.session.scalars(select(Role).where(Role.name == "sales")).one()
        role.hidden = ["money"]
    with pytest.raises(Blocked) as refusal:
        copy(work_as, original)
    assert refusal.value.facts == {"field": "未税单价"}
    with work_as("sales1") as work:
        assert not orders.may_copy(work.actor)
    assert db.session.query(Order).count() == 1


def test_customers_are_not_copied(app, customer, work_as):
    with work_as("manager") as work:
        assert not customers.may_copy(work.actor)
        with pytest.raises(Missing):
            customers.original(work.session, work.actor, customer)


def test_a_deleted_source_stays_readable(app, customer, work_as):
    """Trash: an order lives on without its source, comes back without it, and survives its end."""
    original = make_order(customer)
    made = copy(work_as, original)
    remove(original)
    assert str(load(Order, made).source) == "SO" + clock.month_key(clock.now()) + "-0001"
    remove(made)
    with work_as("manager") as work:
        trash.restore(work, orders, made)
    assert load(Order, made).source_id == original


def test_a_purged_source_breaks_nothing(app, customer, work_as):
    """Trash: purging empties the reference; the history keeps the number."""
    original = make_order(customer)
    made = copy(work_as, original)
    version = load(Order, made).version
    purge(original)
    found = load(Order, made)
    assert (found.source, found.source_id, found.version) == (None, None, version)
    with work_as("clerk") as work:
        order = orders.get(work.session, work.actor, made, "edit")
        row = ChildRow("lines-0", order.lines[0].id, {"quantity": 5})
        orders.update(work, order, {"lines": [row]}, version=version)
    entry = created(made)
    assert entry.changes["source"][1]["text"].endswith("-0001")


def test_source_and_copy_may_go_together(app, customer, work_as):
    """Trash: whichever is purged first."""
    original = make_order(customer)
    made = copy(work_as, original)
    remove(made)
    purge_all = timedelta(days=31)
    remove(original)
    with work_for(SYSTEM) as work:
        work.session.execute(update(TrashEntry).values(deleted_at=work.now - purge_all))
        assert trash.purge(work) == 2
    assert load(Order, original) is load(Order, made) is None
