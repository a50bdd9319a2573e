"""Repeat orders: an order remembers the one it was copied from.

Revision: 0005, after 0004.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Give orders a source."""
    with orders() as table:
        table.add_column(
            sa.Column(
                "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        table.create_index("ix_orders_source_id_id", ["source_id", "id"], unique=False)
        table.create_foreign_key(
            "fk_orders_source_id", "orders", ["source_id"], ["id"], ondelete="SET NULL"
        )


def downgrade() -> None:
    """Forget which order was copied from which."""
    with orders() as table:
        table.drop_constraint("fk_orders_source_id", type_="foreignkey")
        table.drop_index("ix_orders_source_id_id")
        table.drop_column("source_id")


@contextmanager
def orders() -> Iterator[Any]:
    """Change the table of orders; SQLite builds it anew, and must be told that no id is given twice."""
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    counted = "SELECT seq FROM sqlite_sequence WHERE name = 'orders'"
    last = connection.exec_driver_sql(counted).scalar() if on_sqlite else None
    with op.batch_alter_table("orders", table_kwargs={"sqlite_autoincrement": True}) as table:
        yield table
    if last is not None:
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'orders'")
        connection.exec_driver_sql(
            "INSERT INTO sqlite_sequence (name, seq) VALUES ('orders', ?)", (last,)
        )
