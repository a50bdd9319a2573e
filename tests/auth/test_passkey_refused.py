"""Passkeys that are not true: whatever is wrong gets one answer and no session."""

import copy
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from app.cli import jobs
from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.passkey import Passkey
from app.models.passkey_challenge import PasskeyChallenge
from tests.auth.authenticator import (
    PRESENT,
    REFUSED,
    VERIFIED,
    Authenticator,
    asked,
    change,
    come_in,
    decoded,
    encoded,
    refused,
    results,
    send,
    sessions,
    with_passkey,
)
from tests.auth.factors import waiting
from tests.conftest import PASSWORD
from tests.visitor import Visitor

LIES = {
    "not verified": {"flags": PRESENT},
    "not present": {"flags": VERIFIED},
    "another site": {"told": {"origin": "http://localhost:8001"}},
    "plain host": {"told": {"origin": "http://127.0.0.1:8000"}},
    "subdomain": {"told": {"origin": "http://x.localhost:8000"}},
    "another party": {"host": "evil.example"},
    "another ceremony": {"told": {"type": "webauthn.create"}},
    "another challenge": {"told": {"challenge": encoded(b"x" * 32)}},
    "another user": {"handle": b"y" * 32},
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("how", ["alone", "second"])
def test_what_is_not_true_is_refused(app, try_door, lie, how):
    """MFA-12, ENU-5"""
    device = with_passkey("sales1")
    browser = waiting(app, try_door) if how == "second" else Visitor(app)
    refused(come_in(browser, device.sign(asked(browser), **LIES[lie])))
    assert browser.get("/admin/").status_code == 302


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_changed_answer_is_refused(client, part):
    """MFA-12"""
    device = with_passkey("sales1")
    signed = device.sign(asked(client))
    raw = bytearray(decoded(signed["response"][part]))
    raw[-1] ^= 1
    signed["response"][part] = encoded(bytes(raw))
    refused(come_in(client, signed))


def test_somebody_elses_signature_is_refused(client):
    """MFA-12"""
    device, other = with_passkey("sales1"), with_passkey("sales2")
    signed = device.sign(asked(client))
    signed["id"] = signed["rawId"] = encoded(other.id)
    refused(come_in(client, signed))


def test_an_unknown_passkey_is_refused(client):
    """MFA-12, AUD-1"""
    refused(come_in(client, Authenticator(handle=b"x").sign(asked(client))))
    assert results() == ["wrong"]


def test_a_deleted_passkey_is_refused(client):
    """MFA-12"""
    device = with_passkey("sales1")
    signed = device.sign(asked(client))
    with work_for(SYSTEM) as work:
        work.session.execute(delete(Passkey))
    refused(come_in(client, signed))


def test_a_passkey_of_somebody_else_is_no_second_factor(app, try_door):
    """MFA-12, MFA-6"""
    with_passkey("sales1")
    other = with_passkey("sales2")
    browser = waiting(app, try_door)
    refused(come_in(browser, other.sign(asked(browser))))
    assert results() == ["pending", "factor"]


def test_a_replay_is_refused(app, client):
    """MFA-12"""
    device = with_passkey("sales1")
    signed = device.sign(asked(client))
    assert come_in(client, copy.deepcopy(signed)).status_code == 200
    client.post("/logout")
    refused(come_in(client, signed))
    refused(come_in(Visitor(app), signed))


def test_a_failed_try_uses_the_challenge_up(client):
    """MFA-12"""
    device = with_passkey("sales1")
    options = asked(client)
    refused(come_in(client, device.sign(options, flags=PRESENT)))
    refused(come_in(client, device.sign(options)))


def test_a_challenge_of_another_browser_is_refused(app):
    """MFA-12"""
    device = with_passkey("sales1")
    victim, thief = Visitor(app), Visitor(app)
    asked(thief)
    signed = device.sign(asked(victim))
    refused(come_in(thief, signed))
    assert come_in(victim, signed).status_code == 200  # a stranger cannot use it up


def test_a_challenge_of_another_purpose_or_user_is_refused(app, try_door, visit):
    """MFA-12"""
    device = with_passkey("sales1")
    browser = waiting(app, try_door)
    alone = asked(browser, {"alone": True})
    refused(come_in(browser, device.sign(alone)))
    second = asked(browser)
    refused(come_in(browser, device.sign(second), alone=True))
    second = asked(browser)
    with_passkey("sales2")
    with browser.browser.session_transaction() as cookie:
        secret = cookie["csrf_token"]
    try_door("sales2", PASSWORD, browser)
    with browser.browser.session_transaction() as cookie:
        cookie["csrf_token"] = secret
    refused(come_in(browser, device.sign(second)))
    person = visit("sales1")
    made = send(person, "/account/passkeys/begin", {}).get_json()
    person.post("/account/sessions", {"others": "1"})
    before = sessions()
    answer = come_in(person, device.sign(made))
    assert (answer.status_code, answer.get_json(), sessions()) == (400, REFUSED, before)


def test_challenges_end_after_five_minutes(client):
    """MFA-12"""
    device = with_passkey("sales1")
    with clock.freeze(clock.now()) as hands:
        options = asked(client)
        hands.advance(timedelta(minutes=5))
        refused(come_in(client, device.sign(options)))
        asked(client)
        hands.advance(timedelta(minutes=5))
        jobs.tidy_up()
        assert db.session.scalar(select(func.count(PasskeyChallenge.id))) == 0


def test_a_counter_that_went_back_is_refused_remembered_and_told(client, outbox):
    """MFA-12, AUD-1"""
    change("sales1", email="sales1@example.com")
    device = with_passkey("sales1", count=7)
    for count in (7, 3, 0):
        refused(come_in(client, device.sign(asked(client), count=count)))
    entries = db.session.scalars(select(Audit).where(Audit.action == "user.passkey_copied")).all()
    assert [(one.result, one.changes["sign_count"]) for one in entries] == [
        ("denied", [7, 7]),
        ("denied", [7, 3]),
        ("denied", [7, 0]),
    ]
    mails = outbox.deliver()
    assert [mail["Subject"].partition(" · ")[0] for mail in mails] == ["通行密钥可能已被复制"] * 3
    assert come_in(client, device.sign(asked(client), count=8)).status_code == 200


def test_a_forged_counter_alarms_nobody(client, outbox):
    """MFA-12: without the key nobody makes us write letters."""
    change("sales1", email="sales1@example.com")
    device = with_passkey("sales1", count=7)
    forger = Authenticator(id=device.id, handle=device.handle)
    refused(come_in(client, forger.sign(asked(client), count=3)))
    assert outbox.deliver() == []


@pytest.mark.parametrize("why", ["disabled", "one-time password over"])
@pytest.mark.parametrize("how", ["alone", "second"])
def test_who_may_not_sign_in_is_refused_alike(app, try_door, why, how):
    """ENU-1, SES-8, PWD-8"""
    device = with_passkey("sales1")
    browser = waiting(app, try_door) if how == "second" else Visitor(app)
    options = asked(browser)
    values = {"is_active": False} if why == "disabled" else {"password_expires_at": clock.now()}
    change("sales1", **values)
    refused(come_in(browser, device.sign(options)))


def test_of_the_same_answer_twice_at_once_one_succeeds(app, try_door):
    """MFA-12: also between parallel requests of copies of one browser."""
    device = with_passkey("sales1", counts=False)
    for browser in (Visitor(app), waiting(app, try_door)):
        before = sessions()
        signed = device.sign(asked(browser))
        cookie, token = browser.browser.get_cookie("sid").value, browser.token

        def attempt(_, cookie=cookie, token=token, signed=signed):
            copied = app.test_client()
            copied.set_cookie("sid", cookie)
            path = "/login/passkey/finish"
            headers = {"X-CSRFToken": token}
            return copied.post(path, json={"credential": signed}, headers=headers).status_code

        with ThreadPoolExecutor(6) as crowd:
            assert sorted(crowd.map(attempt, range(6))) == [200, 400, 400, 400, 400, 400]
        assert sessions() == before + 1
