"""Forgotten passwords: one mail, one link, one use."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from app.core.db import db
from app.core.tokens import digest_of
from app.core.work import SYSTEM, work_for
from app.models.password_reset import PasswordReset
from app.models.user import User
from app.services import password_reset
from tests.auth.conftest import errors
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

NEW = "Xk9#mQ2v!pL"
SENT = "如果账号存在，我们已发送重设方式，请查收。"
DEAD = "链接已失效，请重新申请。"


@pytest.fixture(autouse=True)
def addresses(app):
    """Everybody of this test has an address and a phone."""
    with work_for(SYSTEM) as work:
        for number, user in enumerate(work.session.scalars(select(User).order_by(User.id))):
            user.email, user.phone = f"{user.username}@example.com", f"1381234{number:04}"


def ask(client, identity="sales1"):
    return client.post("/forgot-password", {"identity": identity, "method": "email"})


def follow(client, link):
    assert client.get(link).location == "/reset-password"
    return client


def reset(client, new=NEW, confirm=None):
    return client.post("/reset-password", {"password": new, "confirm": confirm or new})


@pytest.mark.parametrize("identity", ["sales1", " ＳALES1", "Sales1@Example.com", "138-1234-0004"])
def test_a_link_leads_to_a_new_password(client, try_door, outbox, identity):
    """RST-1, RST-5"""
    assert SENT in ask(client, identity).text
    follow(client, outbox.link())
    answer = reset(client)
    assert (answer.status_code, answer.location) == (302, "/login")
    assert client.get("/admin/").status_code == 302  # no automatic login
    assert try_door("sales1", NEW).status_code == 302


def test_a_user_name_means_its_owner_alone(client, outbox):
    """RST-1, ENU-1: somebody else's phone, or address, may be the same text."""
    with work_for(SYSTEM) as work:
        owner = work.session.scalars(select(User).where(User.username == "sales1")).one()
        owner.username = owner.username_folded = "13912345678"
        other = work.session.scalars(select(User).where(User.username == "admin")).one()
        other.phone = "13912345678"
    ask(client, "13912345678")
    assert [mail["To"] for mail in outbox.deliver()] == ["sales1@example.com"]
    with work_for(SYSTEM) as work:
        owner = work.session.scalars(select(User).where(User.username == "13912345678")).one()
        owner.is_active = False
    ask(client, "13912345678")
    assert [mail["To"] for mail in outbox.deliver()][1:] == ["admin@example.com"]


def test_an_old_page_of_the_new_password_comes_back(client, outbox):
    """CSRF-6, RST-1: the link is still good."""
    ask(client)
    follow(client, outbox.link())
    forget()
    answer = client.browser.post("/reset-password", data={"password": NEW, "confirm": NEW})
    assert (answer.status_code, 'action="/reset-password"' in answer.text) == (400, True)
    assert "页面已过期，请再试一次。" in answer.text
    assert reset(client).location == "/login"


def test_the_login_page_says_once_that_the_password_is_new(client, outbox):
    """RST-1"""
    ask(client)
    follow(client, outbox.link())
    reset(client)
    assert "密码已重设，请用新密码登录。" in client.get("/login").text
    assert "密码已重设" not in client.get("/login").text


@pytest.mark.parametrize("identity", ["nobody", "nobody@example.com", "13900000000", "' or 1=1"])
def test_unknown_people_read_the_same_and_get_nothing(client, outbox, identity):
    """ENU-1, RST-11"""
    assert ask(client, identity).text.count(SENT) == 1
    assert outbox.deliver() == []


def test_asking_only_puts_a_job_in_line(client):
    """ENU-2, RST-11"""
    ask(client)
    forget()
    assert db.session.scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_the_link_names_our_own_host_alone_on_its_line(client, outbox):
    """RST-3"""
    client.post(
        "/forgot-password", {"identity": "sales1"}, headers={"X-Forwarded-Host": "evil.example"}
    )
    (mail,) = outbox.deliver()
    lines = mail.get_body(("plain",)).get_content().splitlines()
    (link,) = [line for line in lines if "reset-password" in line]
    assert link.startswith("http://localhost:8000/reset-password/")
    assert "evil" not in mail.as_string()


def test_the_mail_goes_to_the_stored_address(client, outbox):
    """RST-17"""
    ask(client, "ｓales1@example.com")
    ask(client, "sаles1@example.com")  # a Cyrillic letter
    assert [mail["To"] for mail in outbox.deliver()] == ["sales1@example.com"]


def test_a_link_works_once(app, client, outbox):
    """RST-1"""
    ask(client)
    link = outbox.link()
    follow(client, link)
    other = follow(Visitor(app), link)
    assert reset(client).status_code == 302
    for answer in (reset(other, NEW + "2"), other.get("/reset-password"), other.get(link)):
        assert answer.status_code == 410
        assert DEAD in answer.text


def test_a_newer_link_supersedes(client, outbox):
    """RST-1"""
    ask(client)
    first = outbox.link()
    ask(client)
    outbox.deliver()
    assert client.get(first).status_code == 410


def test_a_link_expires(client, outbox):
    """RST-1"""
    with clock.freeze(clock.now()) as hands:
        ask(client)
        link = outbox.link()
        hands.advance(timedelta(minutes=30))
        assert client.get(link).status_code == 410


def test_a_link_dies_with_a_password_change(client, visit, outbox):
    """RST-1"""
    ask(client)
    link = outbox.link()
    fields = {"current_password": PASSWORD, "new_password": NEW, "confirm_password": NEW}
    visit("sales1").post("/account/password", fields)
    assert client.get(link).status_code == 410


def test_a_disabled_user_gets_no_link(client, outbox):
    """ENU-1"""
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).values(is_active=False).where(User.username == "sales1"))
    ask(client)
    assert outbox.deliver() == []


def test_a_refused_password_does_not_use_the_link_up(client, outbox):
    """RST-1, PWD-1"""
    ask(client)
    follow(client, outbox.link())
    assert "不是常见密码" in errors(reset(client, "Password1!"))["password"]
    assert "与最近 5 次不同" in errors(reset(client, PASSWORD))["password"]
    assert errors(reset(client, NEW, "other")) == {"confirm": "两次输入的新密码不一致。"}
    assert reset(client).status_code == 302


def test_looking_at_the_link_does_not_use_it_up(client, outbox):
    """RST-9"""
    ask(client)
    link = outbox.link()
    for _ in range(3):
        client.browser.head(link)
        answer = client.get(link)
    assert answer.status_code == 303
    cookie = client.browser.get_cookie("reset", path="/reset-password")
    assert cookie.http_only
    assert cookie.value not in client.get("/reset-password").text


def test_the_database_knows_only_the_digest(client, outbox):
    """RST-4"""
    ask(client)
    token = outbox.link().rpartition("/")[2]
    forget()
    row = db.session.scalars(select(PasswordReset)).one()
    assert row.digest == digest_of(token)
    assert len(token) >= 22


def test_resetting_ends_every_session(client, visit, outbox):
    """RST-5"""
    person = visit("sales1")
    ask(client)
    follow(client, outbox.link())
    reset(client)
    assert person.get("/admin/").status_code == 302
    outbox.deliver()


def test_the_reset_path_leads_past_a_lock(client, try_door, outbox):
    """LCK-4"""
    for _ in range(6):
        try_door("sales1", "wrong")
    ask(client)
    follow(client, outbox.link())
    reset(client)
    for _ in range(6):
        try_door("sales1", "wrong")
    assert try_door("sales1", NEW, client).status_code == 302


def test_mails_are_limited_without_changing_the_answer(client, outbox):
    """RST-12"""
    with clock.freeze(clock.now()) as hands:
        for _ in range(5):
            assert SENT in ask(client).text
        assert len(outbox.deliver()) == 3
        for _ in range(5):
            hands.advance(timedelta(hours=2))
            ask(client)
            outbox.deliver()
        assert len(outbox.deliver()) == 5


def test_strangers_use_up_no_mails_of_a_known_browser(app, client, try_door, outbox):
    """RST-12: the owner's own browser has as many for itself, and no more."""
    try_door("sales1", PASSWORD, client)
    with clock.freeze(clock.now()) as hands:
        for _ in range(4):
            ask(Visitor(app))
        assert len(outbox.deliver()) == 3
        for _ in range(4):
            ask(client)
        assert len(outbox.deliver()) == 6
        ask(Visitor(app))
        assert len(outbox.deliver()) == 6
        hands.advance(timedelta(days=1))
        ask(Visitor(app))
        ask(client)
        assert len(outbox.deliver()) == 8


def test_of_parallel_uses_one_succeeds(app, client, outbox):
    """RST-1"""
    ask(client)
    token = outbox.link().rpartition("/")[2]
    won: list[int | None] = []

    def use():
        with app.app_context(), work_for(SYSTEM) as work:
            won.append(password_reset.redeem(work, token))

    threads = [Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([user for user in won if user]) == 1


def test_without_a_link_there_is_no_page(client):
    """RST-1"""
    assert client.get("/reset-password").status_code == 410
    assert client.get("/reset-password/guessed").status_code == 410
    assert reset(client).status_code == 410
