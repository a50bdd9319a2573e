"""One's own second factors: setting up, switching off, being made to have one."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select, text, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.device_session import DeviceSession
from app.models.recovery_code import RecoveryCode
from app.models.totp import Totp
from app.models.user import User
from app.services import second_factor
from tests.auth.authenticator import with_passkey
from tests.auth.conftest import errors
from tests.auth.factors import code_of, prove, user_named, waiting, with_app, with_codes
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

HERE = "/account/totp"


@pytest.fixture
def demanding(app):
    """The roles of administrators and security must use a second factor."""
    kept = app.extensions["settings"]
    roles = {"mfa_required_roles": ("admin", "security")}
    app.extensions["settings"] = kept.model_copy(update=roles)
    yield
    app.extensions["settings"] = kept


def secret_of(answer):
    return re.search(r'data-secret="([A-Z2-7]+)"', answer.text).group(1)


def enrol(person):
    """Set up an authenticator the way people do, and return it."""
    authenticator = pyotp.TOTP(secret_of(person.get(HERE)))
    answer = person.post(HERE, {"code": code_of(authenticator)})
    assert answer.status_code == 302, answer.text
    return authenticator


def stale(username):
    """Let the password of everybody's sessions have been given long ago."""
    with work_for(SYSTEM) as work:
        work.session.execute(
            update(DeviceSession)
            .where(DeviceSession.user_id == user_named(username).id)
            .values(confirmed_at=clock.now() - timedelta(minutes=6))
        )


def mailed(outbox):
    return [mail["Subject"].partition(" · ")[0] for mail in outbox.deliver()]


def give_mail(username):
    with work_for(SYSTEM) as work:
        user = work.session.scalars(select(User).where(User.username == username)).one()
        user.email = f"{username}@example.com"


def test_an_app_is_on_only_after_a_code(app, visit, try_door, outbox):
    """MFA-11, MFA-10: confirmed before it is asked for; the owner is told."""
    give_mail("sales1")
    person = visit("sales1")
    secret = secret_of(person.get(HERE))
    assert secret_of(person.get(HERE)) == secret
    assert try_door("sales1", PASSWORD).location == "/admin/"
    wrong = person.post(HERE, {"code": "000000"})
    assert (wrong.status_code, errors(wrong)) == (422, {"code": "验证码不正确，请重试。"})
    assert secret_of(wrong) == secret
    assert person.post(HERE, {"code": ""}).status_code == 422
    answer = person.post(HERE, {"code": code_of(pyotp.TOTP(secret))})
    assert answer.location == "/account/recovery-codes"
    assert "data-secret" not in person.get(HERE).text
    assert try_door("sales1", PASSWORD).location == "/login/verify"
    assert mailed(outbox) == ["验证器应用已启用"]


def test_the_first_code_is_used_up(app, visit, try_door):
    """MFA-1"""
    with clock.freeze(clock.now()):
        authenticator = enrol(visit("sales1"))
        assert prove(waiting(app, try_door), code_of(authenticator)).status_code == 401


def test_secrets_are_encrypted_at_rest_and_leave_the_page(app, visit):
    """MFA-11, PII-9, HDR-3"""
    person = visit("sales1")
    page = person.get(HERE)
    secret = secret_of(page)
    assert "no-store" in page.headers["Cache-Control"]
    assert re.search(
        r'<img class="qr" src="data:image/svg', page.text
    )  # drawn here, asked of nobody
    assert secret not in str(person.browser.get_cookie("sid").value)
    person.post(HERE, {"code": code_of(pyotp.TOTP(secret))})
    forget()
    for table in db.session.execute(select(Totp)).scalars():
        assert secret not in table.secret
    everything = db.session.execute(select(Audit.changes, Audit.action)).all()
    assert secret not in str(everything)
    assert [action for _, action in everything][-1] == "user.totp_enable"


def test_another_session_has_another_open_setup(visit):
    """MFA-11: a set-up left open is worth nothing in another browser."""
    assert secret_of(visit("sales1").get(HERE)) != secret_of(visit("sales1").get(HERE))


def test_an_open_setup_does_not_follow_into_another_account(app, visit):
    """MFA-6"""
    person = visit("sales1")
    secret = secret_of(person.get(HERE))
    person.sign_in("sales2")
    assert secret_of(person.get(HERE)) != secret


def test_switching_off_needs_the_password_and_tells_the_owner(app, visit, try_door, outbox):
    """MFA-10"""
    give_mail("sales1")
    with_app("sales1")
    with_codes("sales1")
    person = visit("sales1")
    stale("sales1")
    assert person.post(HERE, {"disable": "1"}).location == "/account/confirm?next=/account/totp"
    assert try_door("sales1", PASSWORD).location == "/login/verify"
    person.post("/account/confirm", {"password": PASSWORD})
    assert person.post(HERE, {"disable": "1"}).location == HERE
    assert try_door("sales1", PASSWORD).location == "/admin/"
    assert db.session.scalar(select(func.count(RecoveryCode.id))) == 0
    assert mailed(outbox)[-1] == "验证器应用已停用"


@pytest.mark.parametrize("path", [HERE, "/account/recovery-codes"])
def test_changing_factors_needs_the_password_again(visit, path):
    """MFA-10"""
    person = visit("sales1")
    stale("sales1")
    assert person.post(path, {"code": "123456"}).location == f"/account/confirm?next={path}"
    answer = person.post(path, {}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()) == (403, {"error": "confirm"})


def test_two_apps_cannot_be_on(visit):
    person = visit("sales1")
    with_app("sales1")
    assert person.post(HERE, {"code": "123456"}).status_code == 409


def test_recovery_codes_are_shown_once(visit, outbox):
    """MFA-9"""
    give_mail("sales1")
    with_app("sales1")
    person = visit("sales1")
    made = person.post("/account/recovery-codes")
    codes = re.findall(r"<code data-recovery>([^<]+)</code>", made.text)
    assert len(codes) == len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in codes)
    assert "no-store" in made.headers["Cache-Control"]
    later = person.get("/account/recovery-codes").text
    assert not any(code in later for code in codes)
    assert "还剩 10 个可用。" in later
    kept = db.session.scalars(select(RecoveryCode.digest)).all()
    assert not set(kept) & set(codes)
    assert "恢复代码已更新" in mailed(outbox)


def test_new_recovery_codes_replace_the_old(app, visit, try_door):
    """MFA-9"""
    with_app("sales1")
    old = with_codes("sales1")
    visit("sales1").post("/account/recovery-codes")
    assert prove(waiting(app, try_door), old[0], "recovery").status_code == 401


# -- roles that must have one --------------------------------------------------------------


def test_a_role_that_needs_a_factor_opens_nothing_before(app, demanding, visit):
    """MFA-14"""
    person = visit("admin")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin/") and "<" not in rule.rule:
            answer = person.get(rule.rule)
            assert answer.status_code in (302, 403), rule
            if answer.status_code == 302:
                assert answer.location == HERE, rule
    assert person.get("/admin/customer/?format=json").get_json() == {"error": "factor"}
    assert person.post("/admin/customer/new/", {"name": "x"}).location == HERE
    page = person.get(HERE)
    assert "您的角色必须使用两步验证" in page.text
    enrol(person)
    assert person.get("/admin/").status_code == 200
    assert visit("sales1").get("/admin/").status_code == 200


def test_a_role_that_needs_a_factor_keeps_its_last_one(app, demanding, visit):
    """MFA-14"""
    with_app("admin")
    person = visit("admin")
    answer = person.post(HERE, {"disable": "1"})
    assert answer.status_code == 409
    assert "您的角色必须使用两步验证，请先设置另一种验证方式。" in answer.text
    assert person.get("/admin/").status_code == 200


def test_switching_off_what_is_not_on_is_no_conflict(app, demanding, visit):
    """MFA-14: with a passkey and no app there is nothing to switch off."""
    with_passkey("admin")
    person = visit("admin")
    assert person.post(HERE, {"disable": "1"}).status_code == 302
    assert second_factor.has_one(db.session(), person.user_id)


def test_recovery_codes_wait_for_no_factor(visit):
    """MFA-9: made before any factor, they would be a way past every later one."""
    person = visit("sales1")
    page = person.get("/account/recovery-codes")
    assert "请先启用验证器应用或通行密钥" in page.text
    assert "生成新的恢复代码" not in page.text
    answer = person.post("/account/recovery-codes")
    assert answer.status_code == 409
    assert "请先启用验证器应用或通行密钥" in answer.text


def test_a_lost_phone_is_helped_with_a_reason(app, visit, try_door, outbox):
    """MFA-14: audited, the owner is told, sessions end."""
    give_mail("sales1")
    with_app("sales1")
    with_codes("sales1")
    owner, helper = visit("sales1"), visit("security")
    number = str(user_named("sales1").id)
    asked = {"action": "reset_mfa", "rowid": number, "confirm": "1"}
    assert helper.post("/admin/user/action/", asked).status_code == 422
    answer = helper.post("/admin/user/action/", {**asked, "reason": "手机丢失，本人到场"})
    assert answer.status_code == 302, answer.text
    assert owner.get("/admin/").status_code == 302
    assert try_door("sales1", PASSWORD).location == "/admin/"
    assert mailed(outbox)[-1] == "两步验证已重设"
    entry = db.session.scalars(select(Audit).where(Audit.action == "user.reset_mfa")).one()
    assert entry.changes == {"reason": [None, "手机丢失，本人到场"]}
    assert visit("manager").post("/admin/user/action/", asked).status_code == 403


def test_helping_needs_the_password_again(app, visit):
    """MFA-10"""
    helper = visit("security")
    stale("security")
    number = str(user_named("sales1").id)
    answer = helper.post("/admin/user/action/", {"action": "reset_mfa", "rowid": number})
    assert answer.location.startswith("/account/confirm")


# -- trusted devices ---------------------------------------------------------------------


def test_trust_can_be_taken_back(app, try_door, visit):
    """MFA-15"""
    authenticator = with_app("sales1")
    browser = waiting(app, try_door)
    prove(browser, code_of(authenticator), trust_device="1")
    page = browser.get("/account/sessions").text
    (number,) = re.findall(r'data-trusted="(\d+)"', page)
    assert visit("sales2").post("/account/trusted", {"id": number}).status_code == 404
    assert browser.post("/account/trusted", {"id": "x"}).status_code == 404
    assert browser.post("/account/trusted", {"id": number}).location == "/account/sessions"
    assert "data-trusted" not in browser.get("/account/sessions").text
    browser.post("/logout")
    assert try_door("sales1", PASSWORD, browser).location == "/login/verify"


def test_a_stolen_trust_cookie_is_no_password(app, try_door):
    """MFA-15: it spares the second factor only, and only for its owner."""
    authenticator = with_app("sales1")
    browser = waiting(app, try_door)
    prove(browser, code_of(authenticator), trust_device="1")
    thief = Visitor(app)
    thief.browser.set_cookie("trust", browser.browser.get_cookie("trust").value)
    assert thief.get("/admin/").status_code == 302
    assert try_door("sales1", "wrong", thief).status_code == 401
    forget()
    token = browser.browser.get_cookie("trust").value
    kept = db.session.execute(text("SELECT digest FROM trusted_devices")).scalars().all()
    assert token not in kept
