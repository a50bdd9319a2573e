"""Remembered browsers: a token for the password, once, and never for delicate changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.device_session import DeviceSession
from app.models.pending_login import PendingLogin
from app.models.remember_token import RememberToken
from app.models.trusted_device import TrustedDevice
from app.models.user import User
from app.services import device_session, pending_login, remember_token, trusted_device
from app.services.device_session import SessionLimits
from tests.auth.factors import with_app
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
        hands.advance(timedelta(minutes=2))
        assert is_in(owner)
        hands.advance(timedelta(hours=1))
        assert not is_in(copy_of(app, stolen))
        assert not is_in(owner)


def test_theft_is_told_and_nothing_is_believed_any_more(app, try_door, outbox):
    """SES-10, MFA-12: trusted devices and whoever waits for the second factor go, too."""
    cookie = cookie_of(come_in(app, try_door))
    with work_for(SYSTEM) as work:
        owner = work.session.scalars(select(User).where(User.username == "sales1")).one()
        owner.email = "sales1@example.com"
        trusted_device.trust(work, owner.id, device="")
        pending_login.begin(work, owner.id)
    assert not is_in(copy_of(app, f"{cookie.partition('.')[0]}.older"))
    mail = outbox.deliver()[-1]
    assert (mail["To"], mail["Subject"]) == ("sales1@example.com", "登录状态可能被盗用 · 苏州彩箱")
    for kind in (TrustedDevice, PendingLogin, DeviceSession, RememberToken):
        assert db.session.scalars(select(kind)).all() == []


def test_a_lost_answer_is_no_theft(app, try_door):
    """SES-10: the browser shows its last secret again; whoever shows the lost one is a thief."""
    with clock.freeze(clock.now()) as hands:
        owner = come_in(app, try_door)
        elsewhere = Visitor(app, "sales1")
        lost = copy_of(app, cookie_of(owner))
        hands.advance(timedelta(minutes=1))
        assert is_in(lost)
        hands.advance(timedelta(minutes=20))
        browser = copy_of(app, cookie_of(owner))
        assert is_in(browser)
        assert is_in(elsewhere)
        assert cookie_of(browser) not in (cookie_of(owner), cookie_of(lost))
        assert not is_in(copy_of(app, cookie_of(lost)))
        assert not is_in(browser)


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


def test_logging_out_of_a_session_that_is_over_forgets_the_browser(app, try_door):
    """SES-3, SES-10"""
    with clock.freeze(clock.now()) as hands:
        person = come_in(app, try_door)
        cookie = cookie_of(person)
        hands.advance(timedelta(minutes=31))
        person.post("/logout")
    assert cookie_of(person) is None
    assert not is_in(copy_of(app, cookie))


@pytest.mark.parametrize("username", ["sales1", "sales2"])
def test_signing_in_again_forgets_the_former_cookie(app, try_door, username):
    """SES-10, SES-14: as oneself or as somebody else."""
    with clock.freeze(clock.now()) as hands:
        person = come_in(app, try_door)
        cookie = cookie_of(person)
        hands.advance(timedelta(minutes=31))
        try_door(username, PASSWORD, person)
    assert cookie_of(person) is None
    assert not is_in(copy_of(app, cookie))


def test_waiting_for_a_second_factor_forgets_the_former_cookie(app, try_door):
    """SES-10, SES-14"""
    with clock.freeze(clock.now()) as hands:
        person = come_in(app, try_door)
        cookie = cookie_of(person)
        with_app("sales2")
        hands.advance(timedelta(minutes=31))
        assert try_door("sales2", PASSWORD, person).location == "/login/verify"
    assert not is_in(copy_of(app, cookie))


def test_restored_tabs_push_no_other_device_out(app, try_door, visit):
    """SES-13: however many sessions one remembered browser begins, they take one place."""
    cookie = cookie_of(come_in(app, try_door))
    others = [visit("sales1"), visit("sales1")]
    for _ in range(4):
        assert is_in(copy_of(app, cookie))
    assert all(map(is_in, others))
    forget()
    assert len(db.session.scalars(select(DeviceSession)).all()) == 3


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
