"""What the audit knows of a working day: every kind of event, with who, when, from where and how it ended."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.role import Role
from app.models.setting import Setting
from app.models.trash_entry import TrashEntry
from tests.conftest import PASSWORD
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id
from tests.factories.order import make_order
from tests.services.chains import begin_long_ago, newest
from tests.visitor import Visitor, forget

NEW = "Xk9#mQ2v!pL"
EVIL = "lisi\r\n2026-01-01 admin login ok\x1b[2K 13812345678"


class Day:
    """Remembers how far the audit had gone, and tells what came after."""

    def __init__(self, app):
        self.app, self.seen = app, newest()
        self.all = []

    def told(self):
        """Return (actor, action, record, result) of what is new."""
        forget()
        rows = db.session.scalars(select(Audit).where(Audit.id > self.seen).order_by(Audit.id))
        fresh = list(rows)
        self.all += fresh
        self.seen = newest()
        return [(one.actor, one.action, one.record_id, one.result) for one in fresh]


@pytest.fixture
def day(app):
    return Day(app)


def test_doors(app, day, visit):
    """AUD-1: signing in, failing, being locked out, signing out; nobody writes lines of his own."""
    boss, clerk = user_id("admin"), user_id("clerk")
    Visitor(app).post("/login", {"username": "clerk", "password": "wrong"})
    assert day.told() == [("clerk", "login", clerk, "wrong")]
    Visitor(app).post("/login", {"username": EVIL, "password": "wrong"})
    ((actor, action, _, result),) = day.told()
    assert (action, result) == ("login", "wrong")
    assert actor.isprintable()
    assert "13812345678" not in actor
    person = Visitor(app)
    person.post("/login", {"username": "clerk", "password": PASSWORD})
    assert ("clerk先生", "login", clerk, "ok") in day.told()
    person.get("/admin/user/")
    assert day.told() == [("clerk先生", "access.denied", None, "denied")]
    person.post("/logout")
    assert day.told() == [("clerk先生", "logout", clerk, "ok")]
    for _ in range(6):
        Visitor(app).post("/login", {"username": "clerk", "password": "wrong"})
    assert ("clerk", "login", clerk, "locked") in day.told()
    act(visit("admin"), "user", "unlock", clerk)
    assert day.told() == [("admin先生", "user.unlock", clerk, "ok")]
    assert boss
    assert_complete(day)


def test_records(day, visit):
    """AUD-1: made, changed, steps of an order, printed, exported, deleted, brought back."""
    writer = visit("manager")
    writer.submit("/admin/customer/new/", name="苏州云松食品有限公司")
    made = db.session.scalar(select(Customer.id))
    assert day.told() == [("manager先生", "customer.create", made, "ok")]
    writer.submit(f"/admin/customer/edit/?id={made}", short_name="云松")
    assert day.told() == [("manager先生", "customer.edit", made, "ok")]
    order = make_order(made, delivery_date=clock.today())
    contact = make_contact(made)
    day.told()
    act(writer, "order", "confirm", order)
    assert ("manager先生", "order.confirm", order, "ok") in day.told()
    writer.get("/admin/order/export/csv/")
    writer.get("/admin/audit/export/csv/")
    assert ("manager先生", "order.export", None, "ok") in day.told()
    visit("auditor").get("/admin/audit/export/csv/")
    assert day.told() == [("auditor先生", "audit.export", None, "ok")]
    writer.post("/admin/contact/delete/", {"id": contact, "version": 1, "confirm": "1"})
    assert ("manager先生", "contact.delete", contact, "ok") in day.told()
    empty = make_customer()
    day.told()
    version = load(Customer, empty).version
    writer.post("/admin/customer/delete/", {"id": empty, "version": version, "confirm": "1"})
    assert day.told() == [("manager先生", "customer.delete", empty, "ok")]
    entry = db.session.scalar(select(TrashEntry.id))
    visit("admin").post("/admin/trash/action/", {"action": "restore", "rowid": entry, "confirm": 1})
    assert [action for _, action, _, _ in day.told()] == ["customer.restore"]
    assert_complete(day)


def test_rights_and_settings(day, visit):
    """AUD-1: people, roles and settings; what was, and what is."""
    boss = visit("admin")
    boss.submit("/admin/user/new/", username="wangli", name="王丽", roles=[role("sales")])
    assert ("admin先生", "user.create") in [row[:2] for row in day.told()]
    made = user_id("wangli")
    boss.submit(f"/admin/user/edit/?id={made}", roles=[role("clerk")])
    assert day.told() == [("admin先生", "user.edit", made, "ok")]
    assert set(day.all[-1].changes) == {"roles"}
    boss.submit(f"/admin/role/edit/?id={role('viewer')}", label="访客们")
    assert day.told() == [("admin先生", "role.edit", role("viewer"), "ok")]
    setting = db.session.scalars(select(Setting).where(Setting.kind == "boolean")).first()
    value = "0" if setting.value == "1" else "1"
    boss.submit(f"/admin/setting/edit/?id={setting.id}", value=value)
    assert day.told() == [("admin先生", "setting.edit", setting.id, "ok")]
    act(boss, "user", "end_sessions", made)
    act(boss, "user", "reset_password", made, reason="忘记密码")
    assert day.told() == [
        ("admin先生", "user.end_sessions", made, "ok"),
        ("admin先生", "user.reset_password", made, "ok"),
    ]
    assert day.all[-1].changes == {"reason": [None, "忘记密码"]}
    assert_complete(day)


def test_ones_own_account(day, visit):
    """AUD-1: the password, tried wrongly and changed; other devices signed out."""
    person, me = visit("sales1"), user_id("sales1")
    change = {"current_password": "wrong", "new_password": NEW, "confirm_password": NEW}
    person.post("/account/password", change)
    assert day.told() == [("sales1先生", "user.password", me, "wrong")]
    person.post("/account/password", {**change, "current_password": PASSWORD})
    assert ("sales1先生", "user.password", me, "ok") in day.told()
    person.post("/account/sessions", {"others": "1"})
    assert day.told() == [("sales1先生", "user.end_sessions", me, "ok")]
    assert_complete(day)


def test_the_command_line(day, say, tmp_path, head_file):
    """AUD-1: copies, people let in again, the archive; done by the system, at the command line."""
    clerk = user_id("clerk")
    say("users", "create", "li", "--role", "sales", "--name", "李")
    assert ("system", "user.create", user_id("li"), "ok") in day.told()
    say("users", "unlock", "clerk")
    say("users", "reset-password", "clerk")
    assert [row[1:3] for row in day.told()] == [
        ("user.unlock", clerk),
        ("user.reset_password", clerk),
    ]
    answer = say("backup", "create", str(tmp_path / "copy"))
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert [row[1] for row in day.told()] == ["backup.create"]
    day.seen = begin_long_ago(head_file)
    before = (clock.today() - timedelta(days=180)).isoformat()
    assert say("audit", "archive", "--before", before).exit_code == 0
    assert say("audit", "head", "--begin").exit_code == 0
    assert [row[1] for row in day.told()] == ["audit.archive", "audit.head"]
    assert {(one.actor, one.address) for one in day.all} == {("system", "command line")}
    assert day.all[-2].changes["rows"] == day.all[-2].changes["last"] == 16


def test_the_audit_is_found_by_person_record_and_time(visit):
    """AUD-1: search and filters of the list."""
    one, other = make_customer(), make_customer()
    visit("manager").submit(f"/admin/customer/edit/?id={one}", short_name="甲乙丙")
    reader = visit("auditor")

    def found(query):
        return [row["record_id"] for row in reader.json(f"/admin/audit/?{query}")["rows"]]

    assert found("search=manager先生") == [one]
    assert found("search=甲乙丙") == [one]
    assert found("flt_actor_eq=manager先生") == [one]
    assert set(found("flt_action_eq=customer.create")) == {one, other}
    assert set(found(f"flt_entity_eq=customer&flt_record_id_eq={other}")) == {other}
    today = clock.today().isoformat()
    assert one in found(f"flt_at_ge={today}&page_size=100")
    assert found("flt_at_lt=2020-01-01") == []


# -- hands ------------------------------------------------------------------------------------------


def act(person, entity, action, *ids, **values):
    answer = person.post(
        f"/admin/{entity}/action/",
        {"action": action, "rowid": [str(one) for one in ids], "confirm": "1", **values},
    )
    assert answer.status_code in (200, 302), (action, answer.status_code)


def role(name):
    return db.session.scalar(select(Role.id).where(Role.name == name))


def assert_complete(day):
    """Every entry of a request says who, when, from where and about which request."""
    day.told()
    asked = [one for one in day.all if one.actor != "system"]
    assert asked
    for one in asked:
        assert one.at.utcoffset() == timedelta(0)
        assert (one.address, one.actor_id is None) == (
            "127.0.0.1",
            one.action == "login" and one.result != "ok",
        )
        assert one.request_id
        assert one.result
