"""One's own account: changing the password, the profile, and how pages look."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.user import User
from app.services.user import named, users
from tests.auth.conftest import alert, errors
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

NEW = "Xk9#mQ2v!pL"


def change(person, new=NEW, *, current=PASSWORD, confirm=None):
    fields = {"current_password": current, "new_password": new}
    return person.post("/account/password", {**fields, "confirm_password": confirm or new})


def edit_user(username, **values):
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).where(User.username == username).values(**values))


def user_named(username):
    forget()
    return db.session.scalars(select(User).where(User.username == username)).one()


def test_a_changed_password_works_and_others_are_out(app, visit, try_door):
    """SES-1, SES-7, PWD-1"""
    person, other = visit("sales1"), visit("sales1")
    with person.browser.session_transaction() as before:
        token = before["id"]
    answer = change(person)
    assert (answer.status_code, answer.location) == (302, "/admin/")
    assert "密码已修改，其他设备已退出登录。" in person.get("/account/").text
    assert other.get("/admin/").status_code == 302
    thief = Visitor(app)
    with thief.browser.session_transaction() as cookie:
        cookie["id"] = token
    assert thief.get("/admin/").status_code == 302
    assert try_door("sales1", PASSWORD).status_code == 401
    assert try_door("sales1", NEW).status_code == 302


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("Xk9#mQ2", "至少 8 位"),
        ("29174-60385", "含字母"),
        ("Xkq#mQwv!pL", "含数字"),
        ("Xk9tmQ2vwpL", "含特殊字符"),
        ("Xk9#sales1!pL", "不含用户名"),
        ("Huawei@123", "不是常见密码"),
        (PASSWORD, "与最近 5 次不同"),
        ("x1!" * 60, "密码最多 128 位。"),
    ],
)
def test_every_broken_rule_is_named(visit, new, words):
    """PWD-1, PWD-2, PWD-3, PWD-6"""
    answer = change(visit("sales1"), new)
    assert answer.status_code == 422
    assert words in errors(answer)["new_password"]
    assert new not in answer.text


def test_the_rules_are_listed_for_the_checklist(visit):
    """PWD-1"""
    page = visit("sales1").get("/account/password").text
    for key in ("length", "letter", "digit", "special", "username", "common", "recent"):
        assert f'data-rule="{key}"' in page
    for words in (
        "至少 8 位",
        "含字母",
        "含数字",
        "含特殊字符",
        "不含用户名",
        "不是常见密码",
        "与最近 5 次不同",
    ):
        assert words in page


def test_managers_find_the_right_entry(visit):
    """PWD-10"""
    page = visit("sales1").get("/account/password").text
    assert 'autocomplete="username" value="sales1"' in page
    assert 'autocomplete="current-password"' in page
    assert page.count('autocomplete="new-password"') == 2


def test_two_different_entries_are_refused(visit):
    answer = change(visit("sales1"), confirm="something else")
    assert errors(answer) == {"confirm_password": "两次输入的新密码不一致。"}


def test_the_current_password_is_needed_and_guessing_is_throttled(visit):
    """PWD-5"""
    person = visit("sales1")
    for _ in range(4):
        answer = change(person, current="wrong")
        assert answer.status_code == 422
        assert errors(answer) == {"current_password": "当前密码不正确。"}
    answer = change(person, current="wrong")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert change(person).status_code == 429


def test_former_passwords_cannot_be_cycled_through(visit):
    """PWD-6"""
    person, current = visit("sales1"), PASSWORD
    for number in range(5):
        assert change(person, f"{NEW}{number}", current=current).status_code == 302
        current = f"{NEW}{number}"
    assert "与最近 5 次不同" in errors(change(person, f"{NEW}0", current=current))["new_password"]
    answer = change(person, f"{NEW}9", current=current)
    assert answer.status_code == 429
    assert "明天再试" in alert(answer)


@pytest.mark.parametrize("state", ["initial", "expired"])
def test_everything_is_closed_until_the_password_is_changed(visit, state):
    """PWD-7, PWD-8"""
    person = visit("sales1")
    if state == "initial":
        edit_user("sales1", must_change_password=True)
    else:
        edit_user("sales1", password_changed_at=clock.now() - timedelta(days=91))
    for path in ("/admin/", "/admin/customer/", "/account/", "/account/sessions", "/nothing"):
        assert person.get(path).location == "/account/password", path
    answer = person.get("/admin/customer/?format=json")
    assert (answer.status_code, answer.get_json()) == (403, {"error": "password"})
    assert person.post("/admin/customer/new/", {"name": "x"}).location == "/account/password"
    page = person.get("/account/password")
    assert ("密码已过期，请先修改密码。" in page.text) == (state == "expired")
    assert change(person).status_code == 302
    assert person.get("/admin/").status_code == 200


def test_expiry_is_announced(client, try_door):
    """PWD-7"""
    edit_user("sales1", password_changed_at=clock.now() - timedelta(days=80))
    try_door("sales1", PASSWORD, client)
    assert "密码将在 10 天后过期。" in client.get("/account/").text


def test_logging_out_is_possible_before_the_change(visit):
    """PWD-7"""
    person = visit("sales1")
    edit_user("sales1", must_change_password=True)
    assert person.post("/logout").location == "/login"


def test_the_owner_is_told(visit, outbox):
    """RST-5"""
    edit_user("sales1", email="sales1@example.com")
    change(visit("sales1"))
    (mail,) = outbox.deliver()
    assert mail["To"] == "sales1@example.com"
    assert NEW not in mail.as_string()


def test_no_password_is_in_the_audit(visit):
    """PWD-12, AUD-4"""
    change(visit("sales1"))
    forget()
    entry = db.session.scalars(select(Audit).where(Audit.action == "user.password")).one()
    assert entry.changes == {}


def test_people_change_their_own_profile(visit, outbox):
    """MFA-10"""
    edit_user("sales1", email="old@example.com")
    person = visit("sales1")
    answer = person.post(
        "/account/", {"name": "陈晓明", "email": "NEW@example.com", "phone": "138 1234 5678"}
    )
    assert answer.status_code == 302
    user = user_named("sales1")
    assert (user.name, user.email, user.phone) == ("陈晓明", "new@example.com", "13812345678")
    assert [mail["To"] for mail in outbox.deliver()] == ["old@example.com"]


def test_a_new_phone_is_told_to_the_stored_address(visit, outbox):
    """MFA-10"""
    edit_user("sales1", email="old@example.com", phone="13812345678")
    fields = {"name": "陈晓明", "email": "old@example.com", "phone": "139 1234 5678"}
    assert visit("sales1").post("/account/", fields).status_code == 302
    assert [mail["To"] for mail in outbox.deliver()] == ["old@example.com"]


@pytest.mark.parametrize("verb", ["confirm", "password"])
def test_a_wrong_password_leaves_a_trace(visit, verb):
    """AUD-1"""
    person = visit("sales1")
    if verb == "confirm":
        assert person.post("/account/confirm", {"password": "wrong"}).status_code == 422
    else:
        assert change(person, current="wrong").status_code == 422
    forget()
    entry = db.session.scalars(select(Audit).where(Audit.action == f"user.{verb}")).one()
    assert (entry.record_id, entry.result, entry.changes) == (person.user_id, "wrong", {})
    assert "（失败）" in visit("admin").get(f"/admin/user/history/?id={person.user_id}").text


def test_a_new_address_needs_the_password_again(visit):
    """MFA-10"""
    with clock.freeze(clock.now()) as hands:
        person = visit("sales1")
        hands.advance(timedelta(minutes=6))
        fields = {"name": "陈晓明", "email": "new@example.com", "phone": ""}
        assert person.post("/account/", fields).location == "/account/confirm?next=/account/"
        assert user_named("sales1").email is None
        assert person.post("/account/", {**fields, "email": ""}).location == "/account/"
        assert person.post("/account/confirm", {"password": "wrong"}).status_code == 422
        answer = person.post("/account/confirm", {"password": PASSWORD, "next": "/account/"})
        assert answer.location == "/account/"
        assert person.post("/account/", fields).location == "/account/"
        assert user_named("sales1").email == "new@example.com"


def test_unusable_profiles_are_refused_with_everything_typed(visit):
    answer = visit("sales1").post("/account/", {"name": "", "email": "x@", "phone": "1"})
    assert answer.status_code == 422
    assert set(errors(answer)) == {"name", "email", "phone"}
    assert 'value="x@"' in answer.text


def test_nobody_gives_himself_more_through_the_profile(visit):
    """MAS-1, AZ-12"""
    person = visit("sales1")
    person.post("/account/", {"name": "陈", "roles": "1", "is_active": "", "username": "root"})
    user = user_named("sales1")
    assert [role.name for role in user.roles] == ["sales"]
    assert (user.username, user.is_active) == ("sales1", True)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [("theme", "dark", "dark"), ("density", "compact", "compact"), ("theme", "<x>", None)],
)
def test_preferences_are_kept(visit, name, value, kept):
    person = visit("sales1")
    answer = person.post(
        "/account/preferences", {name: value}, headers={"Referer": "http://localhost/admin/"}
    )
    assert answer.location == "/admin/"
    assert getattr(user_named("sales1"), name) == kept


def test_the_language_of_a_person(visit):
    person = visit("sales1")
    person.post("/account/preferences", {"locale": "en"})
    assert 'lang="en"' in person.get("/account/").text


@pytest.mark.parametrize("help_in", [users.unlock, users.reset_password])
def test_who_guessed_at_the_current_password_is_let_in_again(visit, help_in):
    """LCK-14"""
    person = visit("sales1")
    for _ in range(5):
        person.post("/account/confirm", {"password": "wrong"})
    assert person.post("/account/confirm", {"password": PASSWORD}).status_code == 429
    with work_for(SYSTEM) as work:
        issued = help_in(work, named(work.session, "sales1"))
    person = visit("sales1")
    answer = person.post(
        "/account/password",
        {"current_password": issued or PASSWORD, "new_password": NEW, "confirm_password": NEW},
    )
    assert answer.status_code == 302
