"""Scripts off: every step of the day is still a link or a form."""

import pytest

from tests.conftest import PASSWORD
from tests.factories.customer import make_customers
from tests.stories import hands
from tests.stories.conftest import id_in

pytestmark = pytest.mark.browser

NAME = "张家港新锐玩具有限公司"


def test_the_day_without_scripts(open_page):
    """No script: login, search, filter, sort, page, create with a child row, delete."""
    make_customers(
        *(
            {"name": f"常熟彩印{n:02d}厂", "city": "常熟市" if n % 2 else "苏州市"}
            for n in range(24)
        )
    )
    page = open_page(java_script_enabled=False)
    hands.sign_in(page, "sales1", PASSWORD)
    look_around(page)
    create(page)
    delete(page)


def look_around(page):
    hands.menu(page, "customer")
    names = hands.cells(page, "name")
    assert len(names) == 20
    page.locator("a[rel=next]").click()
    page.wait_for_url("**cursor=**")
    assert len(hands.cells(page, "name")) == 4
    assert not set(names) & set(hands.cells(page, "name"))
    page.locator("a[rel=first]").click()
    page.locator('th[data-column="name"] a').click()
    page.wait_for_url("**sort=name**")
    assert hands.cells(page, "name")[0] == "常熟彩印00厂"
    page.get_by_label("搜索本列表").fill("彩印0")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=**")
    assert len(hands.cells(page, "name")) == 10
    page.get_by_text("筛选", exact=True).first.click()
    page.locator('[name="flt_city_contains"]').fill("常熟")
    page.locator("#filter button").click()
    page.wait_for_url("**flt_city_contains=**")
    assert len(hands.cells(page, "name")) == 5
    assert set(hands.cells(page, "city")) == {"常熟市"}
    page.get_by_role("link", name="去掉筛选").first.click()
    assert len(hands.cells(page, "name")) == 10


def create(page):
    page.get_by_role("link", name="添加客户", exact=True).click()
    page.locator('[name="contacts-0-name"]').fill("高明")
    page.get_by_role("button", name="保存").click()
    errors = page.locator(".field-error").all_inner_texts()
    assert "请填写客户名称。" in errors, errors
    assert page.locator('[name="contacts-0-name"]').first.input_value() == "高明"
    page.locator('[name="name"]').fill(NAME)
    page.locator('[name="contacts-0-mobile"]').first.fill("13812340000")
    hands.save(page)
    assert page.locator("h1").inner_text() == NAME
    assert hands.cells(page, "name", "[data-children=contacts]") == ["高明"]


def delete(page):
    customer = id_in(page.url)
    page.get_by_role("link", name="删除", exact=True).first.click()
    page.wait_for_url("**/delete/**")
    assert page.locator("h1").inner_text() == f"删除客户“{NAME}”？"
    page.get_by_role("button", name="确定", exact=True).click()
    page.wait_for_url("**/admin/customer/")
    assert "已移入回收站" in page.locator(".flash").inner_text()
    page.goto(f"/admin/customer/details/?id={customer}")
    assert "记录不存在或您无权查看。" in page.locator("main").inner_text()
