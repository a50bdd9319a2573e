"""Attachments: files that belong to a record.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make room for files."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "entity",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column(
            "created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["users.id"],
            name=op.f("fk_attachments_created_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_created_by"), ["created_by"], unique=False)
        batch_op.create_index(
            "uq_attachments_entity_record_id_digest", ["entity", "record_id", "digest"], unique=True
        )

    op.create_table(
        "attachment_parts",
        sa.Column(
            "attachment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name=op.f("fk_attachment_parts_attachment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", "position", name=op.f("pk_attachment_parts")),
        sqlite_autoincrement=True,
    )

    _grant()


def _grant() -> None:
    """Let whoever edits a kind of record manage its files; managers show what they see anyway."""
    roles = sa.table("roles", sa.column("id"), sa.column("name"), sa.column("grants", sa.JSON))
    bind = op.get_bind()
    for role in bind.execute(sa.select(roles)).all():
        grants = {entity: dict(verbs) for entity, verbs in (role.grants or {}).items()}
        for entity in ("customer", "order", "activity"):
            if "edit" in grants.get(entity, {}):
                grants[entity].setdefault("attach", grants[entity]["edit"])
        for entity in ("customer", "contact", "order", "user"):
            if role.name in ("admin", "manager") and "edit" in grants.get(entity, {}):
                grants[entity].setdefault("unmask", grants[entity]["edit"])
        if grants != role.grants:
            bind.execute(sa.update(roles).where(roles.c.id == role.id).values(grants=grants))


def _withdraw() -> None:
    """Take the verbs back that an older house does not know."""
    roles = sa.table("roles", sa.column("id"), sa.column("grants", sa.JSON))
    bind = op.get_bind()
    for role in bind.execute(sa.select(roles)).all():
        grants = {
            entity: {
                verb: scope for verb, scope in verbs.items() if verb not in ("attach", "unmask")
            }
            for entity, verbs in (role.grants or {}).items()
        }
        if grants != role.grants:
            bind.execute(sa.update(roles).where(roles.c.id == role.id).values(grants=grants))


def downgrade() -> None:
    """Forget every file."""
    _withdraw()
    op.drop_table("attachment_parts")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index("uq_attachments_entity_record_id_digest")
        batch_op.drop_index(batch_op.f("ix_attachments_created_by"))

    op.drop_table("attachments")
