"""Second factors for tests: an authenticator that is set up, and the codes it shows."""

from datetime import timedelta

import pyotp
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.tokens import box
from app.core.work import SYSTEM, work_for
from app.models.totp import Totp
from app.models.user import User
from app.services import recovery_code
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

STEP = timedelta(seconds=30)


def user_named(username: str) -> User:
    """Return the user as stored now."""
    forget()
    return db.session.scalars(select(User).where(User.username == username)).one()


def with_app(username: str) -> pyotp.TOTP:
    """Give somebody an authenticator app, as if set up long ago, and return it."""
    secret = pyotp.random_base32()
    with work_for(SYSTEM) as work:
        number = work.session.scalars(select(User.id).where(User.username == username)).one()
        row = Totp(user_id=number, secret=box().close(secret), last_step=0, created_at=clock.now())
        work.session.add(row)
    return pyotp.TOTP(secret)


def with_codes(username: str) -> list[str]:
    """Give somebody recovery codes and return them."""
    user = user_named(username)
    with work_for(SYSTEM) as work:
        return recovery_code.renew(work, work.session.get_one(User, user.id))


def code_of(app: pyotp.TOTP, *, steps: int = 0) -> str:
    """Return the code that *app* shows now, or so many time steps later."""
    return app.at(clock.now() + steps * STEP)


def waiting(app: Flask, try_door, username: str = "sales1", **more) -> Visitor:
    """Return a browser in which the password was right and the second factor is to come."""
    browser = Visitor(app)
    answer = try_door(username, PASSWORD, browser, more=more)
    assert (answer.status_code, answer.location) == (302, "/login/verify"), answer.location
    return browser


def prove(browser: Visitor, code: str, method: str = "totp", **more):
    """Send a code as the second factor."""
    return browser.post("/login/verify", {"method": method, "code": code, **more})
