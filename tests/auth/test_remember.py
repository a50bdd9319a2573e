"""Remembered browsers: a token for the password, once, and never for delicate changes."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.remember_token import RememberToken
from app.models.user import User
from app.services import device_session, remember_token
from app.services.device_session import SessionLimits
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget


def come_in(app, try_door):
    person = Visitor(app)
    try_door("sales1", PASSWORD, person, more={"remember": "1"})
    return person


def cookie_of(person):
    found = person.browser.get_cookie("remember")
    return found.value if found else None


def copy_of(app, cookie):
    browser = Visitor(app)
    browser.browser.set_cookie("remember", cookie)
    return browser


def is_in(person):
    return person.get("/admin/").status_code == 200


def test_without_the_box_nothing_is_remembered(app, try_door):
    """SES-10"""
    person = Visitor(app)
    try_door("sales1", PASSWORD, person)
    assert cookie_of(person) is None


def test_a_remembered_browser_comes_back(app, try_door):
    """SES-10"""
    with clock.freeze(clock.now()) as hands:
        person = come_in(app, try_door)
        first = cookie_of(person)
        hands.advance(timedelta(days=3))
        assert is_in(person)
        assert cookie_of(person) not in (None, first)
        hands.advance(timedelta(days=13))
        assert not is_in(person)


def test_a_remembered_session_is_not_fresh(app, try_door):
    """SES-10, MFA-10"""
    with clock.freeze(clock.now()) as hands:
        person = come_in(app, try_door)
        hands.advance(timedelta(days=1))
        person.get("/admin/")
        answer = person.post("/account/", {"name": "陈", "email": "thief@example.com"})
        assert answer.location == "/account/confirm?next=/account/"


def test_a_stolen_cookie_ends_everything(app, try_door):
    """SES-10"""
    with clock.freeze(clock.now()) as hands:
        owner = come_in(app, try_door)
        stolen = cookie_of(owner)
        hands.advance(timedelta(hours=1))
        assert is_in(owner)
        hands.advance(timedelta(hours=1))
        assert not is_in(copy_of(app, stolen))
        assert not is_in(owner)


def test_requests_at_the_same_time_are_no_theft(app, try_door):
    """SES-10"""
    cookie = cookie_of(come_in(app, try_door))
    assert is_in(copy_of(app, cookie))
    assert is_in(copy_of(app, cookie))


def test_logging_out_forgets_the_browser(app, try_door):
    """SES-3, SES-10"""
    person = come_in(app, try_door)
    cookie = cookie_of(person)
    person.post("/logout")
    assert cookie_of(person) is None
    assert not is_in(copy_of(app, cookie))


def test_a_new_password_forgets_all_browsers(app, try_door, visit):
    """RST-5, SES-7"""
    cookie = cookie_of(come_in(app, try_door))
    new = "Xk9#mQ2v!pL"
    fields = {"current_password": PASSWORD, "new_password": new, "confirm_password": new}
    visit("sales1").post("/account/password", fields)
    assert not is_in(copy_of(app, cookie))


def test_ending_a_session_elsewhere_forgets_its_browser(app, try_door, visit):
    """SES-7"""
    person = come_in(app, try_door)
    visit("sales1").post("/account/sessions", {"others": "1"})
    assert not is_in(person)


def test_the_database_knows_only_digests(app, try_door):
    """SES-10"""
    cookie = cookie_of(come_in(app, try_door))
    forget()
    row = db.session.scalars(select(RememberToken)).one()
    assert row.series not in cookie
    assert row.digest not in cookie


def test_nonsense_is_nobody(app):
    for value in ("x", ".", "a.b.c", "x" * 500, "\u20ac"):
        assert not is_in(copy_of(app, value))


def test_a_browser_stays_remembered_while_one_of_its_sessions_lives(app):
    """SES-10: when one session too many makes room, the others' browser is not forgotten."""
    limits = replace(SessionLimits.of(app.extensions["settings"]), most=2)
    with work_for(SYSTEM) as work:
        user = work.session.scalars(select(User.id).where(User.username == "sales1")).one()
        browser = remember_token.remember(work, user)
        for number in (browser.id, browser.id, None):
            device_session.start(work, user, device="", limits=limits, remember_id=number)
    assert db.session.scalar(select(RememberToken.id)) == browser.id
    with work_for(SYSTEM) as work:
        device_session.start(work, user, device="", limits=limits)
    forget()
    assert db.session.scalar(select(RememberToken.id)) is None
