"""The role that serves owns nothing: with the rights of deploy/runtime_role.sql people can work, and no more."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import ProgrammingError

from app import create_app
from app.core.config import load_settings
from app.core.db import db
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
