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


def confirm(visitor, order):
    """Confirm the order, after which only few of its fields may change."""
    record = order.split("id=")[1]
    asked = {"action": "confirm", "rowid": record, "confirm": "1"}
    visitor.submit(order, delivery_date="2027-01-31")
    assert visitor.post("/admin/order/action/", asked).status_code == 302


def test_of_an_order_that_was_confirmed_meanwhile_the_open_fields_are_merged(visit, order):
    """REL-1: locked lines are shown as typed beside theirs, and only they are lost."""
    first, second = visit("clerk"), visit("manager")
    mine = second.form(order)
    confirm(first, order)
    mine |= {"lines-0-unit_price": "0.7700", "lines-1-delete": "1", "remark": "外箱贴标"}
    mine |= {"lines-2-description": "纸箱", "lines-2-quantity": "9", "lines-2-unit_price": "3"}
    answer = second.post(order, mine)
    assert answer.status_code == 409
    assert "划掉的内容现在已锁定，不能再保存。" in answer.text
    for words in ("0.7700", "0.6650", "外箱贴标", "纸箱", "2027-01-31"):
        assert words in answer.text
    merge = fields_of(answer.text)
    assert not [name for name in merge if name.startswith("lines-")]
    assert second.post(order, merge).status_code == 302
    saved = second.json(order.replace("edit", "details"))
    assert [line["unit_price"] for line in saved["children"]["lines"]] == ["0.6650", "1.2000"]
    assert (saved["values"]["remark"], saved["values"]["status"]) == ("外箱贴标", "confirmed")
    assert saved["values"]["delivery_date"] == "2027-01-31"


def test_line_breaks_of_a_browser_are_no_change(visit, order):
    """A text area sends CRLF; what nobody changed is no choice and no difference."""
    first, second = visit("clerk"), visit("manager")
    assert first.submit(order, remark="一行\n两行").status_code == 302
    theirs, mine = first.form(order), second.form(order)
    assert first.post(order, {**theirs, "remark": "一行\r\n三行"}).status_code == 302
    mine |= {"remark": mine["remark"].replace("\n", "\r\n"), "customer_po": "PO-1"}
    merge = fields_of(second.post(order, mine).text)
    assert merge["remark"] == "一行\n三行"
    assert second.post(order, merge).status_code == 302


def test_a_third_editor_makes_only_new_choices(visit, order):
    """The merged form knows what it was made from: what was merged once is not asked about again."""
    first, second = visit("clerk"), visit("manager")
    theirs, mine = first.form(order), second.form(order)
    assert first.post(order, {**theirs, "remark": "第一次", "customer_po": "PO-1"})
    merge = fields_of(second.post(order, {**mine, "remark": "我的"}).text) | {"remark": "我的"}
    assert first.submit(order, customer_po="PO-2").status_code == 302
    answer = second.post(order, merge)
    assert answer.status_code == 409
    assert 'class="clash"' not in answer.text
    assert second.post(order, fields_of(answer.text)).status_code == 302
    values = second.json(order.replace("edit", "details"))["values"]
    assert (values["remark"], values["customer_po"]) == ("我的", "PO-2")


def test_a_row_i_deleted_and_they_changed_is_a_choice(visit, order):
    first, second = visit("clerk"), visit("manager")
    theirs, mine = first.form(order), second.form(order)
    assert first.post(order, {**theirs, "lines-0-quantity": "1200"}).status_code == 302
    answer = second.post(order, {**mine, "lines-0-delete": "1", "lines-1-delete": "1"})
    merge = fields_of(answer.text)
    assert (merge.get("lines-0-delete"), merge["lines-1-delete"]) == (None, "1")
    assert "1,200" in answer.text
    assert second.post(order, {**merge, "lines-0-delete": ""}).status_code == 302
    lines = second.json(order.replace("edit", "details"))["children"]["lines"]
    assert [line["quantity"] for line in lines] == [1200]


def test_two_administrators_grant_different_things(visit):
    """Permissions are compared one by one: neither overwrites the other unseen."""
    first, second = visit("admin"), visit("admin")
    rows = [one for one in first.json("/admin/role/")["rows"] if one["name"] == "viewer"]
    role = f"/admin/role/edit/?id={rows[0]['id']}"
    theirs, mine = first.form(role), second.form(role)
    for visitor, form, name in (
        (first, theirs, "grants-customer-create"),
        (second, mine, "grants-contact-create"),
    ):
        answer = visitor.post(role, {**form, name: "department"})
    assert answer.status_code == 409
    assert 'class="clash"' not in answer.text
    assert second.post(role, fields_of(answer.text)).status_code == 302
    saved = second.form(role)
    assert saved["grants-customer-create"] == saved["grants-contact-create"] == "department"
