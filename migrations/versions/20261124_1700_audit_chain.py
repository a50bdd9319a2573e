"""The audit becomes tamper-evident: a chain of digests, an archive, and triggers that refuse changes.

Revision: 0004, after 0003. Entries there are get their digests in order, with AUDIT_KEY.
"""

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op
from flask import current_app

from app.core.head_file import HeadFile

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {"table_kwargs": {"sqlite_autoincrement": True}}
FIELDS = (
    *("id", "at", "actor_id", "actor", "action", "entity", "record_id", "changes"),
    *("address", "request_id", "result"),
)
BATCH = 1_000

log = logging.getLogger("app.audit")

audit = sa.table(
    "audit",
    sa.column("id", sa.BigInteger()),
    sa.column("at", sa.DateTime()),
    sa.column("actor_id", sa.BigInteger()),
    sa.column("actor", sa.String()),
    sa.column("action", sa.String()),
    sa.column("entity", sa.String()),
    sa.column("record_id", sa.BigInteger()),
    sa.column("changes", sa.JSON()),
    sa.column("address", sa.String()),
    sa.column("request_id", sa.String()),
    sa.column("result", sa.String()),
    sa.column("digest", sa.String()),
)


def _text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Seal what is there, make the archive and the head, and let nothing be changed from now on."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "audit_archive",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("actor", _text(120), nullable=False),
        sa.Column("action", _text(64), nullable=False),
        sa.Column("entity", _text(32), nullable=True),
        sa.Column("record_id", ID, nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("address", _text(64), nullable=False),
        sa.Column("request_id", _text(64), nullable=False),
        sa.Column("result", _text(32), nullable=False),
        sa.Column("digest", _text(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_archive")),
    )
    op.create_index("ix_audit_archive_record", "audit_archive", ["entity", "record_id", "id"])
    heads = op.create_table(
        "audit_heads",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("digest", _text(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
    )
    op.add_column("audit", sa.Column("digest", _text(64), nullable=True))
    last_id, digest = _seal()
    op.bulk_insert(heads, [{"id": 1, "last_id": last_id, "digest": digest}])
    _begin_head_file(last_id, digest)
    with op.batch_alter_table("audit", schema=None, **KEPT) as batch_op:
        batch_op.alter_column("digest", existing_type=_text(64), nullable=False)
    if is_sqlite:
        _guard_sqlite()
    else:
        op.execute("ALTER TABLE audit ALTER COLUMN id DROP DEFAULT")
        op.execute("DROP SEQUENCE IF EXISTS audit_id_seq")  # ids come from the chain, without gaps
        _guard_postgresql()


def downgrade() -> None:
    """Bring the archive back into the audit, and forget the chain."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    names = ", ".join((*FIELDS, "digest"))
    for table in ("audit", "audit_archive"):
        for what in ("update", "delete", "insert" if is_sqlite else "truncate"):
            place = "" if is_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER {table}_no_{what}{place}")
    op.execute(f"INSERT INTO audit ({names}) SELECT {names} FROM audit_archive ORDER BY id")  # noqa: S608
    if not is_sqlite:
        op.execute("DROP FUNCTION audit_guard()")
        op.execute("CREATE SEQUENCE audit_id_seq OWNED BY audit.id")
        op.execute("ALTER TABLE audit ALTER COLUMN id SET DEFAULT nextval('audit_id_seq')")
        op.execute("SELECT setval('audit_id_seq', max(id)) FROM audit HAVING max(id) > 0")
    with op.batch_alter_table("audit", schema=None, **KEPT) as batch_op:
        batch_op.drop_column("digest")
    op.drop_table("audit_heads")
    op.drop_table("audit_archive")


# -- the chain of what is there, as the first version of the chain reckons it ---------------


def _seal() -> tuple[int, str]:
    connection, last_id, digest = op.get_bind(), 0, ""
    while True:
        rows = connection.execute(
            sa.select(*(audit.c[name] for name in FIELDS))
            .where(audit.c.id > last_id)
            .order_by(audit.c.id)
            .limit(BATCH)
        ).mappings()
        sealed: list[dict[str, Any]] = []
        for row in rows:
            last_id, digest = row["id"], _digest(digest, row)
            sealed.append({"key": last_id, "value": digest})
        if not sealed:
            return last_id, digest
        connection.execute(
            sa.update(audit)
            .where(audit.c.id == sa.bindparam("key"))
            .values(digest=sa.bindparam("value")),
            sealed,
        )


def _begin_head_file(last_id: int, digest: str) -> None:
    """Let the file outside know where the chain goes on; one that is there already stays."""
    file = HeadFile(Path(current_app.extensions["settings"].audit_head_file))
    if not last_id:
        return  # the first entry of all begins it
    try:
        with file.locked():
            if not file.path.exists():
                file.write(last_id, digest)
    except OSError:
        log.warning("the audit head file was not written: run audit head --begin")


def _digest(before: str, row: Any) -> str:
    values = [row[name] for name in FIELDS]
    since = row["at"].replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    values[FIELDS.index("at")] = since // timedelta(microseconds=1)
    covered = json.dumps([before, *values], sort_keys=True, separators=(",", ":"))
    key = current_app.extensions["settings"].audit_key.lower()
    return hmac.new(key.encode(), covered.encode(), hashlib.sha256).hexdigest()


# -- the guards ---------------------------------------------------------------------------


def _guard_sqlite() -> None:
    """Refuse changes; a new row in the place of an old one (REPLACE) would pass the other triggers."""
    archived = (
        "WHEN OLD.at >= strftime('%Y-%m-%d %H:%M:%f', 'now', '-180 days')"
        " OR NOT EXISTS (SELECT 1 FROM audit_archive AS kept"
        " WHERE kept.id = OLD.id AND kept.digest = OLD.digest)"
    )
    for table in ("audit", "audit_archive"):
        when = {
            "update": "",
            "delete": archived if table == "audit" else "",
            "insert": f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",  # noqa: S608
        }
        for what, condition in when.items():
            op.execute(
                f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table} {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{table}: no {what}'); END"
            )


def _guard_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          is_kept boolean;
        BEGIN
          IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit' THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I.audit_archive AS kept'
              ' WHERE kept.id = $1 AND kept.digest = $2)', TG_TABLE_SCHEMA)
              INTO is_kept USING OLD.id, OLD.digest;
            IF is_kept AND OLD.at < (now() AT TIME ZONE 'UTC') - interval '180 days' THEN
              RETURN OLD;
            END IF;
          END IF;
          RAISE EXCEPTION '%: no %', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = '42501';
        END $$
        """
    )
    for table in ("audit", "audit_archive"):
        for what, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION audit_guard()"
            )
