"""Nothing typed is lost on the way through another page, and no page is left without a word."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.cli import jobs
from app.core import clock
from tests.auth.authenticator import with_passkey
from tests.auth.factors import code_of, prove, waiting, with_app, with_codes
from tests.visitor import Visitor, forget

UNSAVED = "您的修改还没有保存，请核对后保存。"
LATE = "验证已超时，请重新登录。"
NO_OTHER = "都不能用？请联系系统管理员。"


@pytest.fixture
def with_settings(app):
    """Other settings, for this test."""
    kept = app.extensions["settings"]
    yield lambda **given: app.extensions.update(settings=kept.model_copy(update=given))
    app.extensions["settings"] = kept


def stale_person(visit, hands):
    person = visit("sales1")
    hands.advance(timedelta(minutes=6))
    return person


def test_a_profile_comes_back_after_the_password(visit):
    """MFA-10, CSRF-6: once, and sealed meanwhile."""
    typed = {"name": "陈小明", "email": "chen@example.com", "phone": "13912345678"}
    with clock.freeze(clock.now()) as hands:
        person = stale_person(visit, hands)
        assert person.post("/account/", typed).location == "/account/confirm?next=/account/"
        with person.browser.session_transaction() as cookie:
            assert "chen@example.com" not in str(dict(cookie))
        person.post("/account/confirm?next=/account/", {"password": "Caixiang-9-Renjia"})
        page = person.get("/account/").text
        assert UNSAVED in page
        assert all(f'value="{value}"' in page for value in typed.values())
        assert UNSAVED not in person.get("/account/").text
        assert person.submit("/account/", **typed).status_code == 302
        assert 'value="chen@example.com"' in person.get("/account/").text


def test_whoever_goes_back_sees_what_is_stored(visit):
    """MFA-10"""
    with clock.freeze(clock.now()) as hands:
        person = stale_person(visit, hands)
        person.post("/account/", {"name": "陈", "email": "chen@example.com"})
        assert "chen@example.com" not in person.get("/account/").text


def test_a_profile_that_fits_in_no_cookie_is_asked_for_again(visit):
    """SQL-3"""
    with clock.freeze(clock.now()) as hands:
        person = stale_person(visit, hands)
        answer = person.post("/account/", {"name": "陈" * 120, "email": "chen@example.com"})
        assert answer.status_code == 302
        assert len(person.browser.get_cookie("sid").value) < 4000


def test_a_code_that_comes_too_late_is_told_so(app, try_door):
    """MFA-5: once, and not to those who never waited."""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        browser = waiting(app, try_door)
        hands.advance(timedelta(minutes=11))
        assert prove(browser, code_of(authenticator)).location == "/login"
        assert LATE in browser.get("/login").text
        assert LATE not in browser.get("/login").text
    assert LATE not in Visitor(app).get("/login").text


def test_who_has_no_other_way_is_told_whom_to_ask(app, try_door):
    """MFA-6"""
    with_app("sales1")
    browser = waiting(app, try_door)
    assert NO_OTHER in browser.get("/login/verify").text
    with_codes("sales1")
    assert NO_OTHER not in browser.get("/login/verify").text


@pytest.mark.parametrize(("profile", "count"), [("dengbao", 8), ("nist", 15)])
def test_the_list_of_rules_says_how_long(visit, with_settings, profile, count):
    """PWD-1: the browser checks by what the server demands."""
    with_settings(password_profile=profile)
    page = visit("sales1").get("/account/password").text
    assert f'data-rule="length" data-count="{count}"' in page


def test_where_there_is_no_name_there_is_no_passkey(app, try_door, visit, with_settings):
    """MFA-12: browsers make none for a number."""
    with_settings(public_url="http://10.0.0.5")
    assert "data-passkey" not in Visitor(app).get("/login").text
    page = visit("sales1").get("/account/passkeys").text
    assert "data-passkey=" not in page
    assert "浏览器在这种地址下不支持通行密钥" in page
    with_passkey("sales1")
    with_app("sales1")
    assert "data-passkey" not in waiting(app, try_door).get("/login/verify").text


def test_the_worker_names_roles_that_nobody_has(with_settings):
    """MFA-14: a misspelt role would demand a second factor of nobody."""
    with_settings(mfa_required_roles=("admin", "securty"))
    forget()
    with capture_logs() as said:
        jobs.warn_of_roles()
    assert [(entry["log_level"], entry["roles"]) for entry in said] == [("warning", ["securty"])]
