"""Two people edit the same record: the second sees what changed, keeps what was typed, and merges (REL-1)."""

import pytest

from tests.visitor import fields_of

LINES = {
    "lines-0-description": "双插盒",
    "lines-0-quantity": "1000",
    "lines-0-unit_price": "0.6650",
    "lines-1-description": "扣底盒",
    "lines-1-quantity": "500",
    "lines-1-unit_price": "1.2",
}


@pytest.fixture
def order(visit):
    """An order of two lines, as its edit page."""
    clerk = visit("clerk")
    made = clerk.submit("/admin/customer/new/", name="昆山样品日化有限公司")
    customer = made.headers["Location"].split("id=")[1]
    made = clerk.submit("/admin/order/new/", customer=customer, remark="", **LINES)
    assert made.status_code == 302
    return "/admin/order/edit/?id=" + made.headers["Location"].split("id=")[1]


def test_only_what_both_changed_needs_a_choice(visit, order):
    first, second = visit("clerk"), visit("manager")
    theirs, mine = first.form(order), second.form(order)
    assert first.post(order, {**theirs, "lines-0-unit_price": "0.6820"}).status_code == 302
    mine |= {"lines-0-unit_price": "0.6700", "remark": "外箱贴标"}
    answer = second.post(order, mine)
    assert answer.status_code == 409
    assert "此记录已被他人修改。" in answer.text
    assert answer.text.count('class="clash"') == 1
    assert "0.6820" in answer.text
    assert "0.6700" in answer.text
    assert "外箱贴标" in answer.text


def test_the_merged_record_holds_both_changes(visit, order):
    first, second = visit("clerk"), visit("manager")
    theirs, mine = first.form(order), second.form(order)
    assert first.post(order, {**theirs, "lines-0-unit_price": "0.6820", "lines-1-quantity": "700"})
    mine |= {"lines-0-unit_price": "0.6700", "remark": "外箱贴标"}
    merge = fields_of(second.post(order, mine).text)
    answer = second.post(order, {**merge, "lines-0-unit_price": "0.6700"})
    assert answer.status_code == 302
    saved = second.json(order.replace("edit", "details"))
    prices = [(line["unit_price"], line["quantity"]) for line in saved["children"]["lines"]]
    assert prices == [("0.6700", 1000), ("1.2000", 700)]
    assert saved["values"]["remark"] == "外箱贴标"


def test_a_row_the_other_deleted_comes_back_only_if_asked(visit, order):
    first, second = visit("clerk"), visit("manager")
    theirs, mine = first.form(order), second.form(order)
    assert first.post(order, {**theirs, "lines-1-delete": "1"}).status_code == 302
    mine |= {"lines-1-quantity": "900"}
    answer = second.post(order, mine)
    assert answer.status_code == 409
    merge = fields_of(answer.text)
    gone = second.post(order, {**merge, "lines-1-delete": "1"})
    assert gone.status_code == 302
    assert len(second.json(order.replace("edit", "details"))["children"]["lines"]) == 1


def test_without_a_readable_version_nothing_is_saved(visit, order):
    second = visit("manager")
    mine = second.form(order)
    for version in ("", "x", "-1", "9" * 40):
        answer = second.post(order, {**mine, "version": version, "remark": "外箱贴标"})
        assert answer.status_code == 409
        assert "外箱贴标" in answer.text
    assert second.json(order.replace("edit", "details"))["values"]["remark"] is None
