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
from app.models.pending_login import PendingLogin
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


# -- how often -------------------------------------------------------------------------


def test_guesses_are_limited_across_browsers_and_factors(app, try_door):
    """MFA-4"""
    authenticator = with_app("sales1")
    codes = with_codes("sales1")
    with clock.freeze(clock.now()) as hands:
        browsers = [waiting(app, try_door) for _ in range(3)]
        for turn in range(5):
            method = ("totp", "recovery")[turn % 2]
            assert prove(browsers[turn % 3], "000000", method).status_code == 401
        answer = prove(browsers[0], code_of(authenticator))
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert alert(answer) == "验证次数过多，请在 5 分钟后再试。"
        assert prove(browsers[1], codes[0], "recovery").status_code == 429
        hands.advance(timedelta(minutes=5, seconds=1))
        assert prove(browsers[0], code_of(authenticator)).status_code == 302


def test_a_right_code_does_not_forgive_the_wrong_ones(app, try_door):
    """MFA-4: the owner's success gives no new guesses to a stranger."""
    authenticator = with_app("sales1")
    with clock.freeze(clock.now()):
        stranger, owner = waiting(app, try_door), waiting(app, try_door)
        for _ in range(4):
            assert prove(stranger, "000000").status_code == 401
        assert prove(owner, code_of(authenticator)).status_code == 302
        assert prove(stranger, "000000").status_code == 401
        assert prove(stranger, "000000").status_code == 429


def test_hours_and_days_have_limits_of_their_own(app, try_door):
    """MFA-4"""
    with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        judged = 0
        for _ in range(12):
            browser = waiting(app, try_door)
            for _ in range(5):
                judged += prove(browser, "000000").status_code == 401
            hands.advance(timedelta(minutes=5, seconds=1))
        assert judged == 20
        for _ in range(30):
            hands.advance(timedelta(minutes=30))
            browser = waiting(app, try_door)
            for _ in range(5):
                judged += prove(browser, "000000").status_code == 401
        assert judged == 50


def test_limits_of_codes_and_passwords_are_apart(app, try_door):
    """MFA-4"""
    with_app("sales1")
    browser = waiting(app, try_door)
    for _ in range(6):
        prove(browser, "000000")
    assert try_door("sales1", "wrong").status_code == 401
    assert waiting(app, try_door)


# -- trusted devices and remembered browsers ---------------------------------------------


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
