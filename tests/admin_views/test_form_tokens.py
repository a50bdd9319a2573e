"""Hidden fields of forms: one form makes one record, a stale one saves nothing, an expired one loses nothing."""

from threading import Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.models.customer import Customer
from app.models.order import Order
from tests.admin_views.markup import Page
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line, make_order
from tests.visitor import fields_of, forget

EXPIRED = "页面已过期，请刷新后重试，您填写的内容已保留。"
STALE = "此记录已被他人修改。"
TYPED = {
    "name": "昆山样品日化有限公司",
    "level": "A",
    "remark": "第一行\n第二行 <b>",
    "contacts-0-name": "王工",
    "contacts-0-mobile": "13812345678",
    "contacts-0-is_primary": "1",
}


def number(model: type[Any]) -> int:
    """Return how many records there are."""
    db.session.remove()
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


# -- one form, one record ------------------------------------------------------------------


def test_the_same_form_twice_makes_one_record(visit):
    """REL-3: a repeated form_token answers 302 to the record already made, whatever it holds now."""
    writer = visit("clerk")
    form = {**writer.form("/admin/customer/new/"), **TYPED}
    assert len(form["form_token"]) >= 16
    first = writer.post("/admin/customer/new/", form)
    assert first.status_code == 302
    for again in (form, {**form, "name": "改了名的公司"}, {**form, "level": "Z"}):
        answer = writer.post("/admin/customer/new/", again)
        assert (answer.status_code, answer.location) == (302, first.location)
    assert number(Customer) == 1


def test_every_form_has_a_token_of_its_own(visit):
    """REL-3: opening the form again makes another record; without a token it is simply made."""
    writer = visit("clerk")
    one, two = (writer.form("/admin/customer/new/")["form_token"] for _ in range(2))
    assert one != two
    customer = make_customer()
    for token in (one, two):
        form = {"customer": str(customer), "order_date": "2026-11-24", "form_token": token}
        assert writer.post("/admin/order/new/", form).status_code == 302
    bare = {"customer": str(customer), "order_date": "2026-11-24"}
    assert writer.post("/admin/order/new/", bare).status_code == 302
    assert number(Order) == 3


def test_a_refused_form_may_be_sent_again(visit):
    """REL-3: a form that was refused has made nothing; corrected, with the same token, it does."""
    writer = visit("clerk")
    form = {**writer.form("/admin/customer/new/"), **TYPED, "level": "Z"}
    answer = writer.post("/admin/customer/new/", form)
    assert answer.status_code == 422
    back = fields_of(answer.text)
    assert back["form_token"] == form["form_token"]
    assert writer.post("/admin/customer/new/", {**back, "level": "A"}).status_code == 302
    assert number(Customer) == 1


def test_a_token_belongs_to_its_person(visit):
    """REL-3, AZ-3: somebody else's token leads nobody to a record they may not see."""
    first, second = visit("sales1"), visit("sales3")
    form = {**first.form("/admin/customer/new/"), **TYPED}
    made = first.post("/admin/customer/new/", form)
    other = second.post(
        "/admin/customer/new/", {**form, "name": "另一家纸品", "csrf_token": second.token}
    )
    assert other.status_code == 302
    assert other.headers["Location"] != made.headers["Location"]
    assert number(Customer) == 2


def sent_together(app: Any, writer: Any, path: str, forms: list[dict[str, str]]) -> list[Any]:
    """Send *forms* in the same moment, from one browser; return the answers."""
    cookie, token = writer.browser.get_cookie("sid"), writer.token
    answers: list[Any] = []

    def send(form: dict[str, str]) -> None:
        browser = app.test_client()
        browser.set_cookie("sid", cookie.value)
        answers.append(browser.post(path, data={**form, "csrf_token": token}))

    threads = [Thread(target=send, args=(form,)) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("entity", ["customer", "order"])
def test_a_double_click_makes_one_record(visit, app, entity):
    """REL-3: the same form sent several times in the same moment: one record, everybody is led to it."""
    customer = make_customer()
    writer = visit("manager")
    typed = TYPED if entity == "customer" else {"customer": str(customer), "customer_po": "PO-1"}
    form = {**writer.form(f"/admin/{entity}/new/"), **typed, "csrf_token": writer.token}
    answers = sent_together(app, writer, f"/admin/{entity}/new/", [form] * 4)
    assert [answer.status_code for answer in answers] == [302] * 4
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert number(Order if entity == "order" else Customer) == (1 if entity == "order" else 2)


def test_of_two_forms_for_one_company_one_wins(visit, app):
    """REL-2: parallel creates of the same name: exactly one wins, the others get a message at the field."""
    writer = visit("manager")
    forms = [{**writer.form("/admin/customer/new/"), **TYPED} for _ in range(4)]
    answers = sent_together(app, writer, "/admin/customer/new/", forms)
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]
    for answer in answers:
        if answer.status_code == 422:
            assert Page(answer.text).errors == {"name": "已有同名的客户。"}
    assert number(Customer) == 1


# -- versions ------------------------------------------------------------------------------


def test_a_second_save_is_refused_and_keeps_what_was_typed(visit):
    """REL-1: two editors: the second save is 409; what was typed is still there, nothing is lost."""
    one = make_order(make_customer(), lines=[line(0), line(1, description="扣底盒")])
    first, second = visit("clerk"), visit("manager")
    path = f"/admin/order/edit/?id={one}"
    theirs, mine = first.form(path), second.form(path)
    assert first.post(path, {**theirs, "remark": "对方写的"}).status_code == 302
    answer = second.post(path, {**mine, "remark": "我写的 <b>", "lines-1-quantity": "777"})
    assert answer.status_code == 409
    assert STALE in answer.text
    for text in ("对方写的", "我写的 &lt;b&gt;", "777"):
        assert text in answer.text
    assert load(Order, one).remark == "对方写的"
    merged = fields_of(answer.text)
    assert merged["version"] == "2"
    assert second.post(path, {**merged, "remark": "我写的 <b>"}).status_code == 302
    saved = load(Order, one)
    assert (saved.remark, [row.quantity for row in saved.lines]) == ("我写的 <b>", [1000, 777])


@pytest.mark.parametrize(
    "version", [None, "", "x", "0", "-1", "1.0", "²", "99", str(10**30), "1,2"]
)
def test_a_version_that_is_absent_or_unreadable_is_stale(visit, version):
    """Forms: on edit a version that is absent, unreadable or not the stored one is 409."""
    one = make_customer(city="苏州市")
    writer = visit("manager")
    path = f"/admin/customer/edit/?id={one}"
    form = {**writer.form(path), "city": "昆山市"}
    form.pop("version")
    if version is not None:
        form["version"] = version
    answer = writer.post(path, form)
    assert answer.status_code == 409
    assert STALE in answer.text
    assert "昆山市" in answer.text
    assert load(Customer, one).city == "苏州市"


def test_saving_without_a_change_is_no_version(visit):
    """REL-1: whoever saves what is there already disturbs nobody, and the history stays quiet."""
    one = make_order(make_customer(), is_urgent=True)
    first, second = visit("clerk"), visit("manager")
    path = f"/admin/order/edit/?id={one}"
    form = second.form(path)
    assert first.post(path, first.form(path)).status_code == 302
    assert load(Order, one).version == 1
    assert second.post(path, {**form, "remark": "改"}).status_code == 302


def test_a_record_deleted_meanwhile_is_missing(visit):
    """Answers: saving what somebody has put into the trash is 404."""
    one = make_customer()
    writer = visit("manager")
    path = f"/admin/customer/edit/?id={one}"
    form = writer.form(path)
    assert writer.submit(f"/admin/customer/delete/?id={one}", confirm="1").status_code == 302
    assert writer.post(path, form).status_code == 404


# -- CSRF ------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "x", "foreign"])
def test_a_new_form_without_a_valid_token_comes_back_as_typed(visit, token):
    """CSRF-1, CSRF-6: 400, nothing saved, the form again with everything typed and a good token."""
    writer = visit("clerk")
    form = {**writer.form("/admin/customer/new/"), **TYPED}
    form["csrf_token"] = visit("clerk").token if token == "foreign" else token
    if token is None:
        del form["csrf_token"]
    forget()
    answer = writer.browser.post("/admin/customer/new/", data=form)
    assert answer.status_code == 400
    assert EXPIRED in answer.text
    assert number(Customer) == 0
    back = fields_of(answer.text)
    assert {name: back.get(name) for name in TYPED} == TYPED
    assert back["form_token"] == form["form_token"]
    forget()
    assert writer.browser.post("/admin/customer/new/", data=back).status_code == 302
    assert number(Customer) == 1


@pytest.mark.parametrize("token", [None, "foreign"])
def test_an_edit_without_a_valid_token_comes_back_as_typed(visit, token):
    """CSRF-6: the same for edit, with child rows, deletions, unreadable values and the version."""
    one = make_order(make_customer(), lines=[line(0), line(1)])
    writer = visit("clerk")
    path = f"/admin/order/edit/?id={one}"
    typed = {
        "remark": "改",
        "lines-0-quantity": "1e3",
        "lines-1-delete": "1",
        "lines-5-description": "新",
    }
    form = {**writer.form(path), **typed, "csrf_token": ""}
    if token == "foreign":
        form["csrf_token"] = visit("manager").token
    forget()
    answer = writer.browser.post(path, data=form)
    assert (answer.status_code, EXPIRED in answer.text) == (400, True)
    back = fields_of(answer.text)
    assert {name: back.get(name) for name in typed} == typed
    assert back["version"] == "1"
    assert load(Order, one).remark is None
    forget()
    answer = writer.browser.post(
        path, data={**back, "lines-0-quantity": "5", "lines-5-description": ""}
    )
    assert answer.status_code == 302, Page(answer.text).errors
    assert [row.quantity for row in load(Order, one).lines] == [5]


def test_the_form_comes_back_only_to_those_who_may_see_it(visit):
    """Answers in order: a bad token is 400 for everybody, and shows nobody a foreign record."""
    foreign = make_customer("sales3", name="顺风印刷")
    for username, path in (
        ("sales1", f"/admin/customer/edit/?id={foreign}"),
        ("viewer", "/admin/customer/new/"),
        ("viewer", f"/admin/customer/edit/?id={foreign}"),
        ("sales1", "/admin/customer/edit/?id=abc"),
    ):
        forget()
        answer = visit(username).browser.post(path, data={"name": "甲", "version": "1"})
        assert answer.status_code == 400, path
        assert "顺风印刷" not in answer.text
        assert "record-form" not in answer.text


def test_a_stale_form_with_a_bad_token_is_still_stale_afterwards(visit):
    """CSRF-6, REL-1: the page that comes back carries the version it was opened with."""
    one = make_customer()
    writer = visit("manager")
    path = f"/admin/customer/edit/?id={one}"
    form = {**writer.form(path), "city": "昆山市", "csrf_token": "x"}
    change(Customer, one, district="昆山")
    forget()
    back = fields_of(writer.browser.post(path, data=form).text)
    assert back["version"] == "1"
    forget()
    assert writer.browser.post(path, data=back).status_code == 409


def test_foreign_origins_are_refused_before_everything(visit, client):
    """Answers in order, CSRF-3: a foreign or null Origin on a POST is 400, signed in or not."""
    writer = visit("manager")
    form = {**writer.form("/admin/customer/new/"), **TYPED, "csrf_token": writer.token}
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        for browser in (writer.browser, client.browser):
            forget()
            answer = browser.post("/admin/customer/new/", data=form, headers={"Origin": origin})
            assert answer.status_code == 400, origin
    assert number(Customer) == 0
