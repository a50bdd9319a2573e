"""Reopening an order in the panel: the page lists what stands in the way, with links to what may be opened."""

from unittest.mock import patch

from app.core.errors import Obstacle
from app.core.work import OBJECTIONS
from app.domain.events import OrderReopening
from tests.admin_views.markup import Page
from tests.admin_views.test_actions import DUE, act, done, status
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.order import make_order, make_orders


def test_the_page_says_when_and_by_whom_it_was_shipped(visit):
    """Order life: 409 with the list; nothing changed."""
    order = make_order(make_customer(), delivery_date=DUE)
    writer = visit("clerk")
    for action in ("confirm", "produce", "ship_part"):
        assert done(writer, "order", action, order) == 302
    answer = act(writer, "order", "reopen", order, confirm="1")
    assert answer.status_code == 409
    text = Page(answer.text).text
    assert "不能反审核" in text
    assert "部分发货：20" in text
    assert "clerk先生" in text
    assert "取消订单" not in text  # too late for that, too
    assert status(order) == ["part_shipped"]


def test_one_that_cannot_go_back_keeps_all_of_them(visit):
    """AZ-6: of many, the refused one is named."""
    customer = make_customer()
    first, second = make_orders(
        customer, {"status": "confirmed", "delivery_date": DUE}, {"status": "shipped"}
    )
    answer = act(visit("clerk"), "order", "reopen", first, second, confirm="1")
    assert answer.status_code == 409
    assert "-0002 不能反审核" in answer.text
    assert status(first, second) == ["confirmed", "shipped"]


def test_obstacles_lead_to_their_pages_for_those_who_may_open_them(visit):
    """An obstacle with a record is a link; out of reach, or of a kind without a screen, it is text."""
    mine, theirs = make_customer("sales1"), make_customer("sales3")
    order = make_order(mine, status="confirmed", delivery_date=DUE)
    seen, unseen = make_contact(mine), make_contact(theirs)

    def object_to(_work, _question):
        yield Obstacle("送货单 %(no)s", {"no": "<1>"}, "contact", seen)
        yield Obstacle("送货单 2", {}, "contact", unseen)
        yield Obstacle("发票 3", {}, "invoice", 3)

    with patch.dict(OBJECTIONS, {OrderReopening: (object_to,)}):
        answer = act(visit("clerk"), "order", "reopen", order, confirm="1")
        data = visit("clerk").post(
            "/admin/order/action/",
            {"action": "reopen", "rowid": order, "confirm": "1"},
            headers={"Accept": "application/json"},
        )
    assert answer.status_code == data.status_code == 409
    page = Page(answer.text)
    links = [link for link in page.all("a", href=None) if "/admin/contact/details/" in link["href"]]
    assert [link["href"] for link in links] == [f"/admin/contact/details/?id={seen}"]
    assert "送货单 &lt;1&gt;" in answer.text
    for words in ("送货单 2", "发票 3", "返回订单，取消订单"):
        assert words in answer.text
    assert status(order) == ["confirmed"]


def test_shipping_in_parts_needs_the_permission_to_ship(visit):
    """Order life: ship_part is shipping: who may not ship neither sees nor sends it; bulk is all or none."""
    customer = make_customer("sales1")
    one, two, three = make_orders(
        customer, {"status": "producing"}, {"status": "producing"}, {"status": "confirmed"}
    )
    writer = visit("clerk")
    assert 'value="ship_part"' in writer.get(f"/admin/order/details/?id={one}").text
    assert 'value="ship_part"' not in writer.get(f"/admin/order/details/?id={three}").text
    assert 'value="ship_part"' in writer.get("/admin/order/").text
    sales = visit("sales1")
    assert 'value="ship_part"' not in sales.get(f"/admin/order/details/?id={one}").text
    assert done(sales, "order", "ship_part", one) == 403
    assert done(writer, "order", "ship_part", one, two, three) == 409
    assert done(writer, "order", "ship_part", one, two) == 302
    assert status(one, two, three) == ["part_shipped", "part_shipped", "confirmed"]
    history = writer.get(f"/admin/order/history/?id={one}").text
    assert "部分发货" in history
    assert "ship_part" not in history
