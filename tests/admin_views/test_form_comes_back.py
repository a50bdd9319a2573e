"""A refused form comes back as it was typed, with every message in its place; what is fine is kept as meant."""

from app.models.customer import Customer
from app.models.order import Order
from tests.admin_views.markup import Page
from tests.admin_views.test_form_values import new_id, submit_customer, submit_order
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id
from tests.factories.order import make_order
from tests.visitor import fields_of


def test_everything_typed_comes_back_with_the_messages(visit):
    """Answers: 422 keeps everything typed: selects, flags, long texts, relations, and every child row."""
    customer = make_customer(name="恒达纸品")
    typed = {
        "customer": str(customer),
        "customer_po": "PO-1 <b>",
        "order_date": "2026-13-45",
        "delivery_date": "2026-12-24",
        "deposit": "1,0,0",
        "is_urgent": "1",
        "remark": "第一行\n\n  第三行",
        "delivery_address": '"竹园路" 1 号',
        "lines-0-description": "双插盒",
        "lines-0-quantity": "tausend",
        "lines-0-unit_price": "１.２３４５６",
        "lines-7-description": "",
        "lines-7-quantity": "5",
        "lines-7-unit_price": "2",
        "lines-7-tolerance": "3",
    }
    answer = visit("manager").submit("/admin/order/new/", **typed)
    assert answer.status_code == 422
    errors = Page(answer.text).errors
    assert {
        *("order_date", "deposit", "lines-0-quantity", "lines-0-unit_price", "lines-7-description")
    } == set(errors)
    back = fields_of(answer.text)
    assert {name: back.get(name) for name in typed} == typed
    assert "恒达纸品" in answer.text
    assert back["form_token"]


def test_typed_rows_of_a_customer_come_back_too(visit):
    """Answers: the same for contacts, addresses, invoice titles and the team, flags included."""
    typed = {
        "name": "",
        "contacts-0-name": "王工",
        "contacts-0-mobile": "123",
        "contacts-0-is_primary": "1",
        "contacts-3-name": "",
        "contacts-3-email": "a@b.cn",
        "addresses-0-name": "总部仓库",
        "addresses-0-address": "",
        "addresses-0-is_default": "1",
        "invoice_titles-0-title": "昆山样品",
        "invoice_titles-0-phone": "x",
        "team-0-user": str(user_id("sales2")),
        "team-0-access": "admin",
    }
    answer = visit("manager").submit("/admin/customer/new/", **typed)
    assert answer.status_code == 422
    back = fields_of(answer.text)
    assert {name: back.get(name) for name in typed} == typed
    wrong = {
        *("name", "contacts-0-mobile", "contacts-3-name", "addresses-0-address"),
        *("invoice_titles-0-phone", "team-0-access"),
    }
    assert set(Page(answer.text).errors) == wrong
    assert "sales2先生" in answer.text


def test_texts_are_tidied_but_keep_their_form(visit):
    """REL-18: blanks and invisible marks around a text go; width and case of names stay."""
    writer = visit("manager")
    one = new_id(submit_customer(writer, name="  ＡＢＣ　恒达\u200b包装 ", short_name=" a  b "))
    saved = load(Customer, one)
    assert (saved.name, saved.short_name) == ("ＡＢＣ 恒达包装", "a b")


def test_flags_are_1_or_absent(visit):
    """Forms: booleans are 1 or absent."""
    customer = make_customer()
    writer = visit("manager")
    one = make_order(customer, is_urgent=True)
    form = writer.form(f"/admin/order/edit/?id={one}")
    assert form.pop("is_urgent") == "1"
    assert writer.post(f"/admin/order/edit/?id={one}", form).status_code == 302
    assert load(Order, one).is_urgent is False


def test_a_link_may_suggest_the_customer(visit):
    """new/?customer=: the customer whose page was left is chosen; a foreign one is not named."""
    mine, foreign = (
        make_customer("sales1", name="恒达纸品"),
        make_customer("sales3", name="顺风印刷"),
    )
    writer = visit("sales1")
    page = writer.get(f"/admin/order/new/?customer={mine}").text
    assert fields_of(page)["customer"] == str(mine)
    assert "恒达纸品" in page
    assert "顺风印刷" not in writer.get(f"/admin/order/new/?customer={foreign}").text


def test_a_likely_duplicate_asks_for_a_reason(visit):
    """Overrides: 422 with the other company named and an input duplicate_reason; a reason lets it pass."""
    make_customer(name="恒达包装有限公司")
    writer = visit("manager")
    answer = submit_customer(writer, name="苏州恒达包装有限公司")
    assert answer.status_code == 422
    assert "恒达包装有限公司" in Page(answer.text).errors["name"]
    back = fields_of(answer.text)
    assert back["duplicate_reason"] == ""
    assert "duplicate_reason" not in writer.form("/admin/customer/new/")
    assert writer.post("/admin/customer/new/", {**back, "duplicate_reason": " "}).status_code == 422
    one = new_id(
        writer.post("/admin/customer/new/", {**back, "duplicate_reason": "两家，法人不同"})
    )
    assert "两家，法人不同" in writer.get(f"/admin/customer/history/?id={one}").text


def test_the_same_company_is_never_two(visit):
    """equal after folding is refused, whatever reason is given."""
    make_customer(name="恒达包装（苏州）有限公司")
    reason = {"duplicate_reason": "两家"}
    for name in (
        "恒达包装(苏州)有限公司",
        " 恒达包装（苏州） 有限公司",
        "恒达包装（苏州）有限公司",
    ):
        answer = submit_customer(visit("manager"), name=name, **reason)
        assert answer.status_code == 422, name
        assert Page(answer.text).errors == {"name": "已有同名的客户。"}


def test_an_early_credit_code_asks_for_a_reason(visit):
    """Overrides: a credit code with a wrong check digit asks credit_code_reason."""
    writer = visit("manager")
    answer = submit_customer(writer, credit_code="91350203M0001FUE2P")
    assert (answer.status_code, list(Page(answer.text).errors)) == (422, ["credit_code"])
    back = fields_of(answer.text)
    assert back["credit_code_reason"] == ""
    back["credit_code_reason"] = "早期试点代码"
    one = new_id(writer.post("/admin/customer/new/", back))
    assert load(Customer, one).credit_code == "91350203M0001FUE2P"


def test_a_repeated_purchase_order_asks_to_confirm(visit):
    """Overrides: the same customer PO again names the other order and asks customer_po_confirm=1."""
    customer = make_customer()
    writer = visit("clerk")
    first = new_id(submit_order(writer, customer, customer_po="PO-1"))
    answer = submit_order(writer, customer, customer_po="PO-1")
    assert answer.status_code == 422
    assert load(Order, first).order_no in Page(answer.text).errors["customer_po"]
    back = {**fields_of(answer.text), "customer_po_confirm": "1"}
    assert writer.post("/admin/order/new/", back).status_code == 302
    assert submit_order(writer, make_customer(), customer_po="PO-1").status_code == 302
