"""One's own passkeys: adding, naming, deleting, and how many there may be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.device_session import DeviceSession
from app.models.passkey import Passkey
from app.models.recovery_code import RecoveryCode
from app.services import recovery_code
from tests.auth.authenticator import (
    PRESENT,
    Authenticator,
    asked,
    change,
    come_in,
    decoded,
    encoded,
    send,
    with_passkey,
)
from tests.auth.factors import user_named, with_codes
from tests.auth.test_factors import demanding, enrol, stale  # noqa: F401 - a fixture
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

HERE = "/account/passkeys"
NOT_ADDED = {"error": "没有添加：通行密钥验证失败，请重试。"}


def begun(person):
    answer = send(person, f"{HERE}/begin", {})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def add(person, device, name="办公电脑", **lies):
    sent = {"name": name, "credential": device.create(begun(person), **lies)}
    return send(person, f"{HERE}/finish", sent)


def passkeys():
    forget()
    return db.session.scalars(select(Passkey).order_by(Passkey.id)).all()


def test_a_passkey_is_added_and_leads_in(app, visit, outbox):
    """MFA-12, MFA-10, AUD-1"""
    change("sales1", email="sales1@example.com")
    person, device = visit("sales1"), Authenticator()
    assert "还没有通行密钥。" in person.get(HERE).text
    assert add(person, device).get_json() == {"redirect": "/account/recovery-codes"}
    kept = passkeys()[0]
    assert (kept.name, kept.transports, kept.used_at) == ("办公电脑", "internal,hybrid", None)
    page = person.get(HERE).text
    assert "办公电脑" in page
    assert "还没有用过" in page
    browser = Visitor(app)
    assert come_in(browser, device.sign(asked(browser))).status_code == 200
    assert "最近使用" in browser.get(HERE).text
    assert [mail["Subject"].partition(" · ")[0] for mail in outbox.deliver()] == ["通行密钥已添加"]
    added = db.session.scalars(select(Audit).where(Audit.action == "user.passkey_add")).one()
    assert added.changes == {"passkey": [None, "办公电脑"]}


def test_options_ask_for_what_is_promised(visit):
    """MFA-12: the user is verified, the passkey can be found alone, and tells nothing of its owner."""
    mine = with_passkey("sales1")
    options = begun(visit("sales1"))
    assert options["rp"] == {"name": "苏州彩箱", "id": "localhost"}
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [one["id"] for one in options["excludeCredentials"]] == [encoded(mine.id)]
    assert decoded(options["user"]["id"]) == mine.handle
    assert b"sales1" not in mine.handle
    assert begun(visit("sales2"))["user"]["id"] != options["user"]["id"]


@pytest.mark.parametrize(
    "lies",
    [
        {"flags": PRESENT},
        {"host": "evil.example"},
        {"told": {"origin": "https://evil.example"}},
        {"told": {"type": "webauthn.get"}},
        {"told": {"challenge": encoded(b"x" * 32)}},
    ],
    ids=["not verified", "party", "origin", "ceremony", "challenge"],
)
def test_what_is_not_true_is_not_added(visit, lies):
    """MFA-12"""
    answer = add(visit("sales1"), Authenticator(), **lies)
    assert (answer.status_code, answer.get_json()) == (400, NOT_ADDED)
    assert passkeys() == []


def test_a_challenge_is_good_once_for_one_browser_user_and_purpose(visit):
    """MFA-12"""
    person, other = visit("sales1"), visit("sales2")
    made = {"credential": Authenticator().create(begun(person))}
    begun(other)
    assert send(other, f"{HERE}/finish", made).get_json() == NOT_ADDED
    assert send(person, f"{HERE}/finish", made).status_code == 200
    assert send(person, f"{HERE}/finish", made).get_json() == NOT_ADDED
    at_the_door = asked(person)
    wrong = {"challenge": at_the_door["challenge"], "user": {"id": "AAAA"}}
    answer = send(person, f"{HERE}/finish", {"credential": Authenticator().create(wrong)})
    assert answer.get_json() == NOT_ADDED
    with clock.freeze(clock.now()) as hands:
        late = {"credential": Authenticator().create(begun(person))}
        with work_for(SYSTEM) as work:
            work.session.execute(
                update(DeviceSession).values(confirmed_at=clock.now() + timedelta(minutes=5))
            )
        hands.advance(timedelta(minutes=5))
        assert send(person, f"{HERE}/finish", late).get_json() == NOT_ADDED
    assert len(passkeys()) == 1


@pytest.mark.parametrize("username", ["sales1", "sales2"])
def test_a_passkey_is_added_once(visit, username):
    """MFA-12: neither twice, nor by somebody else."""
    device = Authenticator()
    assert add(visit("sales1"), device).status_code == 200
    answer = add(visit(username), device)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "这个通行密钥已经添加过。")
    assert len(passkeys()) == 1


def test_a_key_that_is_none_is_not_added(visit):
    """SQL-3"""
    person = visit("sales1")
    for raw in (b"\xa0", b"\x01", b"", b"\xa1\x01\x02", b"[" * 2_000):
        device = Authenticator()
        device.cose = lambda raw=raw: raw
        assert add(person, device).get_json() == NOT_ADDED
    for credential in (None, 7, [], {}, {"response": {"attestationObject": "AAAA"}}):
        answer = send(person, f"{HERE}/finish", {"credential": credential, "name": {}})
        assert (answer.status_code, answer.get_json()) == (400, NOT_ADDED)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 手机\u202e\n钥匙\0 ", "手机 钥匙"),
        ("长" * 500, "长" * 60),
        ("<b>x</b>", "<b>x</b>"),
        *[(nothing, "通行密钥") for nothing in ("", " ", None, 7, {})],
        ("\ud800", "通行密钥"),
    ],
)
def test_names_are_one_short_line(visit, typed, kept):
    """XSS-1, SQL-3"""
    person = visit("sales1")
    browser = {"User-Agent": ""}
    made = Authenticator().create(begun(person))
    sent = {"name": typed, "credential": made}
    assert send(person, f"{HERE}/finish", sent, headers=browser).status_code == 200
    assert passkeys()[0].name == kept
    assert "<b>x</b>" not in person.get(HERE).text


def test_ten_are_enough(app, visit):
    """MFA-12: also when two are added at once."""
    person = visit("sales1")
    for _ in range(8):
        with_passkey("sales1")
    made = [Authenticator().create(begun(person)) for _ in range(4)]
    token, cookie = person.token, person.browser.get_cookie("sid").value

    def attempt(credential):
        copied = app.test_client()
        copied.set_cookie("sid", cookie)
        path, headers = f"{HERE}/finish", {"X-CSRFToken": token}
        return copied.post(path, json={"credential": credential}, headers=headers).status_code

    with ThreadPoolExecutor(4) as crowd:
        assert sorted(crowd.map(attempt, made)) == [200, 200, 400, 400]
    answer = send(person, f"{HERE}/begin", {})
    words = "最多添加 10 个通行密钥，请先删除不用的。"
    assert (answer.status_code, answer.get_json()) == (400, {"error": words})
    assert words in person.get(HERE).text


def test_everything_about_passkeys_needs_the_password_again(visit):
    """MFA-10"""
    with_passkey("sales1")
    person = visit("sales1")
    made = Authenticator().create(begun(person))
    stale("sales1")
    for path in ("begin", "finish"):
        answer = send(person, f"{HERE}/{path}", {"credential": made})
        assert (answer.status_code, answer.get_json()) == (403, {"error": "confirm"})
    page = person.get(HERE)
    assert 'href="/account/confirm?next=/account/passkeys"' in page.text
    number = passkeys()[0].id
    answer = person.post(HERE, {"id": number, "delete": "1"})
    assert answer.location == f"/account/confirm?next={HERE}"
    assert len(passkeys()) == 1
    person.post("/account/confirm", {"password": PASSWORD})
    assert person.post(HERE, {"id": number, "delete": "1"}).location == HERE
    assert passkeys() == []


def test_deleting_tells_the_owner_and_forgets_the_rest(visit, outbox):
    """MFA-10, AUD-1"""
    change("sales1", email="sales1@example.com")
    with_passkey("sales1")
    with_codes("sales1")
    person = visit("sales1")
    person.post(HERE, {"id": passkeys()[0].id, "delete": "1"})
    assert outbox.deliver()[-1]["Subject"].startswith("通行密钥已删除")
    assert db.session.scalar(select(func.count(RecoveryCode.id))) == 0
    gone = db.session.scalars(select(Audit).where(Audit.action == "user.passkey_delete")).one()
    assert gone.changes == {"passkey": ["测试", None]}


def test_passkeys_of_others_do_not_exist(visit):
    """ENU-7, AZ-3"""
    with_passkey("sales2")
    person = visit("sales1")
    assert "data-passkey-row" not in person.get(HERE).text
    for number in (passkeys()[0].id, 999_999, "x", "", "１"):
        assert person.post(HERE, {"id": number, "delete": "1"}).status_code == 404
    assert len(passkeys()) == 1


@pytest.mark.usefixtures("demanding")
def test_a_role_that_must_have_a_factor_keeps_the_last_one(visit):
    """MFA-14"""
    person = visit("admin")
    assert person.get("/admin/").location == "/account/totp"
    assert person.get(HERE).status_code == 200
    assert add(person, Authenticator()).status_code == 200
    assert person.get("/admin/").status_code == 200
    answer = person.post(HERE, {"id": passkeys()[0].id, "delete": "1"})
    assert answer.status_code == 409
    assert "您的角色必须使用两步验证" in answer.text
    assert add(person, Authenticator()).status_code == 200
    assert person.post(HERE, {"id": passkeys()[0].id, "delete": "1"}).location == HERE
    assert user_named("admin").id == passkeys()[0].user_id


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_older_recovery_codes_end_with_the_first_factor(app, visit, kind):
    """MFA-9"""
    person = visit("sales1")
    with work_for(SYSTEM) as work:
        row = RecoveryCode(user_id=person.user_id, digest="0" * 64, created_at=clock.now())
        work.session.add(row)
    setting_up = [enrol, lambda one: add(one, Authenticator())]
    first, second = setting_up if kind == "app" else reversed(setting_up)
    first(person)
    forget()
    assert recovery_code.number_left(db.session(), person.user_id) == 0
    person.post("/account/recovery-codes")
    second(person)
    forget()
    assert recovery_code.number_left(db.session(), person.user_id) == 10
