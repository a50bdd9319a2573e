"""Users: who may make, change, help and remove whom."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.core import clock, passwords
from app.core.db import db
from app.core.errors import Blocked, NotAllowed, RuleBroken
from app.core.work import SYSTEM, Actor, work_for
from app.models.customer import Customer
from app.models.device_session import DeviceSession
from app.models.role import Role
from app.models.user import User
from app.services import device_session, letters
from app.services.device_session import SessionLimits
from app.services.user import named, users
from app.web.actor import actor_of
from tests.visitor import forget


def actor(username):
    """Return what this person may do, as the web finds it."""
    limits = SessionLimits.of(_settings())
    with work_for(SYSTEM) as work:
        user = named(work.session, username)
        token = device_session.start(work, user.id, device="", limits=limits)
    found = device_session.find(db.session(), token, now=clock.now(), limits=limits)
    return actor_of(found.user, found.roles, has_separate_duties=False)


def _settings():
    from flask import current_app

    return current_app.extensions["settings"]


def role_id(name):
    return db.session.scalar(select(Role.id).where(Role.name == name))


def make(who, **values):
    with work_for(who) as work:
        return users.create(work, {"name": "新人", **values})


def change(who, username, **values):
    with work_for(who) as work:
        user = named(work.session, username)
        return users.update(work, user, values, version=user.version)


def remove(who, username):
    with work_for(who) as work:
        user = named(work.session, username)
        users.delete(work, user, version=user.version)


def problems(refusal):
    return {problem.field: problem.message for problem in refusal.value.problems}


def test_a_new_user_gets_a_one_time_password(app):
    """PWD-8"""
    user = make(actor("admin"), username="Wang.Li", roles=[role_id("sales")])
    assert passwords.match(user.password_hash, user.one_time_password)
    assert user.must_change_password
    assert user.password_expires_at is not None


@pytest.mark.parametrize("name", ["SALES1", "ｓａｌｅｓ１", " sales1"])
def test_spellings_of_a_name_are_the_same_name(app, name):
    """LCK-9, REL-18"""
    with pytest.raises(RuleBroken) as refusal:
        make(actor("admin"), username=name)
    assert problems(refusal) == {"username": "用户名已被使用。"}


@pytest.mark.parametrize("name", ["", "a b", "<b>", "x" * 33, "a\u200bb", "--", "a/b"])
def test_odd_names_are_refused(app, name):
    with pytest.raises(RuleBroken) as refusal:
        make(actor("admin"), username=name)
    assert set(problems(refusal)) == {"username"}


def test_addresses_and_phones_are_kept_in_one_form(app):
    user = make(actor("admin"), username="li", phone="+86 138 1234 5678", email="Li@Example.com")
    assert (user.phone, user.email) == ("13812345678", "li@example.com")
    with pytest.raises(RuleBroken) as refusal:
        make(actor("admin"), username="wu", phone="1", email="x")
    assert set(problems(refusal)) == {"phone", "email"}


def test_the_last_administrator_stays(app):
    """AZ-12"""
    admin = actor("admin")
    for values in ({"is_active": False}, {"roles": []}, {"roles": [role_id("sales")]}):
        with pytest.raises(Blocked):
            change(SYSTEM, "admin", **values)
    with pytest.raises(Blocked):
        remove(SYSTEM, "admin")
    make(admin, username="admin2", roles=[role_id("admin")])
    change(SYSTEM, "admin", is_active=False)
    with pytest.raises(Blocked):
        change(SYSTEM, "admin2", is_active=False)


def test_nobody_gives_himself_a_role(app):
    """AZ-12"""
    admin = actor("admin")
    with pytest.raises(RuleBroken) as refusal:
        change(admin, "admin", roles=[role_id("admin"), role_id("manager")])
    assert problems(refusal) == {"roles": "不能给自己增加角色。"}
    with pytest.raises(RuleBroken):
        change(actor("security"), "security", roles=[role_id("security"), role_id("admin")])


def test_only_who_may_grant_gives_roles(app):
    """AZ-12, MAS-1"""
    admin = actor("admin")
    grants = {"user": {k: v for k, v in admin.grants["user"].items() if k != "grant"}}
    helper = replace(admin, grants=grants)
    with pytest.raises(NotAllowed):
        change(helper, "sales1", roles=[role_id("admin")])
    with pytest.raises(NotAllowed):
        change(actor("security"), "sales1", name="x")
    change(actor("security"), "sales1", roles=[role_id("manager")])
    assert actor("sales1").may("customer.transfer")


def test_users_with_records_stay(app):
    """AZ-11"""
    admin = actor("admin")
    make(admin, username="short")
    remove(admin, "short")
    with work_for(SYSTEM) as work:
        owner = named(work.session, "sales2")
        work.session.add(
            Customer(code="C1", name="甲", name_folded="甲", name_key="甲", owner=owner)
        )
    with pytest.raises(Blocked) as refusal:
        remove(admin, "sales2")
    assert refusal.value.facts["n"] == 1
    change(admin, "sales2", is_active=False)


def test_disabling_ends_the_sessions(app):
    """SES-8"""
    actor("sales1")
    change(actor("admin"), "sales1", is_active=False)
    forget()
    number = db.session.scalar(select(User.id).where(User.username == "sales1"))
    left = select(func.count()).where(DeviceSession.user_id == number)
    assert db.session.scalar(left) == 0


def test_helping_needs_its_permission(app):
    """LCK-14, RST-19"""
    for verb in (users.unlock, users.end_sessions, users.reset_password):
        with work_for(actor("security")) as work:
            verb(work, named(work.session, "sales1"), {"reason": "忘记密码"})
        manager = actor("manager")
        with pytest.raises(NotAllowed), work_for(manager) as work:
            verb(work, named(work.session, "sales1"), {"reason": "忘记密码"})


def test_several_roles_add_up(app):
    """SES-8"""
    change(actor("admin"), "viewer", roles=[role_id("viewer"), role_id("sales")])
    both: Actor = actor("viewer")
    assert both.scope("customer", "see") == "department"
    assert both.scope("customer", "edit") == "own"
    assert both.export_rows == 10_000
    assert both.hidden == frozenset({"phones", "money"})  # the widest view decides what is masked


def test_the_former_address_is_told(app, monkeypatch):
    """MFA-10"""
    sent = []
    monkeypatch.setattr(letters.jobs, "enqueue", lambda _work, _kind, one: sent.append(one["to"]))
    change(SYSTEM, "sales1", email="old@example.com")
    change(actor("admin"), "sales1", email="new@example.com")
    with pytest.raises(RuleBroken):
        change(actor("admin"), "sales1", email="x@example.com", phone="12")
    change(actor("admin"), "sales1", name="陈晓明")
    assert sent == ["old@example.com"]
    change(actor("admin"), "sales1", phone="13912345678")
    change(actor("admin"), "sales1", phone="+86 139 1234 5678")
    assert sent == ["old@example.com", "new@example.com"]
