"""Devices that are trusted, and browsers that are remembered: what they spare, and what never."""

from datetime import timedelta

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.models.pending_login import PendingLogin
from tests.auth.factors import code_of, prove, waiting, with_app
from tests.conftest import PASSWORD


def test_a_trusted_device_is_not_asked_again(app, try_door):
    """MFA-15"""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        browser = waiting(app, try_door)
        prove(browser, code_of(authenticator), trust_device="1")
        cookie = browser.browser.get_cookie("trust")
        assert (cookie.http_only, cookie.path) == (True, "/")
        browser.post("/logout")
        assert try_door("sales1", PASSWORD, browser).location == "/admin/"
        with_app("sales2")
        assert try_door("sales2", PASSWORD, browser).location == "/login/verify"
        hands.advance(timedelta(days=30, seconds=1))
        assert try_door("sales1", PASSWORD, browser).location == "/login/verify"


def test_a_new_password_ends_all_trust(app, try_door):
    """MFA-15, RST-5"""
    authenticator = with_app("sales1")
    browser = waiting(app, try_door)
    prove(browser, code_of(authenticator), trust_device="1")
    new = "Zoku-Fjord82-Wolk"
    changed = browser.post(
        "/account/password",
        {"current_password": PASSWORD, "new_password": new, "confirm_password": new},
    )
    assert changed.status_code == 302
    browser.post("/logout")
    assert try_door("sales1", new, browser).location == "/login/verify"


def test_a_remembered_browser_is_asked_for_the_second_factor(app, try_door):
    """MFA-17, SES-10"""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        browser = waiting(app, try_door, remember="1")
        prove(browser, code_of(authenticator))
        assert browser.browser.get_cookie("remember")
        hands.advance(timedelta(days=2))
        answer = browser.get("/admin/customer/")
        assert answer.location == "/login/verify?next=/admin/customer/"
        waits = db.session.scalar(select(func.count(PendingLogin.id)))
        browser.get("/admin/customer/")
        assert db.session.scalar(select(func.count(PendingLogin.id))) == waits
        answer = prove(browser, code_of(authenticator), next="/admin/customer/")
        assert answer.location == "/admin/customer/"
        assert browser.get("/admin/customer/").status_code == 200
        assert browser.get("/account/totp").location.startswith("/account/confirm")
