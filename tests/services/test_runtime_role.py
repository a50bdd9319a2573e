"""The role that serves owns nothing: with the rights of deploy/runtime_role.sql people can work, and no more."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import ProgrammingError

from app import create_app
from app.core.config import load_settings
from app.core.db import db
from app.core.patience import IDLE
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.customer import Customer
from app.services.audit_chain import Chain
from tests.conftest import House
from tests.servers import new_database, worker
from tests.visitor import Visitor

ROLE = "caixiang_app"
GRANTS = Path(__file__).parents[2] / "deploy" / "runtime_role.sql"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """An application that connects as the role that serves, on a database that its owner has filled."""
    root = tmp_path_factory.mktemp("role")
    url = new_database(f"role_{worker()}")
    House(url, root)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        if not owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            owner.execute(f"CREATE ROLE {ROLE} LOGIN")
        owner.execute(GRANTS.read_text("utf-8"))
    ours = make_url(url).set(username=ROLE).render_as_string(hide_password=False)
    app = create_app(load_settings(root, warn=False, database_url=ours))
    app.config.update(TESTING=True, RATELIMIT_ENABLED=False)
    app.extensions["owner"] = url.replace("+psycopg", "")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_people_can_work(served):
    """CFG-6: signing in, writing, reading, exporting, the health page."""
    assert db.session.scalar(text("SELECT current_user")) == ROLE
    reader = Visitor(served, "manager")
    answer = reader.submit("/admin/customer/new/", name="苏州云松食品有限公司")
    assert answer.status_code == 302
    made = db.session.scalar(select(Customer.id))
    for path in ("/admin/customer/", f"/admin/customer/details/?id={made}", "/readyz"):
        assert reader.get(path).status_code == 200, path
    assert reader.get("/admin/customer/export/csv/").status_code == 200
    answer = reader.post("/admin/customer/delete/", {"id": made, "version": 1, "confirm": "1"})
    assert answer.status_code == 302
    db.session.remove()
    actions = db.session.scalars(select(Audit.action).order_by(Audit.id.desc()).limit(3)).all()
    assert actions == ["customer.delete", "customer.export", "customer.create"]
    settings = served.extensions["settings"]
    assert Chain.of(settings.audit_key, settings.audit_head_file).verify_all() > 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "INSERT INTO audit_archive SELECT * FROM audit",
        "DELETE FROM audit_archive",
        "DELETE FROM audit_heads",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_no_update ON audit",
        "SET session_replication_role = replica",
        "DROP TABLE customers",
        "ALTER TABLE customers ADD COLUMN x text",
        "CREATE TABLE mine (id int)",
        "UPDATE alembic_version SET version_num = 'x'",
    ],
)
def test_it_changes_no_table_and_no_entry(served, statement):
    """CFG-6, AUD-3: refused for lack of rights, before any trigger is asked."""
    db.session.remove()
    with pytest.raises(ProgrammingError) as refused, db.engine.begin() as connection:
        connection.execute(text(statement))
    assert refused.value.orig.sqlstate == "42501"


def test_what_the_owner_has_to_do_says_so(served):
    """AUD-9, CFG-6: no trace, but the account it takes."""
    db.session.remove()
    answer = served.test_cli_runner().invoke(args=["audit", "archive", "--before", "2020-01-01"])
    assert (answer.exit_code, answer.stdout) == (0, "已归档 0 条。\n")
    change = "UPDATE audit SET at = at - interval '9 years' WHERE id = 1"
    with psycopg.connect(served.extensions["owner"], autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(change)
        answer = served.test_cli_runner().invoke(
            args=["audit", "archive", "--before", "2020-01-01"]
        )
        owner.execute(change.replace("-", "+"))
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "所有者" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_role_without_rights_is_told_to_wait(served):
    """REL-12, CFG-6: as between a restore and deploy/runtime_role.sql: 503, not an error of ours."""
    reader = Visitor(served, "manager")
    with psycopg.connect(served.extensions["owner"], autocommit=True) as connection:
        connection.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}")
        try:
            answer = reader.get("/admin/customer/")
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        finally:
            connection.execute(GRANTS.read_text("utf-8"))
    assert reader.get("/admin/customer/").status_code == 200


def test_a_restore_gives_the_role_its_rights_again(served, tmp_path):
    """REL-12, CFG-6: people go on working, and whoever was connected has to connect anew."""
    url = make_url(served.config["SQLALCHEMY_DATABASE_URI"])
    ours = make_url(served.extensions["owner"].replace("postgresql://", "postgresql+psycopg://"))
    root = Path(served.extensions["settings"].instance).parent
    house = create_app(load_settings(root, warn=False, database_url=ours.render_as_string(False)))
    db.session.remove()
    assert url.username == ROLE
    with db.engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM users"))
        mine = connection.connection.dbapi_connection.info.backend_pid
        with house.app_context():
            run = house.test_cli_runner().invoke
            assert run(args=["backup", "create", str(tmp_path / "copy")]).exit_code == 0
            answer = run(args=["backup", "restore", str(tmp_path / "copy"), "--yes"])
            assert answer.exit_code == 0, answer.stderr
            assert ROLE in answer.stdout
            pids = db.session.scalars(text("SELECT pid FROM pg_stat_activity")).all()
            assert mine not in pids
            db.session.remove()
            db.engine.dispose()
        connection.invalidate()
    reader = Visitor(served, "manager")
    assert reader.get("/admin/customer/").status_code == 200
    assert reader.submit("/admin/customer/new/", name="苏州松云食品有限公司").status_code == 302
    with pytest.raises(ProgrammingError), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit"))


def test_a_writer_that_hangs_gives_its_locks_back(served):
    """REL-12: the lock of the audit above all; whoever only reads may take their time."""
    asked = text("SELECT current_setting('idle_in_transaction_session_timeout')")
    with work_for(SYSTEM) as work:
        assert work.session.scalar(asked) == f"{IDLE // 60}min"
    assert db.session.scalar(asked) == "0"
    db.session.remove()
