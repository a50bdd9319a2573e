"""Many rows at once: whatever is refused says which row it speaks of, and nobody answers for what was not shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.order import Order
from tests.admin_views.markup import Page
from tests.admin_views.test_actions import act, done, status
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line, make_order, make_orders
from tests.visitor import Visitor

DUE = date(2026, 12, 1)
SOON = 0.5  # seconds in which it would be done if it did not wait
REASON = "老客户，已电话确认"


def worth(amount: str, **values: Any) -> dict[str, Any]:
    """Return an order of exactly *amount*, tax and all."""
    given = line(quantity=1, unit_price=Decimal(amount), tax_rate=Decimal(0))
    return {"lines": [given], "delivery_date": DUE, **values}


def limited(limit: str, **values: Any) -> int:
    return make_customer(credit_limit=Decimal(limit), payment_terms="monthly_30", **values)


def again(writer: Any, answer: Any, **values: Any) -> Any:
    """Send the confirmation page *answer* back, filled in: with everything it carries, and the button."""
    carried: dict[str, list[str]] = {}
    form = Page(answer.text).one("form", action="/admin/order/action/")
    for one in form.all("input", type="hidden"):
        carried.setdefault(one["name"], []).append(one["value"])
    carried.pop("csrf_token")
    return writer.post("/admin/order/action/", {**carried, "confirm": "1", **values})


def name_of(order: int) -> str:
    return str(load(Order, order).order_no)


def last_changes(order: int) -> dict[str, Any]:
    rows = select(Audit).where(Audit.entity == "order", Audit.record_id == order)
    entry = db.session.scalars(rows.order_by(Audit.id.desc())).first()
    assert entry is not None
    return dict(entry.changes)


def test_every_excess_is_shown_before_one_reason_lets_them_pass(visit):
    """Overrides: all orders above their limits are named, each by how much, as if those before had passed."""
    customer = limited("1000")
    first, second = make_orders(customer, worth("1500"), worth("300"))
    fits = make_order(limited("1000", name="宽裕包装"), **worth("10"))
    writer = visit("manager")
    answer = act(writer, "order", "confirm", first, second, fits, confirm="1")
    assert answer.status_code == 422
    items = [item.text for item in Page(answer.text).all("li") if "信用额度" in item.text]
    assert [name_of(one) in text for one, text in zip((first, second), items, strict=True)] == [
        True,
        True,
    ]
    assert "500.00" in items[0]
    assert "800.00" in items[1]
    assert name_of(fits) not in "".join(items)
    assert status(first, second, fits) == ["draft"] * 3
    assert again(writer, answer, credit_reason=REASON).status_code == 302
    assert status(first, second, fits) == ["confirmed"] * 3
    assert [last_changes(one).get("credit_reason") for one in (first, second, fits)] == [
        [None, REASON],
        [None, REASON],
        None,
    ]


@pytest.mark.parametrize("shown", [0, 1])
def test_a_reason_counts_only_for_what_was_shown(visit, shown):
    """Overrides: a reason sent along unasked, or after a shorter list, lets nothing pass."""
    first, second = make_orders(limited("1000"), worth("1500"), worth("300"))
    writer = visit("manager")
    seen = {"excused": [f"credit_reason-{first}"]} if shown else {}
    answer = act(
        writer, "order", "confirm", first, second, confirm="1", credit_reason=REASON, **seen
    )
    assert answer.status_code == 422
    for one in (first, second):
        assert name_of(one) in "".join(item.text for item in Page(answer.text).all("li"))
    assert status(first, second) == ["draft", "draft"]
    assert again(writer, answer, credit_reason=REASON).status_code == 302


def test_a_single_reason_is_asked_for_first(visit):
    """Overrides: one order alone is no exception."""
    order = make_order(limited("1000"), **worth("1500"))
    writer = visit("manager")
    assert done(writer, "order", "confirm", order, credit_reason=REASON) == 422
    assert status(order) == ["draft"]


def test_reasons_for_nothing_are_not_kept(visit):
    """AUD-1: the history has no reason for an exception that never was, whatever the form sent along."""
    order = make_order(make_customer(), delivery_date=DUE)
    writer = visit("manager")
    extra = {"credit_reason": REASON, "customer_po_confirm": "y", "reason": "随便"}
    extra["excused"] = f"credit_reason-{order}"
    assert done(writer, "order", "confirm", order, **extra) == 302
    assert set(last_changes(order)) == {"status"}


def test_a_refusal_names_the_row_it_speaks_of(visit):
    """action/: of several rows, whatever is wrong begins with the name of the row; all of it at once."""
    customer = make_customer()
    good, undated, bare = make_orders(
        customer, {"delivery_date": DUE}, {}, {"lines": [], "delivery_date": DUE}
    )
    writer = visit("clerk")
    answer = act(writer, "order", "confirm", good, undated, bare, confirm="1")
    assert answer.status_code == 422
    texts = [item.text for item in Page(answer.text).all("li")]
    for one, message in (
        (undated, "确认订单前请填写交货日期。"),
        (bare, "订单至少要有一行明细。"),
    ):
        assert any(name_of(one) in text and message in text for text in texts), texts
    shipped = make_order(customer, status="shipped")
    answer = act(writer, "order", "confirm", good, undated, shipped, confirm="1")
    assert answer.status_code == 409
    assert name_of(shipped) in answer.text
    assert name_of(good) not in answer.text


def test_a_missing_answer_is_said_once(visit):
    """action/: what is wrong with the answer itself stands beside the input, not once per row."""
    ids = make_orders(make_customer(), {}, {}, {})
    answer = act(visit("clerk"), "order", "cancel", *ids, confirm="1")
    page = Page(answer.text)
    assert (answer.status_code, list(page.errors)) == (422, ["reason"])
    assert not [item.text for item in page.all("li") if "原因" in item.text]


def test_what_moved_on_since_it_was_seen_is_asked_again(visit):
    """REL-2: page and confirmation carry the version; what somebody else changed meanwhile is 409."""
    order, other = make_orders(make_customer(), {"delivery_date": DUE}, {"delivery_date": DUE})
    writer = visit("clerk")
    version = load(Order, order).version
    asked = act(writer, "order", "confirm", order, version=str(version))
    assert asked.status_code == 200
    change(Order, order, remark="改过了")
    stale = again(writer, asked)
    assert (stale.status_code, name_of(order) in stale.text) == (409, True)
    assert "已被他人修改" in stale.text
    assert act(writer, "order", "confirm", order, version=str(version)).status_code == 409
    assert status(order) == ["draft"]
    both = act(writer, "order", "confirm", order, other)
    assert again(writer, both).status_code == 302
    assert status(order, other) == ["confirmed", "confirmed"]


def test_many_orders_are_confirmed_without_deadlock(app):
    """REL-2: customers are locked by their own number, not by that of the orders; who waits holds none."""
    red, blue = limited("1000", name="红星包装"), limited("1000", name="蓝天包装")
    first, second = make_order(blue, **worth("1")), make_order(red, **worth("1"))
    writer = Visitor(app, "manager")
    values = {"csrf_token": writer.token, "action": "confirm", "confirm": "1"}
    db.session.remove()

    def confirm() -> int:
        data = {**values, "rowid": [first, second]}
        return int(writer.browser.post("/admin/order/action/", data=data).status_code)

    with ThreadPoolExecutor(1) as threads:
        with work_for(SYSTEM) as work:
            lock = select(Customer.id).with_for_update(key_share=True)
            work.session.execute(lock.where(Customer.id == red))
            waiting = threads.submit(confirm)
            with pytest.raises(TimeoutError):
                waiting.result(SOON)
            work.session.execute(lock.where(Customer.id == blue))
        assert waiting.result(20) == 302
    assert status(first, second) == ["confirmed", "confirmed"]
