"""People of a test: as they act by what is stored, with roles of their own making."""

from sqlalchemy import select, update

from app.core.db import db
from app.core.work import SYSTEM, Actor, work_for
from app.models.role import Role
from app.models.setting import Setting
from app.models.user import User
from app.services.rights import actor_for
from app.services.role import roles
from app.services.user import named, users


def acting(username: str) -> Actor:
    """Return somebody as the door would let them in now."""
    db.session.remove()
    return actor_for(db.session(), named(db.session(), username))


def role_id(name: str) -> int:
    return db.session.scalars(select(Role.id).where(Role.name == name)).one()


def user_id(username: str) -> int:
    return db.session.scalars(select(User.id).where(User.username == username)).one()


def make_role(name: str, grants: dict, **values) -> int:
    with work_for(SYSTEM) as work:
        given = {"name": name, "label": name, "grants": grants, **values}
        return roles.create(work, given).id


def give(username: str, *names: str) -> None:
    """Let somebody hold these roles and no others."""
    ids = [role_id(name) for name in names]
    change(SYSTEM, username, roles=ids)


def hold(username: str, grants: dict, **values) -> Actor:
    """Let somebody hold a role of their own with these grants; return them as they act."""
    make_role(f"only_{username}", grants, **values)
    give(username, f"only_{username}")
    return acting(username)


def change(who: Actor, whom: str, /, **values) -> None:
    with work_for(who) as work:
        user = named(work.session, whom)
        users.update(work, user, values, version=user.version)


def separate(value: str = "1") -> None:
    """Turn 三权分立 on, or off."""
    with work_for(SYSTEM) as work:
        this = update(Setting).where(Setting.key == "separate_duties")
        work.session.execute(this.values(value=value))
