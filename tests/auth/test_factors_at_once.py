"""Second factors and passwords of one person, changed at the same moment: one after another."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import Blocked
from app.core.work import SYSTEM, work_for
from app.models.device_session import DeviceSession
from app.models.passkey import Passkey
from app.models.user import User
from app.services import passkey, password, second_factor, totp
from app.services.user import named
from tests.auth.authenticator import with_passkey
from tests.auth.factors import code_of, user_named, waiting, with_app

SOON = 0.3  # seconds in which the other one would be done if it did not wait
LONG = 20  # seconds in which nobody waits any more


def later(work, username):
    """Take the row of a user as whoever changes the password does, before anything else."""
    this = select(User).where(User.username == username).with_for_update()
    return work.session.scalars(this).one()


def test_a_code_and_a_new_password_do_not_wait_for_each_other(app, try_door):
    """MFA-6, RST-5: the new password ends the waiting; neither is torn down as a deadlock."""
    authenticator = with_app("sales1")
    browser = waiting(app, try_door)
    typed = {"method": "totp", "code": code_of(authenticator), "csrf_token": browser.token}
    cookie = browser.browser.get_cookie("sid").value

    def prove():
        copy = app.test_client()
        copy.set_cookie("sid", cookie)
        return copy.post("/login/verify", data=typed)

    with ThreadPoolExecutor(1) as threads:
        with work_for(SYSTEM) as work:
            user = later(work, "sales1")
            proving = threads.submit(prove)
            with pytest.raises(TimeoutError):
                proving.result(SOON)
            password.issue(work, user)
        answer = proving.result(LONG)
    assert (answer.status_code, answer.location) == (302, "/login")
    user = user_named("sales1")
    sessions = select(func.count(DeviceSession.id)).where(DeviceSession.user_id == user.id)
    assert db.session.scalar(sessions) == 0


def test_the_last_two_factors_do_not_go_at_once(app):
    """MFA-14: of a role that needs one."""
    with_app("admin")
    with_passkey("admin")
    number = user_named("admin").id

    def switch_off():
        with app.app_context(), work_for(SYSTEM) as work:
            totp.disable(work, work.session.get_one(User, number), is_required=True)

    with ThreadPoolExecutor(1) as threads:
        with work_for(SYSTEM) as work:
            key = work.session.scalars(select(Passkey.id)).one()
            passkey.remove(work, named(work.session, "admin"), key, is_required=True)
            other = threads.submit(switch_off)
            with pytest.raises(TimeoutError):
                other.result(SOON)
        assert isinstance(other.exception(LONG), Blocked)
    assert second_factor.has_one(db.session(), number)
