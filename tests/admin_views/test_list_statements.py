"""How many statements a page of a list takes: few, and the same for two rows and for twenty."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from app.admin_views import MENU
from app.core.db import db
from app.core.work import SYSTEM, Origin, work_for
from app.models.customer import TeamMember
from app.models.department import Department
from app.models.dictionary import Dictionary
from app.models.login_log import LoginLog
from app.models.role import Role
from app.models.setting import Setting
from app.models.user import User
from app.services import audit
from tests.conftest import PEOPLE
from tests.factories.contact import make_contacts
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import number
from tests.factories.order import make_orders

MOST = 5
FEW, MANY = 2, 20
SILENT = ("BEGIN", "PRAGMA", "ROLLBACK", "COMMIT")
ENTITIES = [screen.service.entity for group in MENU.values() for screen in group]
HELD = ("admin", "security", "auditor", "manager", "sales1", "clerk", "finance", "viewer")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(SILENT):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def fill(rows: int) -> None:
    """Make *rows* records of every kind, all of them related to different others."""
    with work_for(SYSTEM, Origin()) as work:
        for _ in range(rows):
            n = number()
            own = Department(name=f"车间{n}")
            role = Role(name=f"role{n}", label=f"角色{n}", grants={}, hidden=[])
            user = User(username=f"u{n}", username_folded=f"u{n}", name=f"人{n}", department=own)
            user.roles, user.manager = [role], work.session.get(User, 1)
            work.session.add_all([own, role, user])
            work.session.add(Dictionary(kind="source", key=f"k{n}", label=f"来源{n}"))
            work.session.add(Setting(key=f"s{n}", label=f"旋钮{n}", kind="text", value="1"))
            audit.remember(work, "x.y")
            work.session.add(LoginLog(at=work.now, username=f"u{n}", result="ok"))
            work.session.flush()
            own.manager = user
    made = [
        one
        for owner in ("sales1", "sales3")
        for one in make_customers(*({"source": "fair"} for _ in range(rows)), owner=owner)
    ]
    people = make_contacts(0, *({"customer": one} for one in made))
    pairs = zip(made, people, strict=True)
    make_orders(0, *({"customer": one, "contact": person} for one, person in pairs))


def test_a_list_takes_few_statements_however_many_rows(visit):
    """PERF: at most five statements for a page of any list, for every role, with 2 rows as with 20."""
    readers = [visit(username) for username in HELD]
    fill(FEW)
    few = {reader.username: taken_by(reader) for reader in readers}
    fill(MANY - FEW)
    for reader in readers:
        many = taken_by(reader)
        assert many.keys() == few[reader.username].keys()
        for path, sent in many.items():
            assert len(sent) == len(few[reader.username][path]), [path, *sent]
            assert len(sent) <= MOST, [reader.username, path, *sent]


def taken_by(reader: Any) -> dict[str, list[str]]:
    """Return what every list that *reader* may see sends to the database."""
    taken = {}
    for entity in ENTITIES:
        with counted() as sent:
            answer = reader.get(f"/admin/{entity}/")
        if answer.status_code == 200:
            taken[entity] = sent
    return taken


@pytest.mark.parametrize("entity", ENTITIES)
def test_data_takes_no_more_statements_than_the_page(visit, entity):
    """PERF: the JSON view and a searched, filtered, sorted page stay within five statements, too."""
    fill(FEW)
    reader = visit("admin")
    for query in ("format=json", "search=a", "page=1"):
        with counted() as sent:
            assert reader.get(f"/admin/{entity}/?{query}").status_code == 200
        assert len(sent) <= MOST, [query, *sent]


def test_a_team_takes_one_statement_however_many_members(visit):
    """PERF"""
    reader = visit("manager")
    one, many = make_customer(), make_customer()
    with work_for(SYSTEM) as work:
        people = work.session.scalars(select(User.id).order_by(User.id).limit(6)).all()
        rows = [TeamMember(customer_id=many, user_id=person) for person in people]
        work.session.add_all([TeamMember(customer_id=one, user_id=people[0]), *rows])
    taken = []
    for customer in (one, many):
        with counted() as sent:
            page = reader.get(f"/admin/customer/details/?id={customer}").text
        taken.append(len(sent))
    assert "auditor先生" in page
    assert taken[0] == taken[1]


def test_every_role_is_counted():
    """The people above stand for every role there is."""
    assert {PEOPLE[username][0] for username in HELD} == {role for role, _ in PEOPLE.values()}
