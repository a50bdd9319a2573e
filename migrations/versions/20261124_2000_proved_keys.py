"""Second factors: a new phone counts once something else was proved, a short password only beside one.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Remember since when a phone is new, and which passwords lean on a second factor."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone_unproved_since", sa.DateTime(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "password_needs_factor", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.alter_column(
            "password_needs_factor", existing_type=sa.Boolean(), server_default=None
        )


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("password_needs_factor")
        batch_op.drop_column("phone_unproved_since")
