"""Two people have the same customer on the screen: whoever saves second sees everything, and chooses."""

import pytest

from app.services.rows import ChildRow
from tests.factories.customer import make_customer
from tests.stories import hands

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True),
]

NAME = "苏州恒达包装有限公司"


def person(n, name, mobile):
    return ChildRow(f"contacts-{n}", None, {"name": name, "mobile": mobile})


def place(n, name, address):
    return ChildRow(f"addresses-{n}", None, {"name": name, "address": address})


@pytest.fixture
def customer(app):
    return make_customer(
        name=NAME,
        city="苏州市",
        remark="月底对账。\n送货前电话通知。",
        contacts=[
            person(0, "王建国", "13812345678"),
            person(1, "李敏", "13912345678"),
            person(2, "周强", "13712345678"),
        ],
        addresses=[
            place(0, "总部仓库", "星湖街 328 号"),
            place(1, "二号仓库", "苏虹路 9 号"),
            place(2, "三号仓库", "胜浦路 1 号"),
        ],
    )


@pytest.fixture
def pair(open_page, customer):
    """Two people who have opened the same form."""
    both = open_page("clerk"), open_page("manager")
    for page in both:
        page.goto(f"/admin/customer/edit/?id={customer}")
    return both


def row(page, grid, number):
    """Return the row *number* (from 0) of a grid."""
    return page.locator(f'[data-grid="{grid}"] tr[data-row]').nth(number)


def remove(page, grid, number):
    row(page, grid, number).get_by_title("删除这一行").click()
    assert page.locator(f'[name="{grid}-{number}-delete"]').is_checked()


def clash(page):
    """Save, and come out at the page that puts the versions side by side."""
    with page.expect_navigation() as going:
        page.get_by_role("button", name="保存").click()
    assert going.value.status == 409
    assert "此记录已被他人修改。" in page.get_by_role("alert").inner_text()


def clashing(page):
    """Return the fields that ask for a choice."""
    return page.locator("tr.clash").evaluate_all("(all) => all.map((one) => one.dataset.field)")


def choose(page, field, side):
    """Choose *side* (对方 or 我的) of *field*."""
    page.locator(f'tr[data-field="{field}"]').get_by_label(side).check()


def choose_by_keyboard(page, field, key):
    """Tab to the choice of *field* and take what *key* chooses."""
    wanted = page.locator(f'tr[data-field="{field}"] input').first
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            break
    page.keyboard.press(key)


def merged(page):
    page.get_by_role("button", name="按所选保存").click()
    page.wait_for_url("**/details/**")


def rows(page, grid, *columns):
    table = f"[data-children={grid}]"
    return list(zip(*(hands.cells(page, column, table) for column in columns), strict=True))


def edit_first(page):
    hands.write(page, remark="对方的备注", city="昆山市", contacts__0__mobile="13811111111")
    hands.add_row(page, "addresses")
    hands.write(page, addresses__3__name="新仓库", addresses__3__address="金鸡湖大道 1 号")
    remove(page, "addresses", 1)
    hands.save(page)


def edit_second(page):
    hands.write(page, remark="我的备注", city="太仓市", short_name="恒达")
    hands.write(page, contacts__0__mobile="13822222222", contacts__1__title="财务")
    hands.add_row(page, "contacts")
    hands.write(page, contacts__3__name="孙丽", contacts__3__mobile="13633333333")
    clash(page)


def test_fields_and_rows_of_both_are_merged_as_chosen(pair):
    """REL-1: base, theirs and mine; everything typed still there; exactly what was chosen is saved."""
    first, second = pair
    edit_first(first)
    edit_second(second)
    table = second.locator("table.three").inner_text()
    for words in (
        *("送货前电话通知。", "对方的备注", "我的备注", "苏州市", "昆山市", "太仓市", "恒达"),
        *("138 1234 5678", "138 1111 1111", "138 2222 2222", "财务", "孙丽", "新仓库"),
    ):
        assert words in table
    assert clashing(second) == ["city", "remark", "contacts-0-mobile"]
    assert "还有 3 处未选" in second.locator("[data-left]").inner_text()
    second.get_by_role("button", name="按所选保存").click()  # nothing is chosen beforehand
    assert "/edit/" in second.url
    second.locator("h1").click()
    choose_by_keyboard(second, "city", "Space")
    choose_by_keyboard(second, "remark", "ArrowDown")
    choose(second, "contacts-0-mobile", "我的")
    assert second.locator("[data-left]").inner_text() == "都已选好"
    merged(second)
    look_at_the_record(second)
    history = hands.open_history(second)
    for words in ("clerk先生", "manager先生", "昆山市", "新仓库", "二号仓库", "恒达", "财务"):
        assert words in history


def look_at_the_record(page):
    shown = hands.shown(page)
    assert (shown["city"], shown["remark"], shown["short_name"]) == ("昆山市", "我的备注", "恒达")
    people = rows(page, "contacts", "name", "title", "mobile")
    assert people == [
        ("王建国", "", "138 2222 2222"),
        ("李敏", "财务", "139 1234 5678"),
        ("周强", "", "137 1234 5678"),
        ("孙丽", "", "136 3333 3333"),
    ]
    places = [name for (name,) in rows(page, "addresses", "name")]
    assert places == ["总部仓库", "三号仓库", "新仓库"]


def test_rows_that_one_removed_and_the_other_changed(pair):
    """REL-1: a row they removed and I edited, and the other way round, are a choice about the row."""
    first, second = pair
    remove(first, "contacts", 0)
    remove(first, "contacts", 2)
    hands.write(first, addresses__0__address="星湖街 400 号")
    hands.save(first)
    hands.write(second, contacts__0__title="采购经理", contacts__0__mobile="13844444444")
    remove(second, "addresses", 0)
    remove(second, "addresses", 1)
    clash(second)
    assert clashing(second) == ["contacts-0-delete", "addresses-0-delete"]
    table = second.locator("table.three").inner_text()
    for words in ("采购经理", "138 4444 4444", "星湖街 400 号", "周强"):
        assert words in table
    choose(second, "contacts-0-delete", "我的")
    choose(second, "addresses-0-delete", "对方")
    merged(second)
    people = rows(second, "contacts", "name", "title", "mobile")
    assert people == [("李敏", "", "139 1234 5678"), ("王建国", "采购经理", "138 4444 4444")]
    assert rows(second, "addresses", "name", "address") == [
        ("总部仓库", "星湖街 400 号"),
        ("三号仓库", "胜浦路 1 号"),
    ]


@pytest.mark.parametrize(("side", "number"), [("对方", 4), ("我的", 5)])
def test_both_added_the_same_row(pair, side, number):
    """REL-1: two people who add the same contact see both rows, and say whether mine is another one."""
    first, second = pair
    for page in pair:
        hands.add_row(page, "contacts")
        hands.write(page, contacts__3__name="孙丽", contacts__3__mobile="13633333333")
    hands.save(first)
    clash(second)
    assert second.get_by_role("rowheader", name="客户联系方式 · 孙丽").count() == 2
    choose(second, "contacts-3-delete", side)
    merged(second)
    assert len(rows(second, "contacts", "name")) == number


def test_one_button_takes_all_of_mine(pair):
    """Many choices at once: everything of mine, and single ones may still be changed."""
    first, second = pair
    hands.write(first, remark="对方的备注", city="昆山市", short_name="对方")
    hands.save(first)
    hands.write(second, remark="我的备注", city="太仓市", short_name="我的")
    clash(second)
    second.get_by_role("button", name="全部用我的").click()
    assert second.locator("[data-left]").inner_text() == "都已选好"
    choose(second, "short_name", "对方")
    merged(second)
    shown = hands.shown(second)
    assert (shown["city"], shown["remark"], shown["short_name"]) == ("太仓市", "我的备注", "对方")
