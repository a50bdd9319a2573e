"""How Alembic reaches the database of the application."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Numeric

import app.models  # noqa: F401 - every table
from app.core.db import db
from app.models.base import Base
from app.models.types import Key, ScaledDecimal, UTCDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as what they are in the database: migrations import nothing of today."""
    if kind != "type":
        return False
    if isinstance(item, UTCDateTime):
        return "sa.DateTime()"
    if isinstance(item, Key):
        return "sa.String(length=24)"
    if isinstance(item, ScaledDecimal):
        number = f"sa.Numeric({item.precision}, {item.scale})"
        return f'{number}.with_variant(sa.BigInteger(), "sqlite")'
    return False


def compare_type(
    _context: Any, _inspected: Any, _column: Any, found: Any, ours: Any
) -> bool | None:
    """Compare our decimals by what the dialect keeps; the rest is Alembic's own business."""
    if isinstance(ours, ScaledDecimal):
        on_sqlite = _context.dialect.name == "sqlite"
        return not on_sqlite and not (
            isinstance(found, Numeric)
            and (found.precision, found.scale) == (ours.precision, ours.scale)
        )
    return None


def run(connection: Connection) -> None:
    """Run the migrations in one transaction; SQLite rebuilds tables, so foreign keys wait."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=compare_type,
        compare_server_default=False,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if orphans:
                raise RuntimeError(f"{len(orphans)} rows refer to nothing after the migration")


def foreign_keys(connection: Connection, *, on: bool) -> None:
    """Switch SQLite's foreign keys past our own BEGIN: inside a transaction the pragma does nothing.

    A table that is rebuilt is dropped first, and with the keys on its children would go along.
    """
    if connection.dialect.name == "sqlite":
        connection.rollback()
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


with db.engine.execution_options(writes=True, patience=0).connect() as connection:
    foreign_keys(connection, on=False)
    try:
        run(connection)
    finally:
        foreign_keys(connection, on=True)
