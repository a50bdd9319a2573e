"""SMS as the second factor: one code, one phone, one try to sign in – and never the only way."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.sms_code import LIFE
from app.models.audit import Audit
from app.models.job import Job
from app.models.rate_counter import RateCounter
from app.models.sms_code import SmsCode
from app.models.user import User
from tests.auth.conftest import alert
from tests.auth.factors import code_of, prove, waiting, with_app, with_codes
from tests.auth.phones import PHONE, another, with_phone
from tests.auth.test_verify import WRONG, sessions_of
from tests.visitor import Visitor, forget
from tests.web.test_logs import lines

__all__ = ["lines"]
SEND = "/login/sms/send"
HERE = "/login/verify?method=sms&sent=1"
MINUTE = timedelta(seconds=61)


@pytest.fixture(autouse=True)
def phone(app):
    """The person of this test has an authenticator app and a phone."""
    with_app("sales1")
    return with_phone("sales1")


@pytest.fixture
def browser(app, try_door):
    """A browser in which the password of sales1 was right."""
    return waiting(app, try_door)


def ask(browser):
    answer = browser.post(SEND)
    assert (answer.status_code, answer.location) == (302, HERE), answer.text
    return browser


def phones_code(browser, phones):
    ask(browser)
    return phones.code()


def rows():
    forget()
    return db.session.scalars(select(SmsCode).order_by(SmsCode.id)).all()


def test_password_and_code_lead_in(browser, phones):
    """MFA-13, MFA-5"""
    ask(browser)
    code = phones.code()
    assert len(code) == 6
    assert code.isdecimal()
    answer = prove(browser, code, "sms")
    assert (answer.status_code, answer.location) == (302, "/admin/")
    assert sessions_of("sales1") == 1


def test_the_message_says_what_it_is_for(browser, phones):
    ask(browser)
    (message,) = phones.deliver()
    assert set(message) == {"to", "text", "code", "purpose", "at"}
    assert (message["to"], message["purpose"]) == (PHONE, "login")
    assert message["text"] == (
        f"【苏州彩箱】登录验证码 {message['code']}，5 分钟内有效。请勿告诉任何人。"
    )


def test_the_page_masks_the_phone_and_says_that_it_is_the_weakest(app, client, browser):
    """ENU-5, MFA-13"""
    assert PHONE[-4:] not in client.get("/forgot-password").text
    assert "短信 138****5678（较弱）" in browser.get("/login/verify").text
    page = ask(browser).get(HERE).text
    assert "短信是最弱的验证方式" in page
    assert "如果手机号 138****5678 有效，您将收到验证码，60 秒后可重发。" in page
    assert PHONE not in page


@pytest.mark.parametrize("stored", [None, "0512-65432109", "+4915112345678", "4008001234"])
def test_without_a_mobile_the_answer_is_the_same_and_nothing_is_sent(browser, phones, stored):
    """MFA-13"""
    with_phone("sales1", stored)
    ask(browser)
    assert phones.deliver() == []
    page = browser.get(HERE).text
    assert "短信" not in page
    assert prove(browser, "123456", "sms").status_code == 401


def test_before_the_password_nothing_is_sent(client, phones):
    """ENU-5"""
    answer = client.post(SEND)
    assert (answer.status_code, answer.location) == (302, "/login")
    answer = client.post(SEND, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()) == (401, {"error": "login"})
    assert phones.deliver() == []


def test_scripts_are_answered_with_data(browser, phones):
    answer = browser.post(SEND, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()) == (200, {"sent": True, "retry_after": 60})
    answer = browser.post(SEND, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["error"]) == (429, "too_many")
    assert len(phones.deliver()) == 1


def test_a_bad_token_sends_nothing_and_leads_back(browser, phones):
    """CSRF-1"""
    answer = browser.post(SEND, {"csrf_token": "wrong"})
    assert answer.status_code == 400
    assert 'name="code"' in answer.text
    assert phones.deliver() == []


def test_a_code_works_once(app, try_door, browser, phones):
    """MFA-13"""
    copy = Visitor(app)
    copy.browser.set_cookie("sid", browser.browser.get_cookie("sid").value)
    code = phones_code(browser, phones)
    assert prove(browser, code, "sms").status_code == 302
    assert prove(copy, code, "sms").location == "/login"
    assert prove(waiting(app, try_door), code, "sms").status_code == 401


def test_a_code_expires(browser, phones):
    """MFA-13"""
    with clock.freeze(clock.now()) as hands:
        code = phones_code(browser, phones)
        hands.advance(LIFE)
        assert prove(browser, code, "sms").status_code == 401


def test_a_new_code_kills_the_old(browser, phones):
    """MFA-13"""
    with clock.freeze(clock.now()) as hands:
        old = phones_code(browser, phones)
        hands.advance(MINUTE)
        new = phones_code(browser, phones)
        if old != new:
            assert prove(browser, old, "sms").status_code == 401
        assert prove(browser, new, "sms").status_code == 302


def test_a_code_is_bound_to_the_attempt_and_its_person(app, try_door, browser, phones):
    """MFA-13: another browser with the same password cannot use it, nor can somebody else."""
    with_app("sales2")
    with_phone("sales2", "13912345678")
    code = phones_code(browser, phones)
    assert prove(waiting(app, try_door), code, "sms").status_code == 401
    assert prove(waiting(app, try_door, "sales2"), code, "sms").status_code == 401
    assert prove(browser, code, "totp").status_code == 401
    assert prove(browser, code, "recovery").status_code == 401
    assert prove(browser, code, "sms").status_code == 302


def test_a_code_dies_with_a_changed_phone(browser, phones):
    """MFA-13"""
    code = phones_code(browser, phones)
    with_phone("sales1", "13987654321")
    assert prove(browser, code, "sms").status_code == 401


def test_a_code_bears_five_tries(browser, phones):
    """MFA-13: the account's own limit of guesses put aside."""
    with clock.freeze(clock.now()) as hands:
        code = phones_code(browser, phones)
        for turn in range(5):
            assert prove(browser, another(code), "sms").status_code == 401
            if turn == 3:  # the limit of the account begins anew; the code is not over yet
                forget_guesses()
        assert prove(browser, code, "sms").status_code == 401
        assert [row.tries for row in rows()] == [5]
        hands.advance(MINUTE)
        assert prove(browser, phones_code(browser, phones), "sms").status_code == 302


def forget_guesses():
    with work_for(SYSTEM) as work:
        work.session.execute(
            update(RateCounter).where(RateCounter.key.startswith("factor:")).values(hits=0)
        )


def test_guesses_of_codes_count_with_those_of_other_factors(browser, phones):
    """MFA-4"""
    with clock.freeze(clock.now()):
        code = phones_code(browser, phones)
        for turn in range(5):
            method = ("sms", "totp")[turn % 2]
            assert prove(browser, another(code), method).status_code == 401
        answer = prove(browser, code, "sms")
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0


def test_sending_is_limited_per_phone(app, try_door, browser):
    """MFA-13, LCK-13: one a minute, five an hour, ten a day, whoever asks."""
    with_app("sales2")
    with_phone("sales2")
    with clock.freeze(clock.now()) as hands:
        ask(browser)
        for again in (browser, waiting(app, try_door, "sales2")):
            answer = again.post(SEND)
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
            assert alert(answer) == "短信发送过于频繁，请在 60 秒后再试。"
            assert "138****5678" in answer.text
        for _ in range(4):
            hands.advance(MINUTE)
            ask(browser)
        hands.advance(MINUTE)
        answer = browser.post(SEND)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) == 3600 - 5 * 61
        assert alert(answer) == "短信发送次数过多，请在 55 分钟后再试。"
        for _ in range(8):
            hands.advance(timedelta(hours=1))
            answer = waiting(app, try_door).post(SEND)
    assert len(rows()) == 10
    assert answer.status_code == 429


def test_codes_are_in_no_log_audit_page_or_table(app, browser, phones, lines):
    """MFA-13, PWD-12, PII-1"""
    ask(browser)
    forget()
    waiting_jobs = db.session.scalars(select(Job.payload)).all()
    code = phones.code()
    pages = browser.get(HERE).text + prove(browser, another(code), "sms").text
    pages += prove(browser, code, "sms").text
    forget()
    entries = json.dumps(
        [[one.action, one.changes, one.actor] for one in db.session.scalars(select(Audit))]
    )
    kept = " ".join(f"{row.digest} {row.phone} {row.bound_to} {row.purpose}" for row in rows())
    payloads = " ".join([*waiting_jobs, *db.session.scalars(select(Job.payload))])
    assert "user.sms_code" in entries
    for text in (pages, entries, kept, "\n".join(lines), payloads):
        assert code not in text
        assert PHONE not in text
    assert set(db.session.scalars(select(Job.payload).where(Job.kind == "sms"))) == {""}


def test_sms_is_no_way_in_of_its_own(app, try_door):
    """MFA-13: without an authenticator app or a passkey nobody is asked for a second factor."""
    with_phone("sales2", "13912345678")
    assert try_door("sales2", "Caixiang-9-Renjia").location == "/admin/"


def test_a_disabled_user_gets_nothing(browser, phones):
    """SES-8"""
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).where(User.username == "sales1").values(is_active=False))
    assert browser.post(SEND).location == "/login"
    assert phones.deliver() == []


def test_without_a_gateway_there_is_no_such_way(app, try_door, without_sms):
    """MFA-13"""
    with_codes("sales1")
    browser = waiting(app, try_door)
    assert browser.post(SEND).status_code == 404
    for address in ("/login", "/login/verify", HERE):
        assert "短信" not in browser.get(address).text, address
    assert "短信" not in prove(browser, "123456", "sms").text


def test_a_code_of_an_authenticator_is_none_of_a_phone(browser):
    """MFA-13"""
    assert prove(browser, code_of(with_app("sales3")), "sms").status_code == 401
    assert alert(prove(browser, "000000", "sms")) == WRONG
