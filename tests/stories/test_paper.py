"""What comes out of the printer: the record and nothing of the screen around it."""

import pytest

from tests.stories.world import NAME, furnish

pytestmark = pytest.mark.browser

CHROME = (".side", ".top", ".toolbar", ".pager", ".acts", ".buttons", ".dock", "dialog")


def on_paper(page, selector):
    """Tell whether anything that matches *selector* would be printed."""
    return any(one.is_visible() for one in page.locator(selector).all())


@pytest.mark.parametrize(
    "path",
    [
        "/admin/order/",
        "/admin/order/details/?id={0.draft}",
        "/admin/customer/details/?id={0.customer}",
    ],
)
def test_pages_print_without_the_screen_around_them(open_page, path):
    """Print: no navigation, no controls; heads repeat; black on white also in the dark."""
    page = open_page("clerk", color_scheme="dark")
    page.goto(path.format(furnish()))
    page.emulate_media(media="print", color_scheme="dark")
    assert [part for part in CHROME if on_paper(page, part)] == []
    assert (
        page.locator("thead").first.evaluate("(one) => getComputedStyle(one).display")
        == "table-header-group"
    )
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert NAME in page.locator("main").inner_text()
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize(("who", "price"), [("clerk", True), ("viewer", False)])
def test_the_contract_holds_what_is_signed(open_page, who, price):
    """Totals and 大写 on paper; prices only for those who may see them."""
    page = open_page(who)
    page.goto(f"/admin/order/print/?id={furnish().draft}&kind=contract")
    page.emulate_media(media="print")
    text = page.locator("body").inner_text()
    assert NAME in text
    assert "彩盒 180×100×60 双插 E 瓦" in text
    for part in ("17,177.13", "壹万柒仟壹佰柒拾柒元壹角叁分", "1.0134"):
        assert (part in text) is price, part
    page.set_viewport_size({"width": 680, "height": 1000})  # A4 without its margins
    columns = page.locator(".particulars").evaluate(
        "(one) => getComputedStyle(one).gridTemplateColumns"
    )
    assert len(columns.split()) == 2
    assert page.pdf(format="A4").startswith(b"%PDF")
