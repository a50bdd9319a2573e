"""Signing in: what people are told, when the door closes, and for whom it stays open."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core import clock, passwords
from app.core.db import db
from app.core.tokens import box
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.login_log import LoginLog
from app.models.user import User
from tests.auth.conftest import alert
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

LOCKED = "登录尝试过多，请在 {} 分钟后再试，或重设密码。"


def test_the_right_password_leads_to_the_panel(client, try_door):
    answer = try_door("sales1", PASSWORD, client)
    assert (answer.status_code, answer.location) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("username", ["sales1", "nobody"])
def test_wrong_passwords_show_what_is_left(client, try_door, username):
    """LCK-1, ENU-1, ENU-4"""
    answers = [try_door(username, "wrong", client) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 2
    assert [alert(answer) for answer in answers] == [
        "用户名或密码错误，还可尝试 4 次。",
        "用户名或密码错误，还可尝试 3 次。",
        "用户名或密码错误，再错 2 次将暂时锁定，忘记密码可重设。",
        "用户名或密码错误，再错 1 次将暂时锁定，忘记密码可重设。",
        LOCKED.format(1),
        LOCKED.format(1),
    ]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert f'value="{username}"' in answers[0].text


def test_unknown_wrong_and_disabled_read_the_same(try_door):
    """ENU-1"""
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).where(User.username == "sales2").values(is_active=False))
    pages = [
        try_door(name, word)
        for name, word in (("nobody", PASSWORD), ("sales1", "wrong"), ("sales2", PASSWORD))
    ]
    assert {page.status_code for page in pages} == {401}
    assert len({alert(page) for page in pages}) == 1


def test_during_a_lock_the_right_password_does_not_help(try_door):
    """LCK-2"""
    for _ in range(5):
        try_door("sales1", "wrong")
    answer = try_door("sales1", PASSWORD)
    assert (answer.status_code, alert(answer)) == (429, LOCKED.format(1))


def test_locks_grow_and_end_by_themselves(try_door):
    """LCK-3"""
    waits = []
    with clock.freeze(clock.now()) as hands:
        for _ in range(5):
            for _ in range(5):
                answer = try_door("sales1", "wrong")
            waits.append(int(answer.headers["Retry-After"]))
            for _ in range(3):  # tries during the lock do not extend it
                hands.advance(timedelta(seconds=1))
                assert try_door("sales1", "wrong").status_code == 429
            hands.advance(timedelta(seconds=waits[-1]))
        assert waits == [60, 300, 900, 3600, 3600]
        assert try_door("sales1", PASSWORD).status_code == 302


def test_a_quiet_day_starts_the_steps_anew(try_door):
    """LCK-3"""
    with clock.freeze(clock.now()) as hands:
        for pause in (timedelta(minutes=2), timedelta(hours=25), timedelta()):
            for _ in range(5):
                answer = try_door("sales1", "wrong")
            wait = int(answer.headers["Retry-After"])
            hands.advance(pause)
        assert wait == 60


def test_old_failures_are_forgotten_after_a_quarter_of_an_hour(try_door):
    """LCK-3"""
    with clock.freeze(clock.now()) as hands:
        for _ in range(3):
            try_door("sales1", "wrong")
        hands.advance(timedelta(minutes=16))
        assert alert(try_door("sales1", "wrong")) == "用户名或密码错误，还可尝试 4 次。"


def test_a_known_device_has_its_own_counter(app, try_door):
    """LCK-4"""
    owner = Visitor(app)
    assert try_door("sales1", PASSWORD, owner).status_code == 302
    for _ in range(6):
        answer = try_door("sales1", "wrong")
    assert answer.status_code == 429
    assert try_door("sales1", PASSWORD, owner).status_code == 302
    assert try_door("sales2", "wrong", owner).status_code == 401  # known as somebody else only


def test_a_made_up_device_cookie_is_nothing(app, try_door):
    """LCK-4"""
    stranger = Visitor(app)
    stranger.browser.set_cookie("device", "gAAAAABmadeup")
    for _ in range(5):
        try_door("sales1", "wrong")
    assert try_door("sales1", PASSWORD, stranger).status_code == 429


def test_one_address_cannot_spray_many_accounts(app, try_door):
    """LCK-5"""
    owner = Visitor(app)
    try_door("sales1", PASSWORD, owner)
    for number in range(20):
        assert try_door(f"user{number}", "wrong").status_code == 401
    assert try_door("finance", PASSWORD).status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.9.8.7"}}
    assert try_door("finance", PASSWORD, **elsewhere).status_code == 302
    assert try_door("sales1", PASSWORD, owner).status_code == 302  # a known device is let through


def test_success_is_no_failure_of_the_address(try_door):
    """LCK-12"""
    for _ in range(25):
        assert try_door("sales1", PASSWORD).status_code == 302


def test_a_forwarded_address_is_not_believed(try_door):
    """LCK-8"""
    for number in range(20):
        try_door(f"user{number}", "wrong", headers={"X-Forwarded-For": f"10.0.0.{number}"})
    answer = try_door("sales1", PASSWORD, headers={"X-Forwarded-For": "10.0.1.1"})
    assert answer.status_code == 429
    assert set(db.session.scalars(select(LoginLog.address))) == {"127.0.0.1"}


@pytest.mark.parametrize("variant", ["SALES1", "ｓａｌｅｓ１", " sales1 ", "sa\u200bles1"])
def test_spellings_of_a_name_share_one_counter(try_door, variant):
    """LCK-9"""
    for _ in range(4):
        try_door("sales1", "wrong")
    assert try_door(variant, "wrong").status_code == 429


def test_every_spelling_signs_in(try_door):
    """LCK-9"""
    assert try_door(" Ｓales1", PASSWORD).status_code == 302


def test_success_clears_only_that_counter(try_door):
    """LCK-12"""
    for name in ("sales1", "sales2"):
        for _ in range(3):
            try_door(name, "wrong")
    try_door("sales1", PASSWORD)
    assert alert(try_door("sales1", "wrong")) == "用户名或密码错误，还可尝试 4 次。"
    assert "再错 1 次" in alert(try_door("sales2", "wrong"))


def test_tries_are_written_down(try_door):
    """AUD-1, PWD-12"""
    try_door("sales1", "wrong-Secret-1")
    try_door("sales1", PASSWORD, headers={"User-Agent": "Mozilla/5.0 (Windows NT) Chrome/1"})
    forget()
    rows = db.session.scalars(select(LoginLog).order_by(LoginLog.id)).all()
    assert [(row.username, row.result.value, row.address) for row in rows] == [
        ("sales1", "wrong", "127.0.0.1"),
        ("sales1", "ok", "127.0.0.1"),
    ]
    assert rows[1].device == "Chrome · Windows"
    entries = db.session.scalars(
        select(Audit).where(Audit.action == "login").order_by(Audit.id)
    ).all()
    assert [(entry.result, entry.actor_id is None) for entry in entries] == [
        ("wrong", True),
        ("ok", False),
    ]


def test_refused_tries_do_not_flood_the_log(try_door):
    """LCK-3"""
    for _ in range(12):
        try_door("sales1", "wrong")
    forget()
    assert len(db.session.scalars(select(LoginLog)).all()) == 6  # 5 tries, the first refused one


def test_weak_hashes_are_renewed_at_login(try_door, monkeypatch):
    """PWD-9"""
    monkeypatch.setattr(passwords, "needs_rehash", lambda _stored: True)
    before = _hash_of("sales1")
    try_door("sales1", PASSWORD)
    after = _hash_of("sales1")
    assert after != before
    assert passwords.match(after, PASSWORD)


def test_an_expired_one_time_password_is_wrong(try_door):
    """PWD-8"""
    with work_for(SYSTEM) as work:
        work.session.execute(
            update(User)
            .where(User.username == "sales1")
            .values(password_expires_at=work.now - timedelta(seconds=1))
        )
    assert try_door("sales1", PASSWORD).status_code == 401


@pytest.mark.parametrize("text", ["setup:1:SECRET", "1:SECRET", '["id"]'])
def test_no_sealed_text_of_elsewhere_is_a_device(client, try_door, text):
    """SQL-3, SES-11: such as the open set-up of one's own authenticator app."""
    client.browser.set_cookie("device", box().close(text))
    assert try_door("sales1", PASSWORD, client).location == "/admin/"


@pytest.mark.parametrize("name", ["", "x" * 5000, "\0", "'; --", "%s", "{{7*7}}"])
def test_strange_names_are_no_trouble(try_door, name):
    """SQL-3"""
    assert try_door(name, "wrong").status_code in (401, 422)
    assert try_door("sales1", name).status_code in (401, 422)


def _hash_of(username: str) -> str:
    forget()
    return db.session.scalar(select(User.password_hash).where(User.username == username)) or ""
