"""Signing in with a passkey: alone, for both factors, or after the password."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.models.passkey import Passkey
from tests.auth.authenticator import (
    asked,
    change,
    come_in,
    decoded,
    encoded,
    results,
    sessions,
    with_passkey,
)
from tests.auth.factors import code_of, prove, waiting, with_app
from tests.conftest import PASSWORD
from tests.visitor import Visitor


def test_a_passkey_alone_leads_in(app, client):
    """MFA-12, SES-1, SES-11"""
    device = with_passkey("sales1")
    options = asked(client)
    before = client.browser.get_cookie("sid").value
    answer = come_in(client, device.sign(options), next="/admin/order/?page=2")
    assert answer.get_json() == {"redirect": "/admin/order/?page=2"}
    assert client.browser.get_cookie("sid").value != before
    assert client.browser.get_cookie("device")
    assert client.get("/admin/").status_code == 200
    assert client.get("/account/totp").status_code == 200  # who they are was proved just now
    assert results() == ["ok"]
    kept = db.session.scalars(select(Passkey)).one()
    assert (kept.sign_count, kept.used_at is not None) == (1, True)


def test_a_passkey_is_a_second_factor(app, try_door):
    """MFA-5, MFA-12, MFA-15"""
    device = with_passkey("sales1")
    browser = waiting(app, try_door)
    page = browser.get("/login/verify").text
    assert "用指纹或通行密钥验证" in page
    assert 'name="code"' not in page
    options = asked(browser)
    assert [one["id"] for one in options["allowCredentials"]] == [encoded(device.id)]
    answer = come_in(browser, device.sign(options), trust_device=True)
    assert answer.get_json() == {"redirect": "/admin/"}
    assert browser.get("/admin/").status_code == 200
    assert browser.browser.get_cookie("trust")
    assert results() == ["pending", "ok"]
    browser.post("/logout")
    assert try_door("sales1", PASSWORD, browser).location == "/admin/"


def test_beside_an_app_either_will_do(app, try_door):
    """MFA-5"""
    authenticator, device = with_app("sales1"), with_passkey("sales1")
    browser = waiting(app, try_door)
    page = browser.get("/login/verify").text
    assert "改用指纹或通行密钥" in page
    assert 'name="code"' in page
    assert prove(browser, code_of(authenticator)).status_code == 302
    other = waiting(app, try_door)
    assert come_in(other, device.sign(asked(other))).status_code == 200


def test_typing_a_code_where_only_a_passkey_is_on_leads_nowhere(app, try_door):
    """MFA-5"""
    with_passkey("sales1")
    for method in ("passkey", "totp", "recovery", ""):
        assert prove(waiting(app, try_door), "123456", method).status_code == 401
    assert sessions() == 0


def test_the_answer_to_begin_is_the_same_for_everybody(app, client, visit):
    """ENU-5: nothing tells whether anybody has a passkey."""
    first = asked(client)
    with_passkey("sales1")
    second = asked(Visitor(app), {"username": "sales1"})
    third = asked(visit("sales1"))
    for options in (first, second, third):
        assert len(decoded(options.pop("challenge"))) == 32
    assert first == second == third
    assert first["allowCredentials"] == []
    assert (first["rpId"], first["userVerification"]) == ("localhost", "required")


def test_authenticators_that_count_nothing_are_fine(app):
    """MFA-12: passkeys that are kept in the cloud always say 0."""
    device = with_passkey("sales1", counts=False)
    for _ in range(2):
        browser = Visitor(app)
        assert come_in(browser, device.sign(asked(browser))).status_code == 200


def test_a_counter_may_be_as_high_as_counters_go(app, client):
    """MFA-12, SQL-3"""
    device = with_passkey("sales1")
    answer = come_in(client, device.sign(asked(client), count=2**32 - 1))
    assert answer.status_code == 200


@pytest.mark.parametrize("handle", [b"", None])
def test_without_a_user_handle_the_credential_tells_whose_it_is(client, handle):
    """MFA-12"""
    device = with_passkey("sales1")
    assert come_in(client, device.sign(asked(client), handle=handle)).status_code == 200


def test_the_rules_of_passwords_still_hold(client):
    """PWD-7, PWD-8"""
    device = with_passkey("sales1")
    change("sales1", must_change_password=True)
    assert come_in(client, device.sign(asked(client))).status_code == 200
    assert client.get("/admin/").location == "/account/password"


def test_a_passkey_alone_leaves_the_waiting_of_somebody_else_behind(app, try_door):
    """MFA-6: on the login page a passkey is for both factors, whoever waits in this browser."""
    with_app("sales2")
    device = with_passkey("sales1")
    browser = waiting(app, try_door, "sales2")
    options = asked(browser, {"alone": True})
    assert options["allowCredentials"] == []
    assert come_in(browser, device.sign(options), alone=True).status_code == 200
    assert browser.get("/account/").text.count("sales1") > 0
    with browser.browser.session_transaction() as cookie:
        assert "pending" not in cookie


def test_next_leads_only_to_this_site(app):
    """RED-1"""
    device = with_passkey("sales1")
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", 7, ["/x"], {}):
        browser = Visitor(app)
        answer = come_in(browser, device.sign(asked(browser)), next=target)
        assert answer.get_json() == {"redirect": "/admin/"}
