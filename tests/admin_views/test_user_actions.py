"""Helping people in and out: unlock, end sessions, a one-time password, second factors taken back."""

import re

import pytest
from sqlalchemy import select

from app.core import clock, passwords
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.device_session import DeviceSession
from app.models.user import User
from tests.conftest import PEOPLE
from tests.services.people import user_id
from tests.visitor import forget

ACTIONS = ("unlock", "end_sessions", "reset_password", "reset_mfa")


def act(writer, name, *ids, **values):
    asked = {"action": name, "rowid": list(ids), "confirm": "1", **values}
    return writer.post("/admin/user/action/", asked)


def audited(name):
    forget()
    found = select(Audit).where(Audit.action == f"user.{name}").order_by(Audit.id)
    return [(one.record_id, one.changes) for one in db.session.scalars(found)]


@pytest.mark.parametrize("username", ["admin", "security"])
def test_a_one_time_password_stands_there_once(visit, username):
    """PWD-8, RST-19, PWD-12: in that answer only, good for a day, and not in the audit."""
    helped, writer = visit("sales1"), visit(username)
    whom = user_id("sales1")
    answer = act(writer, "reset_password", whom, reason="忘记密码")
    (secret,) = re.findall(r"<code data-once>([^<]+)</code>", answer.text)
    forget()
    user = db.session.get_one(User, whom)
    assert passwords.match(user.password_hash, secret)
    assert user.must_change_password
    assert (user.password_expires_at - clock.now()).total_seconds() <= 24 * 3600
    assert helped.get("/account/").status_code == 302
    assert audited("reset_password") == [(whom, {"reason": [None, "忘记密码"]})]
    assert secret not in writer.get(f"/admin/user/details/?id={whom}").text
    assert secret not in writer.get(f"/admin/user/history/?id={whom}").text


@pytest.mark.parametrize("name", ["reset_password", "reset_mfa"])
def test_a_reset_needs_its_reason(visit, name):
    """RST-19"""
    whom = user_id("sales1")
    for reason in ("", " ", "x" * 201):
        answer = act(visit("admin"), name, whom, reason=reason)
        assert answer.status_code == 422
        assert "<code data-once>" not in answer.text
    assert audited(name) == []


@pytest.mark.parametrize("name", ACTIONS)
def test_every_help_is_audited(visit, name):
    """LCK-14, AUD-1"""
    answer = act(visit("security"), name, user_id("sales1"), reason="手机丢失")
    assert answer.status_code in (200, 302)
    assert [record for record, _ in audited(name)] == [user_id("sales1")]


@pytest.mark.parametrize("name", ACTIONS)
def test_one_missing_person_and_nobody_is_helped(visit, name):
    """AZ-6"""
    visit("sales1")
    answer = act(visit("admin"), name, user_id("sales1"), 999_999, reason="手机丢失")
    assert answer.status_code == 404
    assert audited(name) == []
    assert act(visit("admin"), name, "x", reason="手机丢失").status_code == 404


@pytest.mark.parametrize("name", ACTIONS)
def test_help_asks_for_the_password_again(visit, name):
    """RST-19: whoever finds an open browser helps nobody."""
    writer = visit("admin")
    with work_for(SYSTEM) as work:
        for one in work.session.scalars(select(DeviceSession)):
            one.confirmed_at = clock.now().replace(year=2020)
    answer = act(writer, name, user_id("sales1"), reason="手机丢失")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/confirm")
    assert audited(name) == []


@pytest.mark.parametrize("username", sorted(set(PEOPLE) - {"admin", "security"}))
def test_nobody_else_helps(visit, username):
    """AZ-2, AZ-13"""
    writer = visit(username)
    for name in ACTIONS:
        assert act(writer, name, user_id("sales2"), reason="手机丢失").status_code == 403
        assert audited(name) == []


def test_an_action_that_is_none_is_not_found(visit):
    """Actions: 404 for what the entity does not have."""
    assert act(visit("admin"), "promote", user_id("sales1")).status_code == 404
