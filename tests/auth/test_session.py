"""Sessions: begun anew at every door, ended everywhere at once, never longer than they should be."""

from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import delete, select, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.device_session import DeviceSession
from app.models.role import user_roles
from app.models.user import User
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget


def cookie_of(visitor, name="sid"):
    found = visitor.browser.get_cookie(name)
    return found.value if found else None


def is_in(visitor):
    return visitor.get("/admin/").status_code == 200


def test_login_gives_a_new_session_and_token(app, client, try_door):
    """SES-1, SES-14"""
    client.get("/login")
    with client.browser.session_transaction() as before:
        secret = before["csrf_token"]
        before["id"] = "planted"
    try_door("sales1", PASSWORD, client)
    client.get("/admin/")
    with client.browser.session_transaction() as after:
        assert after["id"] != "planted"
        assert after["csrf_token"] != secret


def test_switching_the_user_ends_the_former_session(app, try_door):
    """SES-14"""
    browser = Visitor(app, "sales1")
    try_door("sales2", PASSWORD, browser)
    forget()
    owners = db.session.scalars(
        select(User.username).join(DeviceSession, DeviceSession.user_id == User.id)
    ).all()
    assert owners == ["sales2"]


def test_logout_kills_the_session_on_the_server(app, visit):
    """SES-3"""
    person, thief = visit("sales1"), Visitor(app)
    thief.browser.set_cookie("sid", cookie_of(person))
    assert is_in(thief)
    answer = person.post("/logout")
    assert (answer.status_code, answer.location) == (302, "/login")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not is_in(thief)
    assert person.browser.get("/logout").status_code in (302, 405)


def test_an_idle_session_ends(visit):
    """SES-5"""
    with clock.freeze(clock.now()) as hands:
        person = visit("sales1")
        for _ in range(3):
            hands.advance(timedelta(minutes=20))
            assert is_in(person)
        hands.advance(timedelta(minutes=31))
        answer = person.get("/admin/")
        assert (answer.status_code, answer.location) == (302, "/login?next=/admin/")
        assert "登录已过期，请重新登录。" in person.get("/login").text


def test_background_polling_is_no_activity(visit):
    """SES-5"""
    with clock.freeze(clock.now()) as hands:
        person = visit("sales1")
        for _ in range(2):
            hands.advance(timedelta(minutes=14))
            assert person.get("/admin/", headers={"X-Background": "1"}).status_code == 200
        hands.advance(timedelta(minutes=3))
        assert not is_in(person)


def test_no_session_outlives_half_a_day(visit):
    """SES-5"""
    with clock.freeze(clock.now()) as hands:
        person = visit("sales1")
        for _ in range(12 * 3 - 1):
            hands.advance(timedelta(minutes=20))
            assert is_in(person)
        hands.advance(timedelta(minutes=20))
        assert not is_in(person)


def test_activity_is_written_once_a_minute(visit):
    with clock.freeze(clock.now()) as hands:
        person = visit("sales1")
        began = clock.now()
        hands.advance(timedelta(seconds=59))
        person.get("/admin/")
        forget()
        assert db.session.scalar(select(DeviceSession.seen_at)) == began
        hands.advance(timedelta(seconds=2))
        person.get("/admin/")
        forget()
        assert db.session.scalar(select(DeviceSession.seen_at)) == clock.now()


def test_a_note_of_activity_waits_for_nobody(visit):
    """PERF: while somebody writes, pages open; the activity is noted another time."""
    with clock.freeze(clock.now()) as hands:
        person = visit("sales1")
        began = clock.now()
        hands.advance(timedelta(minutes=2))
        options = {"writes": True}
        with db.engine.execution_options(**options).begin() as writer:
            writer.execute(update(DeviceSession).values(device="busy"))
            started = monotonic()
            assert is_in(person)
            assert monotonic() - started < 2
        forget()
        assert db.session.scalar(select(DeviceSession.seen_at)) == began
        assert is_in(person)
        forget()
        assert db.session.scalar(select(DeviceSession.seen_at)) == clock.now()


def test_only_three_sessions_at_a_time(app):
    """SES-13"""
    people = [Visitor(app, "sales1") for _ in range(4)]
    assert [is_in(person) for person in people] == [False, True, True, True]


def test_disabling_acts_on_the_next_request(visit):
    """SES-8"""
    person = visit("sales1")
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).values(is_active=False).where(User.username == "sales1"))
    assert not is_in(person)


def test_losing_a_role_acts_on_the_next_request(visit):
    """SES-8"""
    person = visit("sales1")
    assert person.get("/admin/customer/").status_code == 200
    with work_for(SYSTEM) as work:
        work.session.execute(delete(user_roles).where(user_roles.c.user_id == person.user_id))
    assert person.get("/admin/customer/").status_code == 403


@pytest.mark.parametrize("value", ["", "x", "eyJpZCI6InRhbXBlcmVkIn0.aaaa.bbbb", "0" * 5000])
def test_a_tampered_cookie_is_nobody(client, value):
    """SES-11"""
    client.browser.set_cookie("sid", value)
    assert not is_in(client)


def test_the_cookie_is_guarded_and_holds_nothing_personal(try_door):
    """SES-9, SES-11"""
    answer = try_door("sales1", PASSWORD)
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("sid=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "sales1" not in str(answer.headers)


def test_before_login_there_is_one_cookie_with_the_csrf_secret_only(client):
    client.get("/login")
    with client.browser.session_transaction() as cookie:
        assert set(cookie) == {"csrf_token"}


def test_people_see_and_end_their_own_sessions(app):
    """SES-7"""
    here, there, stranger = (Visitor(app, name) for name in ("sales1", "sales1", "sales2"))
    page = here.get("/account/sessions").text
    assert page.count("data-session=") == 2
    foreign = db.session.scalar(
        select(DeviceSession.id).where(DeviceSession.user_id == stranger.user_id)
    )
    assert here.post("/account/sessions", {"id": foreign, "end": "1"}).status_code == 404
    assert here.post("/account/sessions", {"id": "x", "end": "1"}).status_code == 404
    own = db.session.scalars(
        select(DeviceSession.id).where(DeviceSession.user_id == here.user_id)
    ).all()
    assert here.post("/account/sessions", {"id": max(own), "end": "1"}).status_code == 302
    assert (is_in(here), is_in(there), is_in(stranger)) == (True, False, True)


def test_all_other_sessions_end_together(app):
    """SES-7"""
    people = [Visitor(app, "sales1") for _ in range(3)]
    people[1].post("/account/sessions", {"others": "1"})
    assert [is_in(person) for person in people] == [False, True, False]
