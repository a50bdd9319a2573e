"""The second factor at the door: what is closed until then, what is accepted, how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.device_session import DeviceSession
from app.models.login_log import LoginLog
from app.models.user import User
from app.services import password, totp
from tests.auth.conftest import alert
from tests.auth.factors import STEP, code_of, prove, user_named, waiting, with_app, with_codes
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

WRONG = "验证码不正确，请重试。"


def sessions_of(username):
    forget()
    number = user_named(username).id
    counting = select(func.count()).where(DeviceSession.user_id == number)
    return db.session.scalar(counting)


def test_password_and_code_lead_in(app, try_door):
    """MFA-5, SES-1"""
    authenticator = with_app("sales1")
    browser = waiting(app, try_door)
    before = browser.browser.get_cookie("sid").value
    answer = prove(browser, code_of(authenticator))
    assert (answer.status_code, answer.location) == (302, "/admin/")
    assert browser.browser.get_cookie("sid").value != before
    assert browser.get("/admin/").status_code == 200


def test_people_without_a_factor_are_not_asked(app, try_door):
    assert try_door("sales1", PASSWORD).location == "/admin/"


def test_nothing_opens_between_the_factors(app, try_door):
    """MFA-5"""
    with_app("sales1")
    browser = waiting(app, try_door)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/admin/", "/account/")) and "<" not in rule.rule:
            answer = browser.get(rule.rule)
            if "/ajax/" in rule.rule:
                assert answer.status_code == 401, rule
            else:
                assert answer.status_code == 302, rule
                assert answer.location.startswith("/login/verify"), rule
            if "POST" in rule.methods:
                assert browser.post(rule.rule).status_code in (302, 401), rule
    assert sessions_of("sales1") == 0
    assert browser.get("/admin/customer/?format=json").get_json() == {"error": "login"}


def test_the_way_back_is_kept(app, try_door):
    authenticator = with_app("sales1")
    browser = Visitor(app)
    answer = try_door("sales1", PASSWORD, browser, more={"next": "/admin/order/?page=2"})
    assert answer.location == "/login/verify?next=/admin/order/?page%3D2"
    page = browser.get(answer.location)
    assert 'name="next" value="/admin/order/?page=2"' in page.text
    answer = prove(browser, code_of(authenticator), next="/admin/order/?page=2")
    assert answer.location == "/admin/order/?page=2"
    assert browser.get("/login/verify").location == "/admin/"


def test_a_wrong_code_says_so_and_lets_nobody_in(app, try_door):
    """MFA-5, AUD-1"""
    with_app("sales1")
    browser = waiting(app, try_door)
    answer = prove(browser, "000000")
    assert (answer.status_code, alert(answer)) == (401, WRONG)
    assert "000000" not in answer.text
    assert prove(browser, "").status_code == 422
    forget()
    results = db.session.scalars(select(LoginLog.result).order_by(LoginLog.id)).all()
    assert [one.value for one in results] == ["pending", "factor"]


@pytest.mark.parametrize("method", ["", "sms", "password", "totp "])
def test_an_unknown_method_is_no_way_round(app, try_door, method):
    """MFA-5"""
    with_app("sales1")
    browser = waiting(app, try_door)
    assert prove(browser, "123456", method).status_code in (401, 422)
    assert sessions_of("sales1") == 0


def test_before_the_password_nobody_learns_of_factors(app, try_door):
    """ENU-5"""
    plain = try_door("sales1", "wrong")
    with_app("sales2")
    guarded = try_door("sales2", "wrong")
    assert (plain.status_code, alert(plain)) == (guarded.status_code, alert(guarded))
    assert Visitor(app).get("/login/verify").location == "/login"


def test_codes_may_be_typed_full_width_and_with_blanks(app, try_door):
    """MFA-8"""
    authenticator = with_app("sales1")
    code = code_of(authenticator)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    answer = prove(waiting(app, try_door), f" {wide[:3]}　{wide[3:]}-")
    assert answer.status_code == 302


def test_a_code_works_once(app, try_door):
    """MFA-1"""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        code = code_of(authenticator)
        assert prove(waiting(app, try_door), code).status_code == 302
        assert prove(waiting(app, try_door), code).status_code == 401
        hands.advance(STEP)
        assert prove(waiting(app, try_door), code_of(authenticator)).status_code == 302


def test_an_older_code_is_dead_after_a_newer_one(app, try_door):
    """MFA-1"""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()):
        assert prove(waiting(app, try_door), code_of(authenticator, steps=1)).status_code == 302
        for steps in (-1, 0, 1):
            answer = prove(waiting(app, try_door), code_of(authenticator, steps=steps))
            assert answer.status_code == 401, steps


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 302), (0, 302), (1, 302), (2, 401)])
def test_clocks_may_differ_by_one_step(app, try_door, steps, status):
    """MFA-1"""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()):
        answer = prove(waiting(app, try_door), code_of(authenticator, steps=steps))
        assert answer.status_code == status


def test_of_the_same_code_twice_at_once_one_succeeds(app):
    """MFA-1"""
    authenticator = with_app("sales1")
    number = user_named("sales1").id
    code = code_of(authenticator)

    def attempt(_):
        with app.app_context(), work_for(SYSTEM) as work:
            return totp.accept(work, number, code)

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(attempt, range(8))) == 1


def test_one_waiting_becomes_one_session(app, try_door):
    """MFA-6: the waiting ends with the first proof, also for a copy of the cookie."""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        browser = waiting(app, try_door)
        copy = Visitor(app)
        copy.browser.set_cookie("sid", browser.browser.get_cookie("sid").value)
        assert prove(browser, code_of(authenticator)).status_code == 302
        hands.advance(STEP)
        assert prove(copy, code_of(authenticator)).location == "/login"
        assert sessions_of("sales1") == 1


def test_waiting_ends_after_ten_minutes(app, try_door):
    """MFA-6"""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        browser = waiting(app, try_door)
        hands.advance(timedelta(minutes=10))
        assert browser.get("/login/verify").location == "/login"
        assert prove(browser, code_of(authenticator)).location == "/login"


def test_waiting_belongs_to_one_person(app, try_door):
    """MFA-6: another password in the same browser starts anew; a made-up cookie waits for nobody."""
    first, second = with_app("sales1"), with_app("sales2")
    browser = waiting(app, try_door)
    try_door("sales2", PASSWORD, browser)
    assert prove(browser, code_of(first)).status_code == 401
    assert prove(browser, code_of(second)).status_code == 302
    assert sessions_of("sales1") == 0
    stranger = Visitor(app)
    with stranger.browser.session_transaction() as cookie:
        cookie["pending"] = "x" * 43
    assert stranger.get("/login/verify").location == "/login"


@pytest.mark.parametrize("change", ["disabled", "password"])
def test_a_new_password_or_a_disabled_account_ends_the_waiting(app, try_door, change):
    """MFA-6, SES-8"""
    authenticator = with_app("sales1")
    browser = waiting(app, try_door)
    with work_for(SYSTEM) as work:
        user = work.session.scalars(select(User).where(User.username == "sales1")).one()
        if change == "password":
            password.issue(work, user)
        else:
            user.is_active = False
    assert prove(browser, code_of(authenticator)).location == "/login"


# -- recovery codes --------------------------------------------------------------------


def test_a_recovery_code_works_once(app, try_door, outbox):
    """MFA-9"""
    with_app("sales1")
    codes = with_codes("sales1")
    edited = codes[0].lower().replace("-", " ")
    assert prove(waiting(app, try_door), edited, "recovery").status_code == 302
    assert prove(waiting(app, try_door), codes[0], "recovery").status_code == 401
    assert prove(waiting(app, try_door), codes[1], "recovery").status_code == 302


def test_recovery_codes_belong_to_one_person(app, try_door):
    """MFA-9"""
    with_app("sales1")
    with_app("sales2")
    with_codes("sales1")
    foreign = with_codes("sales2")
    assert prove(waiting(app, try_door), foreign[0], "recovery").status_code == 401
