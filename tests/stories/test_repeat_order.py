"""The box trade's daily case: the same boxes again."""

from datetime import timedelta

import pytest

from app.core import clock
from app.models.order import Order
from tests.factories.making import load
from tests.stories import hands
from tests.stories.conftest import id_in
from tests.stories.world import furnish

pytestmark = pytest.mark.browser


def test_an_order_is_repeated_with_a_few_clicks(open_page):
    """翻单: from the page of an order to a draft of its own, sums included, and back to the source."""
    world = furnish()
    page = open_page("clerk")
    page.goto(f"/admin/order/details/?id={world.draft}")
    before = hands.shown(page)
    page.get_by_role("link", name="翻单").click()
    page.wait_for_url("**/new/?copy=*")
    due = clock.today() + timedelta(days=14)
    hands.write(page, customer_po="HD-2026-150", delivery_date=due.isoformat())
    assert hands.totals(page)["gross"] == before["amount"]
    hands.write(page, lines__0__quantity="0")
    page.get_by_role("button", name="保存").click()
    page.locator("#problems").wait_for()
    hands.write(page, lines__0__quantity="1000")
    hands.save(page)
    after = hands.shown(page)
    assert (after["amount"], after["status"]) == (before["amount"], "草稿")
    assert after["customer_po"] == "HD-2026-150"
    made = load(Order, id_in(page.url))
    assert made.source_id == world.draft
    page.get_by_role("link", name=after["source"]).click()
    page.wait_for_url(f"**/details/?id={world.draft}")
