"""One administrator who may sign in always remains."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Blocked, RuleBroken
from app.core.work import SYSTEM, work_for
from app.models.role import Role, user_roles
from app.models.user import User
from app.services.role import roles
from app.services.user import named, users
from tests.services.people import acting, change, give, role_id
from tests.services.test_role import change as change_role
from tests.services.test_role import grants_of

SOON = 0.3  # seconds in which the other one would be done if it did not wait


def disable(work, username):
    users.update(
        work, who := named(work.session, username), {"is_active": False}, version=who.version
    )


def demote(work, username):
    users.update(work, who := named(work.session, username), {"roles": []}, version=who.version)


def remove(work, username):
    users.delete(work, who := named(work.session, username), version=who.version)


def left():
    db.session.remove()
    holders = select(User.username).join(user_roles).join(Role)
    return set(db.session.scalars(holders.where(Role.name == "admin", User.is_active)))


@pytest.mark.parametrize("first", [disable, demote, remove])
@pytest.mark.parametrize("second", [disable, demote, remove])
def test_two_administrators_cannot_go_at_the_same_time(app, first, second):
    """AZ-12, REL-2: whoever comes second waits, and is refused."""
    with work_for(SYSTEM) as work:
        users.create(work, {"username": "boss", "name": "老板", "roles": [role_id("admin")]})
    begun = Event()
    db.session.remove()

    def other():
        begun.wait()
        with app.app_context(), work_for(SYSTEM) as work:
            second(work, "admin")

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(other)
        with work_for(SYSTEM) as work:
            first(work, "boss")
            begun.set()
            with pytest.raises(TimeoutError):
                waiting.result(SOON)
        assert isinstance(waiting.exception(20), Blocked)
    assert left() == {"admin"}


def test_all_administrators_at_once_stay(visit):
    """AZ-12, AZ-6: deleting every administrator in one go deletes none."""
    give("sales1", "admin")
    writer = visit("security")
    assert writer.post("/admin/user/action/", {"action": "delete", "rowid": "1"}).status_code == 403
    writer = visit("admin")
    ids = [str(acting(name).user_id) for name in ("sales1", "admin")]
    asked = {"action": "delete", "rowid": ids, "confirm": "1"}
    assert writer.post("/admin/user/action/", asked).status_code == 409
    assert left() == {"admin", "sales1"}


def test_security_takes_the_last_administrator_from_nobody(app):
    """AZ-12: nor does anybody take from the role what an administrator needs."""
    with pytest.raises(Blocked):
        change(acting("security"), "admin", roles=[role_id("viewer")])
    for entity, verb in (("user", "grant"), ("user", "edit"), ("role", "edit")):
        grants = grants_of("admin")
        del grants[entity][verb]
        with pytest.raises(RuleBroken):
            change_role(acting("security"), "admin", grants=grants)
    with pytest.raises(Blocked), work_for(acting("security")) as work:
        role = work.session.get_one(Role, role_id("admin"))
        roles.delete(work, role, version=role.version)


def test_a_disabled_administrator_is_no_administrator(app):
    """AZ-12"""
    give("sales1", "admin")
    change(SYSTEM, "sales1", is_active=False)
    with pytest.raises(Blocked):
        change(SYSTEM, "admin", is_active=False)
