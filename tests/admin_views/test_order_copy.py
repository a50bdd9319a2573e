"""A repeat order in the panel: the link, the form it opens, and what survives until it is saved."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.order import Order
from app.models.role import Role
from app.services.order import orders
from tests.admin_views.markup import Page
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line, make_order
from tests.visitor import fields_of

OLD = clock.today() - timedelta(days=40)


def new(original):
    """Return the address of the form that repeats *original*."""
    return f"/admin/order/new/?copy={original}"


def details(order):
    return f"/admin/order/details/?id={order}"


def made_by(answer):
    """Return the id of the order that a saved form led to."""
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].rpartition("=")[2])


def told(answer):
    """Return the fields that carry a message."""
    return [cell["data-field"] for cell in Page(answer.text).all("span", data_field=None)]


def number_of_orders():
    db.session.remove()
    return db.session.query(Order).count()


def source_shown(visitor, order):
    """Return how the page of *order* shows its source: (text, address)."""
    cell = next(Page(visitor.get(details(order)).text).all("dd", data_field="source"), None)
    link = cell and next(cell.all("a"), None)
    return (cell.text if cell else None), (link["href"] if link else None)


@pytest.fixture
def original(app):
    """An order of sales1 that went its way, with all there is to repeat and to leave."""
    customer = make_customer("sales1")
    return make_order(
        customer,
        contact=make_contact(customer),
        customer_po="PO-9",
        delivery_address="金枫路 1 号",
        order_date=OLD,
        delivery_date=OLD + timedelta(days=10),
        deposit=Decimal(100),
        is_urgent=True,
        remark="同上次",
        status="completed",
        lines=[line(0, spare_quantity=30), line(1, description="隔板", tolerance=Decimal(5))],
    )


def test_the_form_begins_with_what_repeats(visit, original):
    found = load(Order, original)
    filled = visit("sales1").form(new(original))
    expected = {
        "customer": str(found.customer_id),
        "contact": str(found.contact_id),
        "customer_po": "",
        "delivery_address": "金枫路 1 号",
        "order_date": clock.today().isoformat(),
        "delivery_date": "",
        "currency": "CNY",
        "deposit": "0",
        "remark": "同上次",
        "lines-0-description": "彩盒 180×100×60",
        "lines-0-quantity": "1000",
        "lines-0-spare_quantity": "30",
        "lines-0-unit_price": "1.0134",
        "lines-0-tax_rate": "13",
        "lines-0-delivery_date": "",
        "lines-1-description": "隔板",
        "lines-1-tolerance": "5",
    }
    assert {name: filled.get(name) for name in expected} == expected
    assert not {"is_urgent", "status", "source", "lines-0-id"} & set(filled)


def test_saving_makes_a_draft_that_knows_its_source(visit, original):
    """Once, however often the same form is sent; even when the source has gone meanwhile."""
    writer = visit("sales1")
    before = load(Order, original)
    filled = writer.form(new(original))
    made = made_by(writer.post(new(original), filled))
    assert made_by(writer.post(new(original), filled)) == made
    change(Order, original, deleted_at=clock.now())
    assert made_by(writer.post(new(original), filled)) == made
    found = load(Order, made)
    assert (found.source_id, found.status, found.amount) == (original, "draft", before.amount)
    assert (found.customer_po, found.delivery_date, found.is_urgent) == (None, None, False)
    assert [one.description for one in found.lines] == ["彩盒 180×100×60", "隔板"]
    assert number_of_orders() == 2


def test_what_was_typed_outlives_its_source(visit, original):
    """Answers: the source is gone when the form comes: 404 with all that was typed, to be saved as new."""
    writer = visit("sales1")
    filled = {**writer.form(new(original)), "remark": "刚打好的字"}
    change(Order, original, deleted_at=clock.now())
    answer = writer.post(new(original), filled)
    assert (answer.status_code, "再次保存即作为新记录" in answer.text) == (404, True)
    page = Page(answer.text)
    assert page.one(id="record-form")["action"] == "/admin/order/new/"
    again = fields_of(answer.text)
    assert (again["remark"], again["lines-1-description"]) == ("刚打好的字", "隔板")
    made = made_by(writer.post("/admin/order/new/", again))
    assert load(Order, made).source_id is None
    assert writer.get(new(original)).status_code == 404


def test_errors_keep_the_copy(visit, original):
    """The form comes back with what was typed, the names of what was chosen, and still repeats."""
    writer = visit("sales1")
    filled = {**writer.form(new(original)), "lines-0-quantity": "0", "remark": "改"}
    answer = writer.post(new(original), filled)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.one(id="record-form")["action"] == ""  # to where it stands, copy and all
    again = fields_of(answer.text)
    assert (again["lines-0-quantity"], again["remark"]) == ("0", "改")
    assert again["lines-2-description"] == ""  # the empty row for browsers without scripts
    found = load(Order, original)
    for name in (str(found.customer), str(found.contact)):
        assert name in answer.text
    made = made_by(writer.post(new(original), {**again, "lines-0-quantity": "7"}))
    assert load(Order, made).source_id == original
    expired = writer.browser.post(new(original), data={**filled, "csrf_token": "x"})
    assert expired.status_code == 400
    assert fields_of(expired.text)["remark"] == "改"


def test_a_source_comes_from_the_address_alone(visit, original):
    """AZ-9: no field of a form sets it, neither on a new order nor on an old one."""
    writer = visit("sales1")
    plain = {"customer": load(Order, original).customer_id, "order_date": "2026-11-24"}
    for name in ("source", "source_id", "copy"):
        made = made_by(writer.post("/admin/order/new/", {**plain, name: original}))
        assert load(Order, made).source_id is None
    made = made_by(writer.submit(new(original)))
    edit = f"/admin/order/edit/?id={made}"
    assert writer.submit(edit, source="", source_id="", copy="", remark="x").status_code == 302
    assert load(Order, made).source_id == original


@pytest.mark.parametrize("key", ["", "abc", "0", "-1", "1.0", "%00", "999999", "9" * 30, "１"])
def test_what_cannot_be_copied_is_404(visit, original, key):
    """AZ-6: malformed or missing, to look at and to save."""
    writer = visit("clerk")
    filled = writer.form(new(original))
    assert writer.get(new(key)).status_code == 404
    assert writer.post(new(key), filled).status_code == 404
    assert number_of_orders() == 1


def test_a_source_out_of_sight_is_404(visit):
    """AZ-6: asked again when it is saved; a missing permission is 403 whatever the id."""
    mine = make_order(make_customer("sales1"))
    foreign, trashed = make_order(make_customer("sales3")), make_order(make_customer("sales1"))
    change(Order, trashed, deleted_at=clock.now())
    writer = visit("sales1")
    filled = writer.form(new(mine))
    del filled["csrf_token"]
    for original in (foreign, trashed):
        assert writer.get(new(original)).status_code == 404
        assert writer.post(new(original), filled).status_code == 404
    for who in ("finance", "auditor", "viewer"):
        reader = visit(who)
        for key in (mine, 999_999, "abc"):
            assert reader.get(new(key)).status_code == 403
            assert reader.post(new(key), filled).status_code == 403
    assert number_of_orders() == 3


def test_a_customer_one_may_not_choose_is_refused_beside_its_field(visit):
    """AZ-6: a clerk sees all orders, but orders for customers of the department; said at once."""
    customer = make_customer("sales3")
    foreign = make_order(customer, contact=make_contact(customer))
    writer = visit("clerk")
    answer = writer.get(new(foreign))
    assert answer.status_code == 200
    assert told(answer) == ["customer"]
    filled = fields_of(answer.text)
    assert filled["contact"] == ""
    answer = writer.post(new(foreign), filled)
    assert answer.status_code == 422
    assert told(answer) == ["customer"]
    own = make_customer("sales2")
    made = made_by(writer.post(new(foreign), {**filled, "customer": own}))
    assert load(Order, made).source_id == foreign
    assert number_of_orders() == 2


def test_prices_are_not_repeated_unseen(visit, original):
    """AZ-7: who sees no money gets no link, no form and no copy, but the reason."""
    with work_for(SYSTEM) as work:
        work.session.scalars(select(Role).where(Role.name == "sales")).one().hidden = ["money"]
    writer = visit("sales1")
    assert "copy=" not in writer.get(details(original)).text
    for answer in (
        writer.get(new(original)),
        writer.post(new(original), {"customer": load(Order, original).customer_id}),
    ):
        assert answer.status_code == 409
        assert "您看不到“未税单价”，不能照此新建。" in answer.text
        assert "1.0134" not in answer.text
    assert number_of_orders() == 1


def test_the_way_there_is_for_those_who_may(visit, original):
    link = new(original)
    for who, shown in (("sales1", True), ("clerk", True), ("finance", False), ("viewer", False)):
        reader = visit(who)
        for page in (details(original), "/admin/order/"):
            found = [one["href"] for one in Page(reader.get(page).text).all("a", href=None)]
            assert (link in found) == shown, (who, page)
    assert "copy=" not in visit("manager").get("/admin/customer/").text
    customer = load(Order, original).customer_id
    ignored = visit("manager").get(f"/admin/customer/new/?copy={customer}")
    assert ignored.status_code == 200
    assert fields_of(ignored.text)["name"] == ""


def test_a_copy_shows_its_source(visit, original):
    """As a link; as text where it is out of sight or in the trash; not at all once it is gone."""
    writer = visit("sales1")
    made = made_by(writer.submit(new(original)))
    number = load(Order, original).order_no
    assert source_shown(writer, made) == (number, details(original))
    assert source_shown(writer, original) == (None, None)
    found = {row["id"] for row in writer.json(f"/admin/order/?flt_source_eq={original}")["rows"]}
    assert found == {made}
    change(Order, original, customer_id=make_customer("sales3"))
    assert source_shown(writer, made) == (number, None)
    assert writer.json(details(made))["values"]["source"] == {"id": original, "text": number}
    with work_for(SYSTEM) as work:
        gone = orders.get(work.session, work.actor, original)
        gone.status = "cancelled"
        orders.delete(work, gone, version=gone.version)
    assert source_shown(visit("manager"), made) == (number, None)
    with work_for(SYSTEM) as work:
        work.session.delete(work.session.get_one(Order, original))
    assert source_shown(writer, made) == (None, None)


def test_the_title_names_what_is_repeated(visit, original):
    page = visit("sales1").get(new(original)).text
    assert re.search(rf"<h1>翻单 {load(Order, original).order_no}</h1>", page)
