"""What lets people in is changed only by somebody who gave the password just now."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.device_session import DeviceSession
from app.models.role import Role
from app.models.user import User
from tests.conftest import PASSWORD
from tests.visitor import fields_of, forget

KEYS = {"email": "me@example.com", "phone": "13912345678", "username": "mine"}


def stale():
    with work_for(SYSTEM) as work:
        long_ago = clock.now() - timedelta(minutes=6)
        work.session.execute(update(DeviceSession).values(confirmed_at=long_ago))


def found(number):
    forget()
    return db.session.get_one(User, number)


def number_of(username):
    return db.session.scalars(select(User.id).where(User.username == username)).one()


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("whom", ["sales1", "admin"])
def test_keys_need_the_password_again_and_nothing_typed_is_lost(visit, whom, name):
    """MFA-10, SES-11: of others and of oneself."""
    admin = visit("admin")
    number = number_of(whom)
    path = f"/admin/user/edit/?id={number}"
    stale()
    answer = admin.submit(path, name="新名字", **{name: KEYS[name]})
    assert answer.location.startswith("/account/confirm?next=/admin/user/edit/")
    assert getattr(found(number), name) != KEYS[name]
    confirmed = admin.post("/account/confirm", {"password": PASSWORD, "next": path})
    assert confirmed.location == path
    page = admin.get(path)
    assert "您的修改还没有保存" in page.text
    fields = fields_of(page.text)
    assert (fields["name"], fields[name]) == ("新名字", KEYS[name])
    assert admin.post(path, fields).status_code == 302
    assert (found(number).name, getattr(found(number), name)) == ("新名字", KEYS[name])
    assert "您的修改还没有保存" not in admin.get(path).text


def test_roles_need_the_password_again(visit):
    """MFA-10, AZ-12"""
    admin = visit("admin")
    path = f"/admin/user/edit/?id={number_of('sales1')}"
    role = db.session.scalars(select(Role.id).where(Role.name == "manager")).one()
    stale()
    answer = admin.submit(path, roles=str(role))
    assert answer.location.startswith("/account/confirm")
    assert [one.name for one in found(number_of("sales1")).roles] == ["sales"]


def test_other_fields_do_not(visit):
    admin = visit("admin")
    number = number_of("sales1")
    stale()
    answer = admin.submit(f"/admin/user/edit/?id={number}", name="新名字")
    assert answer.location.startswith("/admin/user/details/")
    assert found(number).name == "新名字"


def test_what_was_typed_waits_for_its_own_form_and_person(visit):
    """MFA-10: neither another user's form nor another person sees it."""
    admin = visit("admin")
    one, other = (f"/admin/user/edit/?id={number_of(name)}" for name in ("sales1", "sales2"))
    stale()
    admin.submit(one, email="me@example.com")
    assert "me@example.com" not in admin.get(one).text  # before the password
    admin.submit(one, email="me@example.com")
    admin.post("/account/confirm", {"password": PASSWORD})
    assert "me@example.com" not in admin.get(other).text
