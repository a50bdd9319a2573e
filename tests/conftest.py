"""A migrated database of each kind, an application on it, and people to act as."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, Table, insert, select, text

from app import create_app
from app.core import passwords
from app.core.config import load_settings
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.base import Base
from app.models.department import Department
from app.models.role import Role
from app.models.user import User
from app.services.dictionary import ensure_dictionaries
from app.services.role import ensure_roles
from app.services.setting import ensure_settings
from tests.servers import start_postgres
from tests.visitor import Visitor

pytest_plugins = ["tests.servers"]

PASSWORD = "Caixiang-9-Renjia"
#: Who exists in every test: user name → (role, department).
PEOPLE = {
    "admin": ("admin", "管理部"),
    "security": ("security", "管理部"),
    "auditor": ("auditor", "管理部"),
    "manager": ("manager", "管理部"),
    "sales1": ("sales", "业务一部"),
    "sales2": ("sales", "业务一部"),
    "sales3": ("sales", "业务二部"),
    "clerk": ("clerk", "业务一部"),
    "finance": ("finance", "财务部"),
    "viewer": ("viewer", "业务一部"),
}


class House:
    """One application on one database, and the rows that every test begins with."""

    def __init__(self, url: str, root: Path) -> None:
        settings = load_settings(
            root, warn=False, database_url=url, mail_url=f"file:{root / 'outbox'}"
        )
        self.app: Flask = create_app(settings)
        self.app.config["TESTING"] = True
        self.app.config["RATELIMIT_ENABLED"] = False
        with self.app.app_context():
            upgrade()
            _furnish()
            self.head_file = Path(settings.audit_head_file)
            self.first_head = self.head_file.read_bytes()
            self.first = {
                table.name: [dict(row._mapping) for row in db.session.execute(select(table))]
                for table in Base.metadata.sorted_tables
            }
            db.session.remove()

    def tidy_up(self) -> None:
        """Bring every table back to its first rows."""
        db.session.remove()
        with unguarded() as connection:
            if connection.dialect.name == "postgresql":
                names = ", ".join(table.name for table in Base.metadata.sorted_tables)
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            else:
                connection.execute(text("PRAGMA defer_foreign_keys = ON"))
                for table in reversed(Base.metadata.sorted_tables):
                    connection.execute(table.delete())
            for table in Base.metadata.sorted_tables:
                self._refill(connection, table)
        self.head_file.write_bytes(self.first_head)

    def _refill(self, connection: Any, table: Table) -> None:
        rows = self.first[table.name]
        if rows:
            connection.execute(insert(table), rows)
        if connection.dialect.name == "postgresql" and "id" in table.c:
            step = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 100 + max(id)) FROM {table.name}"
            connection.execute(text(step))


@contextmanager
def unguarded() -> Iterator[Connection]:
    """Write past all triggers and foreign keys, as whoever owns the database can."""
    with db.engine.execution_options(writes=True).begin() as connection:
        guards: list[tuple[str, str]] = []
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            found = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            guards = [(name, sql) for name, sql in connection.execute(found)]
        for name, _ in guards:
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for _, sql in guards:
            connection.exec_driver_sql(sql)


def _furnish() -> None:
    """Make the roles, departments and people that every test knows."""
    with work_for(SYSTEM) as work:
        ensure_roles(work)
        ensure_settings(work)
        ensure_dictionaries(work)
        names = dict.fromkeys(department for _, department in PEOPLE.values())
        departments = {name: Department(name=name) for name in names}
        work.session.add_all(departments.values())
        roles = {role.name: role for role in work.session.scalars(select(Role))}
        secret = passwords.make_hash(PASSWORD)
        for username, (role, department) in PEOPLE.items():
            user = User(username=username, username_folded=username, name=f"{username}先生")
            user.department = departments[department]
            user.roles = [roles[role]]
            user.password_hash, user.password_changed_at = secret, work.now
            user.must_change_password = False
            work.session.add(user)
        work.session.flush()


HOUSES: dict[str, House] = {}


def house_on(kind: str, folders: pytest.TempPathFactory) -> House:
    """Return the application on a database of this *kind*, built when it is first asked for."""
    if kind not in HOUSES:
        root = folders.mktemp(kind)
        url = f"sqlite:///{root / 'app.db'}" if kind == "sqlite" else start_postgres()
        HOUSES[kind] = House(url, root)
    return HOUSES[kind]


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The application on SQLite, and again on PostgreSQL."""
    return house_on(request.param, tmp_path_factory)


@pytest.fixture
def app(house: House) -> Iterator[Flask]:
    """The application, in its context, with nothing but the first rows."""
    with house.app.app_context():
        yield house.app
        house.tidy_up()


@pytest.fixture
def visit(app: Flask) -> Any:
    """Return a visitor signed in as somebody: ``visit("clerk")``."""
    return lambda username, **options: Visitor(app, username, **options)


@pytest.fixture
def client(app: Flask) -> Any:
    """A visitor whom nobody knows."""
    return Visitor(app)
