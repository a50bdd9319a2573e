"""Forgotten passwords by SMS: a code instead of a link, and never both factors with one phone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.sms_code import LIFE
from app.models.password_reset import PasswordReset
from app.models.sms_code import SmsCode
from app.models.user import User
from app.services import password, password_reset
from tests.auth.conftest import alert
from tests.auth.factors import code_of, prove, waiting, with_app
from tests.auth.phones import PHONE, another, with_phone
from tests.auth.test_reset import NEW, SENT, follow, reset
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

BAD = "验证码不正确或已失效，请重试或重新申请。"
MINUTE = timedelta(seconds=61)


@pytest.fixture(autouse=True)
def phone(app):
    """The person of this test has a phone."""
    return with_phone("sales1")


def ask(client, identity="sales1"):
    return client.post("/forgot-password", {"identity": identity, "method": "sms"})


def give(client, code, identity="sales1"):
    return client.post("/reset-password/sms", {"identity": identity, "code": code})


def count(model):
    forget()
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("identity", ["sales1", " ＳALES1", PHONE, "+86 138-1234-5678"])
def test_a_code_leads_to_a_new_password(client, try_door, phones, identity):
    """RST-1, RST-5"""
    answer = ask(client, identity)
    assert SENT in answer.text
    assert 'action="/reset-password/sms"' in answer.text
    (message,) = phones.deliver()
    assert (message["to"], message["purpose"]) == (PHONE, "reset")
    assert "重设密码的验证码" in message["text"]
    answer = give(client, message["code"], identity)
    assert (answer.status_code, answer.location) == (303, "/reset-password")
    cookie = client.browser.get_cookie("reset", path="/reset-password")
    assert cookie.http_only
    assert reset(client).location == "/login"
    assert client.get("/admin/").status_code == 302  # nobody is signed in by it
    assert try_door("sales1", NEW).status_code == 302


@pytest.mark.parametrize("identity", ["nobody", "13900000000", "nobody@example.com", "' or 1=1"])
def test_unknown_people_read_the_same_and_get_nothing(client, phones, identity):
    """ENU-1, RST-11"""
    known, unknown = ask(client), ask(client, identity)
    assert SENT in unknown.text
    assert unknown.text.count("<input") == known.text.count("<input")
    assert [message["to"] for message in phones.deliver()] == [PHONE]
    answer, same = give(client, "123456", identity), give(client, another(phones.code()))
    assert (answer.status_code, alert(answer)) == (same.status_code, alert(same)) == (401, BAD)


def test_asking_only_puts_a_job_in_line(client):
    """ENU-2, RST-11: who exists is looked up by the worker."""
    ask(client)
    assert count(SmsCode) == 0


def test_a_shared_phone_gets_no_code_but_a_user_name_does(client, phones):
    """RST-1: a code belongs to one person."""
    with_phone("sales2")
    ask(client, PHONE)
    assert phones.deliver() == []
    ask(client, "sales2")
    code = phones.code()
    assert give(client, code, "sales1").status_code == 401
    assert give(client, code, PHONE).status_code == 401
    assert give(client, code, "sales2").status_code == 303


def test_people_without_a_mobile_and_disabled_ones_get_nothing(client, phones):
    """ENU-1"""
    with_phone("sales1", "0512-65432109")
    with_phone("sales2", "13912345678")
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).where(User.username == "sales2").values(is_active=False))
    for identity in ("sales1", "sales2", "0512-65432109"):
        assert SENT in ask(client, identity).text
    assert phones.deliver() == []


def test_a_code_works_once(app, client, phones):
    """RST-1"""
    ask(client)
    code = phones.code()
    assert give(client, code).status_code == 303
    assert give(Visitor(app), code).status_code == 401


def test_a_code_expires(client, phones):
    """RST-1"""
    with clock.freeze(clock.now()) as hands:
        ask(client)
        code = phones.code()
        hands.advance(LIFE)
        assert give(client, code).status_code == 401


def test_a_newer_code_or_link_supersedes(client, phones, outbox):
    """RST-1"""
    with work_for(SYSTEM) as work:
        work.session.execute(
            update(User).where(User.username == "sales1").values(email="sales1@example.com")
        )
    with clock.freeze(clock.now()) as hands:
        ask(client)
        first = phones.code()
        hands.advance(MINUTE)
        ask(client)
        second = phones.code()
        if first != second:
            assert give(client, first).status_code == 401
        client.post("/forgot-password", {"identity": "sales1", "method": "email"})
        link = outbox.link()
        assert give(client, second).status_code == 401
        hands.advance(MINUTE)
        ask(client)
        assert give(client, phones.code()).status_code == 303
        assert client.get(link).status_code == 410


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_code_dies_with_a_password_change(client, phones, when):
    """RST-1: and so does what it was exchanged for."""
    ask(client)
    code = phones.code()
    if when == "after":
        assert give(client, code).status_code == 303
    with work_for(SYSTEM) as work:
        password.issue(work, work.session.scalars(select(User).filter_by(username="sales1")).one())
    if when == "before":
        assert give(client, code).status_code == 401
    assert reset(client).status_code == 410


def test_of_parallel_uses_one_succeeds(app, client, phones):
    """RST-1"""
    ask(client)
    code = phones.code()

    def use(_):
        with app.app_context(), work_for(SYSTEM) as work:
            return password_reset.redeem_code(work, "sales1", code, minutes=30)

    with ThreadPoolExecutor(5) as crowd:
        assert len([token for token in crowd.map(use, range(5)) if token]) == 1
    assert count(PasswordReset) == 1


def test_the_second_factor_is_still_asked_and_the_phone_is_not_both(app, client, try_door, phones):
    """RST-5, MFA-17: after a reset by SMS the phone proves nothing until something else did."""
    authenticator = with_app("sales1")
    assert "138****5678" in waiting(app, try_door).get("/login/verify").text
    with clock.freeze(clock.now()) as hands:
        ask(client)
        assert give(client, phones.code()).status_code == 303
        reset(client)
        hands.advance(timedelta(days=2))
        browser = Visitor(app)
        assert try_door("sales1", NEW, browser).location == "/login/verify"
        assert "138****5678" not in browser.get("/login/verify").text
        sent = len(phones.deliver())
        browser.post("/login/sms/send")
        assert len(phones.deliver()) == sent
        assert prove(browser, code_of(authenticator)).status_code == 302
        again = Visitor(app)
        try_door("sales1", NEW, again)
        assert "138****5678" in again.get("/login/verify").text


def test_a_reset_code_is_no_login_code(app, client, try_door, phones):
    """MFA-13: a code is bound to its purpose."""
    with_app("sales1")
    ask(client)
    assert prove(waiting(app, try_door), phones.code(), "sms").status_code == 401


def test_a_bad_token_brings_the_page_back(client):
    """CSRF-1"""
    fields = {"identity": "sales1", "code": "123456", "csrf_token": "wrong"}
    answer = client.post("/reset-password/sms", fields)
    assert answer.status_code == 400
    assert 'name="code"' in answer.text
    assert "123456" not in answer.text


@pytest.mark.parametrize("fields", [{}, {"identity": "sales1"}, {"code": "123456"}])
def test_half_a_form_is_asked_for_the_rest(client, fields):
    answer = client.post("/reset-password/sms", fields)
    assert answer.status_code == 422
    assert "请填写" in alert(answer)


def test_the_link_stays_a_link_and_its_address_no_code(client):
    assert client.get("/reset-password/sms").status_code == 410


def test_without_a_gateway_there_is_no_such_way(client, outbox, phones, without_sms):
    """MFA-13: whoever asks for it all the same gets a mail."""
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).values(email="sales1@example.com"))
    assert "短信" not in client.get("/forgot-password").text
    answer = ask(client)
    assert SENT in answer.text
    assert 'name="code"' not in answer.text
    assert give(client, "123456").status_code == 404
    follow(client, outbox.link())
    assert reset(client).status_code == 302
    assert phones.deliver() == []
    assert PASSWORD != NEW
