"""Nobody loses typing: two editors, an ended session, a dead line, a careless click."""

import pytest

from app.models.customer import Customer
from tests.conftest import PASSWORD
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.stories import hands

pytestmark = pytest.mark.browser

TYPED = "送货前一天电话通知。"


@pytest.fixture
def customer(app):
    return make_customer(name="苏州恒达包装有限公司", remark="月底对账。")


def edit(page, customer, remark=TYPED):
    page.goto(f"/admin/customer/edit/?id={customer}")
    hands.write(page, remark=remark)


def save(page):
    page.get_by_role("button", name="保存").click()


def test_two_people_edit_the_same_customer(open_page, customer):
    """The second sees what was before, theirs and mine, chooses, and saves the choice."""
    first, second = open_page("clerk"), open_page("sales1")
    edit(first, customer, "对方写的备注")
    edit(second, customer)
    hands.write(second, city="苏州市")
    hands.save(first)
    save(second)
    second.locator("table.three").wait_for()
    row = second.locator("table.three tr", has_text="备注").inner_text()
    for words in ("月底对账。", "对方写的备注", TYPED):
        assert words in row
    second.locator("table.three tr", has_text="备注").get_by_label("我的").check()
    second.get_by_role("button", name="按所选保存").click()
    second.wait_for_url("**/details/**")
    assert hands.shown(second)["remark"] == TYPED
    assert hands.shown(second)["city"] == "苏州市"


def test_the_session_ends_while_somebody_writes(open_page, customer):
    """The page stays as it is, one signs in in a new tab, and saves."""
    page = open_page("clerk")
    edit(page, customer)
    page.context.clear_cookies()
    save(page)
    toast = page.locator("#toasts .flash")
    assert "登录已过期，请重新登录，填写的内容仍在本页。" in toast.inner_text()
    assert page.locator('[name="remark"]').input_value() == TYPED
    with page.context.expect_page() as opening:
        toast.get_by_role("link", name="登录").click()
    door = opening.value
    door.get_by_label("用户名").fill("clerk")
    door.get_by_label("密码", exact=True).fill(PASSWORD)
    door.get_by_role("button", name="登录", exact=True).click()
    door.wait_for_url("**/admin/")
    save(page)
    page.wait_for_load_state()
    if "/details/" not in page.url:  # the page's token was of the old session: once more
        page.locator("#problems").wait_for()
        assert page.locator('[name="remark"]').input_value() == TYPED
        save(page)
    page.wait_for_url("**/details/**")
    assert hands.shown(page)["remark"] == TYPED


def test_the_line_is_dead(open_page, customer):
    """Saving without a network says so and keeps the page; later it saves."""
    page = open_page("clerk")
    edit(page, customer)
    page.context.set_offline(True)
    save(page)
    assert "网络已断开，恢复后再保存。" in page.locator("#toasts .flash").inner_text()
    page.watch.complaints.clear()  # the browser has noticed the dead line, too
    page.context.set_offline(False)
    hands.save(page)
    assert hands.shown(page)["remark"] == TYPED


def test_leaving_with_unsaved_changes_is_asked_about(open_page, customer):
    """有未保存的修改，确定离开？ – and staying keeps what was typed."""
    page = open_page("clerk")
    edit(page, customer)
    asked: list[str] = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="客户订单").click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.locator('[name="remark"]').input_value() == TYPED
    assert load(Customer, customer).remark == "月底对账。"


def test_one_click_on_a_bin_deletes_nothing(open_page, customer):
    """Delete: with scripts and without, the bin leads to a question."""
    for scripts in (True, False):
        page = open_page("sales1", java_script_enabled=scripts)
        page.goto("/admin/customer/")
        page.locator("#list .danger").click()
        page.wait_for_url("**/delete/**")
        assert "？" in page.locator("h1").inner_text()
        assert load(Customer, customer).deleted_at is None


def test_a_double_click_saves_once(open_page):
    """An impatient second click makes no second customer."""
    page = open_page("clerk")
    page.goto("/admin/customer/new/")
    hands.write(page, name="昆山双击印刷厂")
    page.get_by_role("button", name="保存").dblclick()
    page.wait_for_url("**/details/**")
    hands.menu(page, "customer")
    assert hands.cells(page, "name") == ["昆山双击印刷厂"]
