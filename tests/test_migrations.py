"""The database can be built, taken down and built again, and is what the models say."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app import create_app
from app.core.config import load_settings
from app.core.db import db
from app.models.base import Base
from tests.servers import new_database, worker


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An application on an empty database."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    if request.param == "postgresql":
        url = new_database(f"fresh_{worker()}")
    app: Flask = create_app(load_settings(tmp_path, warn=False, database_url=url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_go_up_down_and_up_again(fresh):
    """REL-13."""
    upgrade()
    assert set(Base.metadata.tables) <= set(inspect(db.engine).get_table_names())
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    upgrade()


def test_migrations_and_models_agree(fresh):
    """REL-13: no drift."""
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _types_agree})
        assert compare_metadata(context, Base.metadata) == []


def test_rebuilding_a_table_keeps_what_refers_to_it(tmp_path):
    """SQLite rebuilds a table by dropping it: with foreign keys on, its children would go along."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    app = create_app(load_settings(tmp_path, warn=False, database_url=url))
    folder = tmp_path / "migrations"
    shutil.copytree(Path(__file__).parents[1] / "migrations", folder)
    with app.app_context():
        upgrade(directory=str(folder))
        newest = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        db.session.remove()
        (folder / "versions" / "rebuild.py").write_text(REBUILD.format(newest=newest), "utf-8")
        with db.engine.execution_options(writes=True).begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO departments (id, name, version, created_at, updated_at, parent_id)"
                " VALUES (1, 'a', 1, '2026-01-01', '2026-01-01', NULL),"
                " (2, 'b', 1, '2026-01-01', '2026-01-01', 1)"
            )
        upgrade(directory=str(folder))
        with db.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT id, parent_id FROM departments").all()
            keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
    assert [tuple(row) for row in found] == [(1, None), (2, 1)]
    assert keys == 1


REBUILD = """
import sqlalchemy as sa
from alembic import op

revision = "rebuild"
down_revision = "{newest}"


def upgrade():
    with op.batch_alter_table("departments", recreate="always") as table:
        table.alter_column("name", type_=sa.String(length=121))


def downgrade():
    pass
"""


def _types_agree(context: Any, _inspected: Any, _column: Any, found: Any, ours: Any) -> Any:
    from app.models.types import ScaledDecimal

    if isinstance(ours, ScaledDecimal):
        return False if context.dialect.name == "sqlite" else None
    return None
