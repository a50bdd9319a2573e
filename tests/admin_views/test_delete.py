"""Deleting: always asked first, on the server; blocked with the list of what stands in the way."""

import pytest

from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from tests.admin_views.markup import List
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import make_order


def path(entity, one):
    return f"/admin/{entity}/delete/?id={one}"


def test_deleting_is_asked_first(visit):
    """delete/: GET is a confirmation page that names what goes; POST without confirm is the same page."""
    one = make_customer(name="恒达纸品")
    make_contact(one)
    writer = visit("manager")
    page = writer.get(path("customer", one))
    assert page.status_code == 200
    assert "删除客户“恒达纸品”？" in page.text
    assert "1 个联系人" in page.text
    for values in ({}, {"confirm": "0"}, {"confirm": ""}, {"confirm": "yes"}):
        again = writer.post(path("customer", one), {"id": one, "version": 1, **values})
        assert again.status_code == 200
        assert "删除客户“恒达纸品”？" in again.text
    assert load(Customer, one).deleted_at is None


def test_the_confirmation_form_carries_everything(visit):
    """delete/: the page is a form with id, version and a button confirm=1; sending it leads to the list."""
    one = make_customer()
    writer = visit("manager")
    form = writer.form(path("customer", one))
    assert (form["id"], form["version"]) == (str(one), "1")
    answer = writer.post("/admin/customer/delete/", {**form, "confirm": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/customer/")
    page = List(writer.get("/admin/customer/").text)
    assert page.ids == []
    assert page.flashes[0][0] == "success"


def test_what_is_in_the_trash_is_missing_everywhere(visit):
    """Records in the trash are 404 everywhere but in /admin/trash/."""
    one = make_customer(name="恒达纸品")
    person, order = make_contact(one), make_order(one)
    writer = visit("manager")
    assert writer.submit(path("order", order), confirm="1").status_code == 302
    assert writer.submit(path("customer", one), confirm="1").status_code == 302
    for entity, key in (("customer", one), ("contact", person), ("order", order)):
        for page in ("details", "history", "edit", "delete"):
            assert writer.get(f"/admin/{entity}/{page}/?id={key}").status_code == 404, (
                entity,
                page,
            )
        data = writer.json(f"/admin/{entity}/")
        assert (data["rows"], data["count"]) == ([], 0)
        assert writer.get(f"/admin/{entity}/export/csv/").text.count("\r\n") == 1
    assert writer.get("/admin/order/ajax/lookup/?name=customer").get_json() == []
    assert writer.get("/admin/search/?q=恒达&format=json").get_json() == []


def test_a_contact_goes_for_good_and_says_so(visit):
    """Deleting: 相关信息将无法恢复，请确认操作。 with the button 确定; no table keeps the number."""
    from sqlalchemy import select

    from app.core.db import db
    from app.models.base import Base

    one = make_customer()
    person = make_contact(one, name="王工程师", mobile="13812345678", remark="密")
    writer = visit("manager")
    page = writer.get(path("contact", person)).text
    assert "相关信息将无法恢复，请确认操作。" in page
    assert "确定" in page
    assert writer.submit(path("contact", person), confirm="1").status_code == 302
    assert load(Contact, person) is None
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert "13812345678" not in str(row), table.name
    history = writer.json(f"/admin/customer/details/?id={one}")
    assert history["children"]["contacts"] == []


def test_a_customer_with_orders_stays_and_the_page_lists_them(visit):
    """Deleting: blocked is 409 with the list of what blocks, on GET and POST."""
    one = make_customer()
    make_order(one)
    number = visit("manager").json("/admin/order/")["rows"][0]["order_no"]
    writer = visit("manager")
    for answer in (
        writer.get(path("customer", one)),
        writer.post(path("customer", one), {"id": one, "version": "2", "confirm": "1"}),
    ):
        assert answer.status_code == 409
        assert "不能删除：还有 1 张订单。" in answer.text
        assert number in answer.text
    assert load(Customer, one).deleted_at is None


@pytest.mark.parametrize(
    ("status", "goes"),
    [
        ("draft", True),
        ("cancelled", True),
        ("confirmed", False),
        ("shipped", False),
        ("completed", False),
    ],
)
def test_only_drafts_and_cancelled_orders_are_deleted(visit, status, goes):
    """Order life: anything else says why not and offers to cancel, where that is possible."""
    order = make_order(make_customer(), status=status)
    writer = visit("manager")
    version = str(load(Order, order).version)
    answer = writer.post(path("order", order), {"id": order, "version": version, "confirm": "1"})
    assert answer.status_code == (302 if goes else 409)
    assert (load(Order, order).deleted_at is not None) == goes
    if status == "confirmed":
        assert "可以取消订单" in answer.text


@pytest.mark.parametrize("version", ["", "0", "1", "99", "x", str(10**30)])
def test_a_stale_version_is_409(visit, version):
    """REL-1: whoever confirms what somebody changed meanwhile deletes nothing."""
    one = make_customer()
    change(Customer, one, city="苏州市")
    answer = visit("manager").post(
        path("customer", one), {"id": one, "version": version, "confirm": "1"}
    )
    assert answer.status_code == 409
    assert load(Customer, one).deleted_at is None


def test_get_never_deletes(visit):
    """CSRF-2: GET with confirm=1 is the question, not the deed."""
    one = make_customer()
    writer = visit("manager")
    assert writer.get(path("customer", one) + "&confirm=1&version=1").status_code == 200
    assert load(Customer, one).deleted_at is None


def test_deleting_is_judged_in_the_promised_order(visit):
    """Answers in order: 400 without a token, 403 without the verb, 404 foreign, 409 stale."""
    mine, foreign = make_customer("sales1"), make_customer("sales3")
    sales, reader, clerk = visit("sales1"), visit("viewer"), visit("clerk")
    for one in (mine, foreign, 999_999):
        for who in (reader, clerk, visit("finance")):
            assert who.post(path("customer", one), {"id": one, "confirm": "1"}).status_code == 403
            assert who.get(path("customer", one)).status_code == 403
    for one in (foreign, 999_999):
        answer = sales.post(path("customer", one), {"id": one, "confirm": "1", "version": "9"})
        assert answer.status_code == 404
        assert "记录不存在或您无权查看。" in answer.text
    assert (
        sales.post(path("customer", mine), {"id": mine, "version": "9", "confirm": "1"}).status_code
        == 409
    )
    bare = sales.browser.post(
        path("customer", mine), data={"id": mine, "version": "1", "confirm": "1"}
    )
    assert bare.status_code == 400
    assert load(Customer, mine).deleted_at is None


def test_the_id_of_the_form_decides(visit):
    """AZ-3: an id in the form that is foreign is 404, whatever the address says."""
    mine, foreign = make_customer("sales1"), make_customer("sales3")
    sales = visit("sales1")
    answer = sales.post(path("customer", mine), {"id": foreign, "version": "1", "confirm": "1"})
    assert answer.status_code == 404
    assert load(Customer, foreign).deleted_at is None
    assert load(Customer, mine).deleted_at is None


def test_deleting_twice_is_missing(visit):
    """Deleting: the second of two equal requests finds nothing any more."""
    one = make_customer()
    writer = visit("manager")
    form = {**writer.form(path("customer", one)), "confirm": "1"}
    assert writer.post(path("customer", one), form).status_code == 302
    assert writer.post(path("customer", one), form).status_code == 404
