"""The main job again, without a mouse: everything can be reached, seen, done and left by keys."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PASSWORD
from tests.factories.customer import make_customers
from tests.stories import hands
from tests.stories.conftest import id_in
from tests.stories.keys import Keys

pytestmark = pytest.mark.browser

NAME = "无锡顺风日化有限公司"
CUSTOMER = {
    "name": NAME,
    "short_name": "顺风",
    "level": "B 级",
    "status": "合作中",
    "tags": "日化",
    "credit_code": "91440101MA5CJQ4N59",
    "phone": "0510-82345566",
    "email": "buy@shunfeng.example",
    "website": "https://shunfeng.example",
    "province": "江苏省",
    "city": "无锡市",
    "district": "滨湖区",
    "address": "太湖大道 7 号",
    "tax_rate": "13",
    "remark": "n e j k x / ? g c：送货前打电话。",
}
PEOPLE = (
    {"name": "钱丽", "title": "采购", "mobile": "13771043322"},
    {"name": "孙强", "title": "仓管", "phone": "0510-82345500"},
)
FIRST = {"description": "牙膏盒 200×50×40", "quantity": "50000", "unit_price": "0.1825"}
PASTED = [
    ("香皂盒 90×60×35", "SF-02", "30,000", "300", "个", "0.1433", "13", "", "3"),
    ("外箱 400×300×250", "SF-03", "800", "8", "只", "4.2050", "13", "", ""),
    ("展示盒 E 瓦", "SF-04", "600", "0", "个", "6.5", "13", "", ""),
    ("刀版费", "", "1", "0", "副", "400", "6", "", ""),
]
TERMS = (NAME, "顺风", "日化", "3322")


def test_the_main_job_by_keyboard(page):
    """The same walk with keys alone, focus seen at every step."""
    make_customers({"name": "昆山甲彩印厂"}, {"name": "昆山乙彩印厂"})
    keys = Keys(page)
    sign_in(keys)
    customer = add_customer(keys)
    find_customer(keys, customer)
    walk_the_list(keys)
    edit_customer(keys)
    order = add_order(keys)
    confirm_order(keys, order)
    export_orders(keys)
    pick_a_row(keys)
    delete_draft(keys)
    delete_contact(keys)
    read_history(keys)


def sign_in(keys: Keys) -> None:
    keys.page.goto("/login")
    assert keys.at("#username")
    keys.type("clerk")
    keys.press("Tab")
    assert keys.at("#password")
    keys.type(PASSWORD)
    keys.go("Enter", leads_to="**/admin/")


def add_customer(keys: Keys) -> int:
    keys.go("g", "c", leads_to="**/admin/customer/")
    keys.go("n", leads_to="**/new/")
    keys.fill(**CUSTOMER)
    assert keys.page.url.endswith("/admin/customer/new/")
    assert keys.page.locator("#remark").input_value() == CUSTOMER["remark"]
    for number, person in enumerate(PEOPLE):
        keys.tab_to("[data-grid=contacts] [data-add]", "Shift+Tab" if number else "Tab")
        keys.press("Enter")
        keys.fill(**{f"contacts-{number}-{key}": text for key, text in person.items()})
    keys.save()
    assert "已保存" in keys.page.locator(".flash").inner_text()
    values = hands.shown(keys.page)
    for name in ("name", "short_name", "level", "status", "address", "remark"):
        assert values[name] == CUSTOMER[name], name
    assert hands.cells(keys.page, "name", "[data-children=contacts]") == ["钱丽", "孙强"]
    return id_in(keys.page.url)


def find_customer(keys: Keys, customer: int) -> None:
    page = keys.page
    for term in TERMS:
        keys.go("g", "c", leads_to="**/admin/customer/")
        keys.press("/")
        assert keys.at("#list-search")
        keys.type(term)
        keys.go("Enter", leads_to="**search=**")
        assert hands.cells(page, "name") == [NAME], term
    for term in TERMS:
        keys.press("Control+k")
        keys.type(term)
        page.locator("#palette-list").get_by_role("option", name=NAME).first.wait_for()
        keys.go("Enter", leads_to="**/details/**")
        assert id_in(page.url) == customer, term


def walk_the_list(keys: Keys) -> None:
    """Rows, selection, dialogs and menus: in, out, and back to where one was."""
    page = keys.page
    keys.go("g", "c", leads_to="**/admin/customer/")
    keys.press("j")
    assert keys.at("#list tbody tr:nth-child(1)")
    keys.press("j", "k", "j")
    assert keys.at("#list tbody tr:nth-child(2)")
    for shortcut, dialog in (("Control+k", "#palette"), ("?", "#help")):
        keys.press(shortcut)
        assert page.locator(dialog).is_visible()
        keys.press("Escape")
        assert not page.locator(dialog).is_visible()
        assert keys.at("#list tbody tr:nth-child(2)"), dialog
    keys.press("/", "Escape")
    assert keys.at("#list tbody tr:nth-child(2)")
    keys.tab_to(".top summary", "Shift+Tab")
    keys.press("Enter", "Tab")
    assert keys.at(".top .pop a")
    keys.press("Escape")
    assert keys.at(".top summary")


def edit_customer(keys: Keys) -> None:
    keys.go("g", "c", leads_to="**/admin/customer/")
    keys.press("j")
    assert hands.cells(keys.page, "name")[0] == NAME
    keys.go("Enter", leads_to="**/details/**")
    keys.go("e", leads_to="**/edit/**")
    keys.fill(level="A 级", remark="月底对账。")
    keys.save()
    values = hands.shown(keys.page)
    assert (values["level"], values["remark"]) == ("A 级", "月底对账。")


def add_order(keys: Keys) -> int:
    page = keys.page
    keys.go("g", "o", leads_to="**/admin/order/")
    keys.go("n", leads_to="**/new/")
    keys.choose("customer", "顺风", NAME)
    keys.fill(customer_po="SF-778")
    keys.choose("contact", "钱", "钱丽")
    keys.fill(delivery_date="2027-01-15", is_urgent="1")
    keys.fill(**{f"lines-0-{key}": text for key, text in FIRST.items()})
    hands.copy(page, PASTED)
    keys.press("Enter")
    assert keys.at("#lines-1-unit_price")
    keys.tab_to("#lines-1-description", "Shift+Tab")
    keys.press("Control+v")
    preview = hands.totals(page)
    keys.press("ArrowDown", "ArrowUp", "ArrowUp")
    assert keys.at("#lines-0-description")
    keys.save()
    values = hands.shown(page)
    assert preview["net"] == values["net_amount"] == "21,088.00"  # 9125 + 4299 + 3364 + 3900 + 400
    assert preview["tax"] == values["tax_amount"] == "2,713.44"
    assert preview["gross"] == values["amount"] == "23,801.44"
    return id_in(page.url)


def confirm_order(keys: Keys, order: int) -> None:
    keys.enter("button[name=action][value=confirm]", leads_to="**/action/")
    keys.check()
    assert keys.at(".ask a"), "the way back has the focus"
    keys.press("Tab")
    keys.go("Enter", leads_to="**/details/**")
    assert (id_in(keys.page.url), hands.shown(keys.page)["status"]) == (order, "已确认")


def export_orders(keys: Keys) -> None:
    keys.go("g", "o", leads_to="**/admin/order/")
    keys.tab_to(".title summary")
    keys.press("Enter")
    keys.tab_to("a[href*='export/csv']")
    with keys.page.expect_download() as waiting:
        keys.page.keyboard.press("Enter")
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    assert [row["客户名称"] for row in csv.DictReader(StringIO(text))] == [NAME]


def pick_a_row(keys: Keys) -> None:
    page = keys.page
    keys.press("Escape", "j", "x")
    assert page.locator("[data-picked]").is_visible()
    assert page.locator("#list tr[aria-selected=true]").count() == 1
    keys.press("x")
    assert not page.locator("[data-picked]").is_visible()


def delete_draft(keys: Keys) -> None:
    keys.go("n", leads_to="**/new/")
    keys.choose("customer", "顺风", NAME)
    keys.fill(**{f"lines-0-{key}": text for key, text in FIRST.items()})
    keys.save()
    number = keys.page.locator("h1").inner_text()
    keys.enter("a[href*='/order/delete/']", leads_to="**/delete/**")
    assert keys.at(".ask a")
    assert f"删除订单“{number}”？" in keys.page.locator("h1").inner_text()
    keys.press("Tab")
    keys.go("Enter", leads_to="**/admin/order/")
    assert number not in hands.cells(keys.page, "order_no")


def delete_contact(keys: Keys) -> None:
    keys.press("Control+k")
    keys.type(NAME)
    keys.page.locator("#palette-list").get_by_role("option", name=NAME).first.wait_for()
    keys.go("Enter", leads_to="**/customer/details/**")
    row = keys.page.locator("[data-children=contacts] tr", has_text="孙强")
    keys.enter(
        f"tr[data-id='{row.get_attribute('data-id')}'] .danger", leads_to="**/contact/delete/**"
    )
    assert "相关信息将无法恢复，请确认操作。" in keys.page.locator("main").inner_text()
    keys.press("Tab")
    keys.go("Enter", leads_to="**/admin/contact/")
    assert hands.cells(keys.page, "name") == ["钱丽"]


def read_history(keys: Keys) -> None:
    for place, told in (
        ("c", ("clerk先生 添加", "clerk先生 编辑", "B 级 → A 级")),
        ("o", ("clerk先生 确认", "草稿 → 已确认")),
    ):
        keys.go("g", place, leads_to="**/admin/*/")
        keys.press("j")
        keys.go("Enter", leads_to="**/details/**")
        keys.enter("nav.tabs a[href*=history]", leads_to="**/history/**")
        text: Any = keys.page.locator("main").inner_text()
        assert all(words in text for words in told), text
