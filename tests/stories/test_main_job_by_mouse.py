"""The main job on real input, as the order clerk does it with the mouse, from the door to the history."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PASSWORD
from tests.stories import hands
from tests.stories.conftest import id_in

pytestmark = pytest.mark.browser

NAME = "苏州锦绣食品有限公司"
CUSTOMER = {
    "name": NAME,
    "short_name": "锦绣",
    "level": "B 级",
    "status": "合作中",
    "tags": "食品,月饼盒",
    "credit_code": "91320594MA1234567R",
    "phone": "0512-65438877",
    "email": "buy@jinxiu.example",
    "website": "https://jinxiu.example",
    "province": "江苏省",
    "city": "苏州市",
    "district": "吴中区",
    "address": "东吴南路 88 号",
    "tax_rate": "13",
    "remark": "送货前一天电话通知。",
}
PEOPLE = (
    {"name": "周敏", "title": "采购", "department": "采购部", "mobile": "13962187766"},
    {"name": "吴刚", "title": "仓管", "phone": "0512-65438800", "email": "wugang@jinxiu.example"},
)
ADDRESS = {
    "name": "一号仓",
    "contact_name": "吴刚",
    "phone": "0512-65438800",
    "address": "东吴南路 88 号后门",
}
TITLE = {"title": NAME, "tax_no": "91320594MA1234567R", "bank_name": "工行吴中支行"}
FIRST = {"description": "月饼盒 300×300×80", "quantity": "1200", "unit_price": "3.8765"}
#: description, item number, quantity, spare, unit, price, tax, delivery, tolerance – as Excel copies them
PASTED = [
    ("天地盖 250×180×60", "JX-02", "3,000", "30", "套", "2.4500", "13", "", "5"),
    ("手提袋 320×250×100", "JX-03", "10000", "0", "个", "0.6789", "13", "", ""),
    ("内衬 E 瓦 290×290", "JX-04", "1,200", "0", "片", "0.1", "13", "", ""),
    ("运费", "", "1", "0", "次", "350", "9", "", ""),
]
TERMS = (NAME, "锦绣", "食品", "7766", "8877")


@pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)
def test_the_main_job_by_mouse(house, page, open_page):
    """Customer, search, order, confirm, export, delete and history, by mouse."""
    hands.sign_in(page, "clerk", PASSWORD)
    customer = add_customer(page)
    find_customer(page, customer)
    edit_customer(page)
    order = add_order(page)
    confirm_order(page, order)
    export_orders(page, order)
    delete_draft(page)
    delete_contact(page, customer)
    read_history(page, customer, order)
    read_audit(open_page("auditor"))


def add_customer(page: Any) -> int:
    hands.menu(page, "customer")
    page.get_by_role("link", name="添加客户", exact=True).first.click()
    hands.write(page, **CUSTOMER)
    for name in ("source", "industry"):
        page.locator(f'[name="{name}"]').select_option(index=1)
    for number, person in enumerate(PEOPLE):
        hands.add_row(page, "contacts")
        hands.write(page, **{f"contacts-{number}-{key}": text for key, text in person.items()})
    page.locator('[name="contacts-0-is_primary"]').check()
    hands.add_row(page, "addresses")
    hands.write(page, **{f"addresses-0-{key}": text for key, text in ADDRESS.items()})
    hands.add_row(page, "invoice_titles")
    hands.write(page, **{f"invoice_titles-0-{key}": text for key, text in TITLE.items()})
    hands.add_row(page, "team")
    hands.choose(page, "team-0-user", "sales2", "sales2")
    hands.save(page)
    assert "已保存" in page.locator(".flash").inner_text()
    values = hands.shown(page)
    for name in ("name", "short_name", "level", "status", "email", "website", "address", "remark"):
        assert values[name] == CUSTOMER[name], name
    assert values["phone"] == "0512-65438877"
    assert values["source"] not in ("", "—")
    assert hands.cells(page, "name", "[data-children=contacts]") == ["周敏", "吴刚"]
    assert hands.cells(page, "name", "[data-children=addresses]") == ["一号仓"]
    assert hands.cells(page, "title", "[data-children=invoice_titles]") == [NAME]
    assert hands.cells(page, "user", "[data-children=team]") == ["sales2先生"]
    return id_in(page.url)


def find_customer(page: Any, customer: int) -> None:
    """By the list's own search, and by the one above every page."""
    for term in TERMS:
        hands.menu(page, "customer")
        page.get_by_label("搜索本列表").click()
        page.keyboard.type(term)
        page.keyboard.press("Enter")
        page.wait_for_url("**search=**")
        assert hands.cells(page, "name") == [NAME], term
    for term in TERMS:
        page.locator("[data-palette-open]").click()
        page.keyboard.type(term)
        page.locator("#palette-list").get_by_role("option", name=NAME).first.click()
        page.wait_for_url("**/details/**")
        assert id_in(page.url) == customer
        assert page.locator("h1").inner_text() == NAME


def edit_customer(page: Any) -> None:
    page.get_by_role("link", name="编辑", exact=True).click()
    hands.write(page, level="A 级", remark="送货前一天电话通知。月底对账。")
    hands.save(page)
    values = hands.shown(page)
    assert (values["level"], values["remark"]) == ("A 级", "送货前一天电话通知。月底对账。")


def add_order(page: Any) -> int:
    hands.menu(page, "order")
    page.get_by_role("link", name="新建订单", exact=True).first.click()
    hands.choose(page, "customer", "锦绣", NAME)
    hands.choose(page, "contact", "周", "周敏")
    hands.write(page, customer_po="JX-PO-1", delivery_date="2027-01-15", is_urgent="1")
    hands.write(page, **{f"lines-0-{key}": text for key, text in FIRST.items()})
    hands.add_row(page, "lines")
    hands.copy(page, PASTED)
    page.locator('[name="lines-1-description"]').click()
    page.keyboard.press("Control+v")
    preview = hands.totals(page)
    assert preview["quantity"] == "15,401"
    assert page.locator("[data-gross]").first.inner_text() == "5,256.53"
    hands.save(page)
    values = hands.shown(page)
    assert (
        preview["net"] == values["net_amount"] == "19,260.80"
    )  # 4651.80 + 7350 + 6789 + 120 + 350
    assert preview["tax"] == values["tax_amount"] == "2,489.90"
    assert preview["gross"] == values["amount"] == "21,750.70"
    assert len(hands.cells(page, "description", "[data-children=lines]")) == 5
    return id_in(page.url)


def confirm_order(page: Any, order: int) -> None:
    assert hands.shown(page)["status"] == "草稿"
    page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_url("**/action/")
    assert "确认后明细将锁定。" in page.locator("main").inner_text()
    page.get_by_role("button", name="确定", exact=True).click()
    page.wait_for_url("**/details/**")
    assert id_in(page.url) == order
    assert hands.shown(page)["status"] == "已确认"


def export_orders(page: Any, order: int) -> None:
    hands.menu(page, "order")
    number = hands.cells(page, "order_no")[0]
    page.get_by_text("导出", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename.startswith("订单_")
    raw = Path(waiting.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    (row,) = csv.DictReader(StringIO(raw.decode("utf-8-sig"), newline=""))
    assert (row["订单编号"], row["客户名称"], row["订单金额"]) == (number, NAME, "21750.70")
    assert (row["交货日期"], row["客户单号"]) == ("2027-01-15", "JX-PO-1")


def delete_draft(page: Any) -> None:
    page.get_by_role("link", name="新建订单", exact=True).first.click()
    hands.choose(page, "customer", "锦绣", NAME)
    hands.write(page, **{f"lines-0-{key}": text for key, text in FIRST.items()})
    hands.save(page)
    number = page.locator("h1").inner_text()
    page.get_by_role("link", name="删除", exact=True).click()
    page.wait_for_url("**/delete/**")
    assert page.locator("h1").inner_text() == f"删除订单“{number}”？"
    assert "订单和它的 1 行明细将移入回收站，30 天内可以恢复。" in page.locator("main").inner_text()
    assert page.get_by_role("link", name="取消", exact=True).evaluate(
        "(a) => a === document.activeElement"
    )
    page.get_by_role("link", name="取消", exact=True).click()
    assert page.locator("h1").inner_text() == number
    page.get_by_role("link", name="删除", exact=True).click()
    page.get_by_role("button", name="确定", exact=True).click()
    page.wait_for_url("**/admin/order/")
    assert number not in hands.cells(page, "order_no")


def delete_contact(page: Any, customer: int) -> None:
    page.goto(f"/admin/customer/details/?id={customer}")
    row = page.locator("[data-children=contacts] tr", has_text="吴刚")
    row.get_by_role("link", name="删除").click()
    page.wait_for_url("**/admin/contact/delete/**")
    assert page.locator("h1").inner_text() == "删除联系人“吴刚”？"
    assert "相关信息将无法恢复，请确认操作。" in page.locator("main").inner_text()
    page.get_by_role("button", name="确定", exact=True).click()
    page.wait_for_url("**/admin/contact/")
    assert hands.cells(page, "name") == ["周敏"]


def read_history(page: Any, customer: int, order: int) -> None:
    page.goto(f"/admin/customer/details/?id={customer}")
    told = hands.open_history(page)
    for words in ("clerk先生 添加", NAME, "clerk先生 编辑", "B 级 → A 级", "月底对账。"):
        assert words in told, words
    page.goto(f"/admin/order/details/?id={order}")
    told = hands.open_history(page)
    for words in ("clerk先生 添加", "月饼盒 300×300×80", "clerk先生 确认", "草稿 → 已确认"):
        assert words in told, words


def read_audit(page: Any) -> None:
    """What was deleted has no page any more; the audit remembers who did it."""
    for action in ("order.delete", "contact.delete"):
        page.goto(f"/admin/audit/?flt_action_eq={action}")
        assert hands.cells(page, "actor") == ["clerk先生"], action
