"""What the login log and the audit say of every way in, and what they never hold."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.models.audit import Audit
from app.models.login_log import LoginLog
from tests.auth.authenticator import results
from tests.auth.factors import code_of, prove, waiting, with_app, with_codes
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

IDLE = timedelta(minutes=31)


def entries(action="login"):
    forget()
    return db.session.scalars(select(Audit).where(Audit.action == action).order_by(Audit.id)).all()


def test_a_remembered_browser_is_in_the_login_log(app, try_door):
    """AUD-1, SES-10"""
    with clock.freeze(clock.now()) as hands:
        person = Visitor(app)
        try_door("sales1", PASSWORD, person, more={"remember": "1"})
        hands.advance(IDLE)
        assert person.get("/admin/").status_code == 200
        with_app("sales1")
        hands.advance(IDLE)
        person.get("/admin/")
    assert results() == ["ok", "remembered", "pending"]
    assert [entry.result for entry in entries()] == ["ok", "remembered", "pending"]
    forget()
    assert set(db.session.scalars(select(LoginLog.username))) == {"sales1"}


@pytest.mark.parametrize("method", ["totp", "recovery"])
def test_the_entry_names_the_factor(app, try_door, method):
    """AUD-1, MFA-1"""
    authenticator = with_app("sales1")
    code = code_of(authenticator) if method == "totp" else with_codes("sales1")[0]
    prove(waiting(app, try_door), code, method)
    last = entries()[-1]
    assert (last.result, last.changes) == ("ok", {"factor": method})


def test_trust_is_recorded_when_it_is_given_and_when_it_spares(app, try_door, visit):
    """AUD-1, MFA-15"""
    authenticator = with_app("sales1")
    browser = waiting(app, try_door)
    prove(browser, code_of(authenticator), trust_device="1")
    (given,) = entries("user.trust")
    assert (given.entity, given.result, list(given.changes)) == ("user", "ok", ["device"])
    browser.post("/logout")
    try_door("sales1", PASSWORD, browser)
    assert entries()[-1].changes == {"factor": "trusted"}
    page = visit("admin").get(f"/admin/user/history/?id={given.record_id}").text
    for words in ("信任设备", "验证方式", "验证器应用", "受信任的设备"):
        assert words in page


def test_without_a_factor_none_is_named(app, try_door):
    """AUD-1: a token of somebody else's trust is no factor."""
    browser = Visitor(app)
    browser.browser.set_cookie("trust", "made-up")
    try_door("sales1", PASSWORD, browser)
    assert entries()[-1].changes in ({}, None)


@pytest.mark.parametrize("typed", ["13812345678", "Zoku-Fjord82-Wolk", "x"])
def test_what_is_no_name_is_kept_as_a_mask(try_door, typed):
    """AUD-4: people type phones and passwords into the field of the user name."""
    for _ in range(6):  # the last one meets the lock
        try_door(typed, "wrong")
    forget()
    kept = set(db.session.scalars(select(LoginLog.username)))
    assert kept == {entry.actor for entry in entries()} == {f"{typed[0]}***({len(typed)})"}


def test_names_that_exist_stay_readable(try_door):
    """AUD-1: wrong and locked tries, however the name is written."""
    for name in ("sales1", "sales1", " SALES1", "sales1", "sales1", "sales1"):
        try_door(name, "wrong")
    forget()
    assert set(db.session.scalars(select(LoginLog.username))) == {"sales1", "SALES1"}
    assert {entry.actor for entry in entries()} == {"sales1", "SALES1"}
    assert [entry.result for entry in entries()].count("locked") == 2
