"""Writing behind a mask: what is not typed anew stays as it is, and no mask is ever stored."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import db
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from app.models.role import Role
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line, make_order
from tests.visitor import Visitor

MOBILE, LANDLINE, MAIL, WECHAT = "13812345678", "0512-65432109", "wang@geheim.cn", "wx-geheim"
CLEAR = (MOBILE, "138 1234 5678", LANDLINE, MAIL, WECHAT, "3.4567", "76543", "3906.07")
STARS = "含有星号"


@pytest.fixture
def masked(visit) -> Visitor:
    """A clerk who may write, and sees phones and money masked."""
    role = db.session.scalar(select(Role.id).where(Role.name == "clerk"))
    change(Role, role, hidden=["phones", "money"])
    return visit("clerk")


@pytest.fixture
def ids(app) -> dict[str, int]:
    """A customer with two people and an order."""
    one = make_customer("sales1", name="恒达纸品", phone=LANDLINE, credit_limit=Decimal(76543))
    person = make_contact(one, name="王工", mobile=MOBILE, email=MAIL, wechat=WECHAT)
    other = make_contact(one, name="李工", mobile="13987654321")
    lines = [line(n, quantity=1000, unit_price=Decimal("3.4567")) for n in (0, 1)]
    order = make_order(one, lines=lines, deposit=Decimal("88.88"))
    return {"customer": one, "contact": person, "other": other, "order": order}


def test_the_input_is_empty_and_shows_the_mask(masked, ids):
    """PII-1: no value, a placeholder and a hint; nothing in clear on any form, look-up or hidden field."""
    page = masked.get(f"/admin/contact/edit/?id={ids['contact']}").text
    assert 'placeholder="138****5678"' in page
    assert 'placeholder="w***@geheim.cn"' in page
    assert "已隐藏，留空则不变。" in page
    for entity in ("customer", "contact", "order"):
        path = f"/admin/{entity}/edit/?id={ids[entity]}"
        page = masked.get(path).text
        assert not [value for value in CLEAR if value in page]
        fields = masked.form(path)
        assert {"", "0"} >= {
            v
            for n, v in fields.items()
            if n.rpartition("-")[2] in ("mobile", "phone", "unit_price", "deposit")
        }


@pytest.mark.parametrize("how", ["empty", "absent", "mask"])
def test_what_is_not_typed_anew_stays(masked, ids, how):
    """PII-1: empty, absent or the mask itself: the numbers stay, and the rest is saved."""
    masks = {"mobile": "138****5678", "email": "w***@geheim.cn", "wechat": "w****", "phone": ""}
    path = f"/admin/contact/edit/?id={ids['contact']}"
    form = masked.form(path) | {"title": "采购"}
    if how == "absent":
        form = {name: value for name, value in form.items() if name not in masks}
    elif how == "mask":
        form |= masks
    assert masked.post(path, form).status_code == 302
    kept = load(Contact, ids["contact"])
    assert (kept.title, kept.mobile, kept.email, kept.wechat) == ("采购", MOBILE, MAIL, WECHAT)


def test_a_whole_new_value_replaces_the_old(masked, ids):
    """PII-1: whoever may edit may type a new number, and rules judge it."""
    path = f"/admin/contact/edit/?id={ids['contact']}"
    assert masked.submit(path, mobile="12345").status_code == 422
    assert masked.submit(path, mobile="139 0000 1111").status_code == 302
    kept = load(Contact, ids["contact"])
    assert (kept.mobile, kept.email) == ("13900001111", MAIL)
    page = masked.get(f"/admin/contact/details/?id={ids['contact']}").text
    assert "139****1111" in page
    assert "13900001111" not in page


def test_rules_see_the_stored_value(masked, ids):
    """PII-1: one of mobile, phone and e-mail is there, although nothing was typed."""
    path = f"/admin/contact/edit/?id={ids['other']}"
    assert masked.submit(path, title="厂长").status_code == 302
    assert load(Contact, ids["other"]).mobile == "13987654321"


@pytest.mark.parametrize("who", ["clerk", "manager"])
def test_a_mask_is_never_stored(masked, visit, ids, who):
    """PII-1: what holds a star is refused, with words for it: in forms, new records, rows and within the list."""
    writer = visit(who)
    path = f"/admin/contact/edit/?id={ids['contact']}"
    for values in (
        {"mobile": "139****4321"},
        {"wechat": "z****"},
        {"email": "x***@geheim.cn"},
        {"wechat": "＊＊"},
    ):
        answer = writer.submit(path, **values)
        assert answer.status_code == 422
        assert STARS in answer.text
    new = {"customer": ids["customer"], "name": "新人", "mobile": "138****5678"}
    answer = writer.submit("/admin/contact/new/", **new)
    assert (answer.status_code, STARS in answer.text) == (422, True)
    rows = {"contacts-7-name": "新人", "contacts-7-mobile": "138****5678"}
    answer = writer.submit(f"/admin/customer/edit/?id={ids['customer']}", **rows)
    assert (answer.status_code, STARS in answer.text) == (422, True)
    given = {"list_form_pk": ids["contact"], "version": "1", "mobile": "139****4321"}
    answer = writer.post("/admin/contact/ajax/update/", given)
    assert (answer.status_code, STARS in answer.text) == (422, True)
    assert load(Contact, ids["contact"]).version == 1


def test_within_the_list_a_mask_is_answered_with_a_mask(masked, ids):
    """PII-1: nothing typed changes nothing; a new number is answered with its mask, and no value."""
    given: dict[str, Any] = {"list_form_pk": ids["contact"], "version": "1"}
    for text in ("", "138****5678"):
        answer = masked.post("/admin/contact/ajax/update/", given | {"mobile": text})
        assert (
            answer.get_json() | {"text": "138****5678", "value": "", "version": 1}
            == answer.get_json()
        )
    answer = masked.post("/admin/contact/ajax/update/", given | {"mobile": "13900001111"})
    assert answer.get_json() == {
        "id": ids["contact"],
        "version": 2,
        "text": "139****1111",
        "value": "",
    }
    assert load(Contact, ids["contact"]).mobile == "13900001111"


def test_rows_keep_their_own_values_wherever_they_stand(masked, ids):
    """PII-1: rows in another order, one of them absent: each keeps its number."""
    path = f"/admin/customer/edit/?id={ids['customer']}"
    form = {n: v for n, v in masked.form(path).items() if not n.startswith("contacts-")}
    rows = {
        "contacts-0-id": ids["other"],
        "contacts-0-name": "李经理",
        "contacts-0-mobile": "139****4321",
    }
    rows |= {"contacts-5-id": ids["contact"], "contacts-5-name": "王经理", "contacts-5-mobile": ""}
    assert masked.post(path, form | rows).status_code == 302
    assert (load(Contact, ids["other"]).name, load(Contact, ids["other"]).mobile) == (
        "李经理",
        "13987654321",
    )
    kept = load(Contact, ids["contact"])
    assert (kept.name, kept.mobile, kept.email) == ("王经理", MOBILE, MAIL)
    assert load(Customer, ids["customer"]).credit_limit == 76543


def test_sums_stay_right_behind_a_mask(masked, ids):
    """PII-1: quantities change, prices stay, sums follow; a new line needs a price, a new price counts."""
    path = f"/admin/order/edit/?id={ids['order']}"
    assert masked.submit(path, **{"lines-0-quantity": "2000"}).status_code == 302
    assert load(Order, ids["order"]).net_amount == Decimal("10370.10")
    assert load(Order, ids["order"]).deposit == Decimal("88.88")
    new = {"lines-9-description": "彩盒", "lines-9-quantity": "10", "lines-9-tax_rate": "13"}
    assert masked.submit(path, **new).status_code == 422
    assert masked.submit(path, **new, **{"lines-9-unit_price": "***"}).status_code == 422
    assert masked.submit(path, **new, **{"lines-9-unit_price": "1"}).status_code == 302
    assert load(Order, ids["order"]).net_amount == Decimal("10380.10")
    answer = masked.get(f"/admin/order/details/?id={ids['order']}")
    assert "10,380.10" not in answer.text


def test_two_editors_compare_masks(masked, visit, ids):
    """PII-1: the conflict page shows masks, carries no value, and asks before a new number goes over theirs."""
    path = f"/admin/contact/edit/?id={ids['contact']}"
    form = masked.form(path)
    assert visit("manager").submit(path, mobile="13700002222", title="厂长").status_code == 302
    answer = masked.post(path, {**form, "mobile": "13900001111", "remark": "我的"})
    assert answer.status_code == 409
    assert "137****2222" in answer.text
    for value in ("13700002222", "137 0000 2222", *CLEAR):
        assert value not in answer.text
    assert 'name="mobile" value=""' in answer.text
    merged = {**form, "version": "2", "mobile": "", "remark": "我的", "title": "厂长"}
    assert masked.post(path, merged).status_code == 302
    kept = load(Contact, ids["contact"])
    assert (kept.mobile, kept.title, kept.remark) == ("13700002222", "厂长", "我的")


def test_a_form_that_comes_back_holds_no_value(masked, ids):
    """PII-1: after a refusal, an expired token or a state that moved on, inputs are empty or as typed."""
    for entity, bad in (
        ("contact", {"name": ""}),
        ("customer", {"name": ""}),
        ("order", {"order_date": "nie"}),
    ):
        path = f"/admin/{entity}/edit/?id={ids[entity]}"
        form = masked.form(path) | bad
        answers = [masked.post(path, form), masked.post(path, form | {"csrf_token": "x"})]
        assert [answer.status_code for answer in answers] == [422, 400]
        for answer in answers:
            assert not [value for value in CLEAR if value in answer.text], entity
