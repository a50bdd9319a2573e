"""The first start: roles, departments and one account of each role, in a database without users."""

import os
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from sqlalchemy import select

from app.core.config import Settings
from app.core.words import N_
from app.core.work import SYSTEM, Origin, Work, work_for
from app.domain.role import DEFAULT_ROLES
from app.models.department import Department
from app.models.role import Role
from app.models.user import User
from app.services.department import departments
from app.services.dictionary import ensure_dictionaries
from app.services.role import ensure_roles
from app.services.setting import ensure_settings
from app.services.user import users

Account = tuple[str, str, str]  # username, one-time password, words for the role

SALES_1, SALES_2 = N_("业务一部"), N_("业务二部")
CLERKS, FINANCE, MANAGEMENT = N_("跟单部"), N_("财务部"), N_("管理部")

#: Username → role, name, department. A clerk and a guest see the customers of their department.
ACCOUNTS: dict[str, tuple[str, str, str]] = {
    "admin": ("admin", "系统管理员", MANAGEMENT),
    "security": ("security", "安全管理员", MANAGEMENT),
    "auditor": ("auditor", "审计员", MANAGEMENT),
    "manager": ("manager", "周经理", MANAGEMENT),
    "sales1": ("sales", "陈晓明", SALES_1),
    "sales2": ("sales", "王丽娟", SALES_1),
    "sales3": ("sales", "李建国", SALES_2),
    "clerk": ("clerk", "赵敏", SALES_1),
    "finance": ("finance", "孙会计", FINANCE),
    "viewer": ("viewer", "访客", SALES_1),
}


def prepare(app: Flask) -> list[Account]:
    """Fill a database that has no user, and return the accounts made: none in production."""
    house: Settings = app.extensions["settings"]
    with app.app_context():
        with work_for(SYSTEM, Origin(address="first start")) as work:
            furnish(work)  # a house that is older than a setting gets it, too
            if work.session.scalar(select(User.id).limit(1)) is not None:
                return []
            accounts = [] if house.production else _make_accounts(work)
            if accounts:
                _keep(
                    house, accounts
                )  # before the commit: no account may exist that nobody can use
        if accounts and find_spec("app.cli.demo"):
            import_module("app.cli.demo").load_first(app)
        return accounts


def furnish(work: Work) -> None:
    """Make the roles, settings and dictionaries that every installation begins with."""
    ensure_roles(work)
    ensure_settings(work)
    ensure_dictionaries(work)


def _make_accounts(work: Work) -> list[Account]:
    places = {
        name: _department(work, name) for name in (SALES_1, SALES_2, CLERKS, FINANCE, MANAGEMENT)
    }
    roles = {role.name: role.id for role in work.session.execute(select(Role.name, Role.id))}
    accounts = []
    for username, (role, name, place) in ACCOUNTS.items():
        values = {
            "username": username,
            "name": name,
            "email": f"{username}@example.com",
            "department": places[place],
            "roles": [roles[role]],
        }
        user = users.create(work, values)
        issued: str = user.one_time_password
        accounts.append((username, issued, DEFAULT_ROLES[role].label))
    return accounts


def _department(work: Work, name: str) -> int:
    found = work.session.scalar(select(Department.id).where(Department.name == name))
    return found or departments.create(work, {"name": name}).id


def _keep(house: Settings, accounts: Sequence[Account]) -> None:
    """Write the one-time passwords where only the owner of the installation can read them."""
    house.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = house.instance / "first_accounts.txt"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"账号 {username}  密码 {issued}\n" for username, issued, _ in accounts)
