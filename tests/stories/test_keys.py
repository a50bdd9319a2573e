"""Keys in detail: the ring is drawn, single keys are dead where people write, composing is left alone."""

from typing import Any

import pytest

from app.core.work import SYSTEM, work_for
from app.models.user import User
from tests.factories.customer import make_customers
from tests.factories.making import user_id
from tests.stories.keys import LIMIT, Keys
from tests.stories.world import furnish

pytestmark = pytest.mark.browser

BOX = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shown = one.matches("[type=checkbox], [type=radio]") ? one.parentElement : one;
  const { x, y, width, height } = shown.getBoundingClientRect();
  const [left, top] = [Math.max(x - 4, 0), Math.max(y - 4, 0)];
  const name = one.id || `${one.textContent.trim().slice(0, 30)} ${Math.round(x)}/${Math.round(y)}`;
  const [right, bottom] = [Math.min(x + width + 4, innerWidth), Math.min(y + height + 4, innerHeight)];
  return { name, clip: { x: left, y: top, width: right - left, height: bottom - top } };
}"""


@pytest.mark.parametrize(
    "path", ["customer/", "order/edit/?id={0.draft}", "customer/details/?id={0.customer}"]
)
def test_the_ring_is_drawn_at_every_stop(open_page, path):
    """At every stop of Tab the picture differs from the one without the focus; the tour ends."""
    page = open_page("admin", reduced_motion="reduce")
    page.goto(f"/admin/{path}".format(furnish()), wait_until="networkidle")
    names: list[str] = []
    for _ in range(LIMIT):
        page.keyboard.press("Tab")
        stop = page.evaluate(BOX)
        if stop is None:
            break
        if names and stop["name"] == names[-1]:
            continue  # the next part of the same date
        with_ring = page.screenshot(clip=stop["clip"])
        page.evaluate(
            "document.activeElement.setAttribute('data-test', ''); document.activeElement.blur()"
        )
        without = page.screenshot(clip=stop["clip"])
        page.evaluate("document.querySelector('[data-test]').focus({ preventScroll: true })")
        page.evaluate("document.querySelector('[data-test]').removeAttribute('data-test')")
        assert with_ring != without, f"{stop['name']} on {path}"
        names.append(stop["name"])
    else:
        raise AssertionError("Tab never leaves the page")
    assert len(names) > 10


def test_single_keys_are_dead_where_people_write(open_page):
    """Single keys do nothing in fields, dialogs and menus."""
    page = open_page("clerk")
    page.goto("/admin/customer/")
    page.keyboard.press("/")
    page.keyboard.type("ne jkx?gc/")
    assert page.locator("#list-search").input_value() == "ne jkx?gc/"
    assert page.url.endswith("/admin/customer/")
    page.keyboard.press("Control+k")
    page.keyboard.type("n?gc")
    assert page.locator("#palette-input").input_value() == "n?gc"
    assert not page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.url.endswith("/admin/customer/")


def test_single_keys_can_be_switched_off(open_page):
    """WCAG 2.1.4: who switched them off has none; Ctrl K stays."""
    with work_for(SYSTEM) as work:
        work.session.get_one(User, user_id("clerk")).shortcuts = False
    page = open_page("clerk")
    page.goto("/admin/customer/")
    for key in ("n", "?", "g", "c", "/"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement === document.body")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("Control+k")
    assert page.locator("#palette").is_visible()


def compose(page: Any, pinyin: str) -> Any:
    """Begin to compose, as an input method does; return the line to the browser."""
    line = page.context.new_cdp_session(page)
    for end in range(1, len(pinyin) + 1):
        part = {"text": pinyin[:end], "selectionStart": end, "selectionEnd": end}
        line.send("Input.imeSetComposition", part)
    return line


def test_an_input_method_is_left_alone(open_page):
    """IME: nothing is asked before the characters stand; then once."""
    make_customers({"name": "苏州恒达包装有限公司"})
    page = open_page("clerk")
    page.goto("/admin/order/new/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for start, url in (
        (lambda: page.locator("#customer").focus(), "ajax/lookup"),
        (lambda: page.keyboard.press("Control+k"), "search/?q=%"),
    ):
        start()
        asked.clear()
        line = compose(page, "hengda")
        page.wait_for_timeout(400)
        assert [one for one in asked if url in one] == []
        with page.expect_request(lambda request, url=url: url in request.url):
            line.send("Input.insertText", {"text": "恒达"})
        page.get_by_role("option", name="苏州恒达包装有限公司").first.wait_for()
        assert len([one for one in asked if url in one]) == 1


def test_the_drawer_of_a_phone_keeps_the_focus_and_gives_it_back(open_page):
    """On a phone the sidebar is a drawer; Tab stays inside, Esc closes it."""
    page = open_page("clerk", viewport={"width": 360, "height": 780})
    page.goto("/admin/")
    keys = Keys(page)
    keys.tab_to("[data-drawer]")
    page.keyboard.press("Enter")
    inside = "document.activeElement.closest('#side') !== null"
    for _ in range(page.locator("#side a").count() + 2):
        assert page.evaluate(inside)
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert keys.at("[data-drawer]")
    assert not page.locator("#side").is_visible()
