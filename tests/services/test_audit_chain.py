"""The chain of the audit: whatever is done to it past the house is found."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.audit import FIELDS, digest_of
from app.models.audit import Audit, AuditArchive
from app.services import audit, audit_chain
from app.services.audit_chain import Chain, verify
from tests.services.chains import COLUMNS, digest, newest, sql


def copied(which, to):
    """Return the statement that copies an entry to the id *to*."""
    columns = COLUMNS.replace("id,", f"{to},", 1)
    return f"INSERT INTO audit ({COLUMNS}) SELECT {columns} FROM audit WHERE {which}"


#: What somebody may do to the entries with all rights on the database, and the first bad id: last - n.
TAMPERINGS = {
    "actor": ("UPDATE audit SET actor = 'x' WHERE id = :last - 5", 5),
    "time": ("UPDATE audit SET at = '2026-01-01 00:00:00.000000' WHERE id = :last - 5", 5),
    "actor id": ("UPDATE audit SET actor_id = 2 WHERE id = :last - 5", 5),
    "nobody": ("UPDATE audit SET actor_id = NULL WHERE id = :last - 5", 5),
    "action": ("UPDATE audit SET action = 'a' WHERE id = :last - 5", 5),
    "entity": ("UPDATE audit SET entity = NULL WHERE id = :last - 5", 5),
    "record": ("UPDATE audit SET record_id = 99 WHERE id = :last - 5", 5),
    "changes": ("UPDATE audit SET changes = '{}' WHERE id = :last - 5", 5),
    "no changes": ("UPDATE audit SET changes = '[1]' WHERE id = :last", 0),
    "address": ("UPDATE audit SET address = '' WHERE id = :last - 5", 5),
    "request": ("UPDATE audit SET request_id = 's' WHERE id = :last - 5", 5),
    "result": ("UPDATE audit SET result = 'no' WHERE id = :last - 5", 5),
    "digest": ("UPDATE audit SET digest = 'ab' WHERE id = :last - 5", 5),
    "shift": ("UPDATE audit SET actor = actor || action, action = '' WHERE id = :last - 5", 5),
    "all": ("UPDATE audit SET result = 'no' WHERE id >= :last - 5", 5),
    "delete": ("DELETE FROM audit WHERE id = :last - 5", 5),
    "delete many": ("DELETE FROM audit WHERE id BETWEEN :last - 5 AND :last - 1", 5),
    "renumber": (
        """DELETE FROM audit WHERE id = :last - 5;
        UPDATE audit SET id = id - 1 WHERE id = :last - 4;
        UPDATE audit SET id = id - 1 WHERE id = :last - 3""",
        5,
    ),
    "insert": (copied("id = :last", to=":last + 1"), -1),
    "insert between": (
        f"""UPDATE audit SET id = -id WHERE id >= :last - 5;
        UPDATE audit SET id = 1 - id WHERE id < 0;
        {copied("id = :last - 6", to=":last - 5")}""",
        5,
    ),
    "reorder": (
        """UPDATE audit SET id = -1 WHERE id = :last - 5;
        UPDATE audit SET id = :last - 5 WHERE id = :last - 4;
        UPDATE audit SET id = :last - 4 WHERE id = -1""",
        5,
    ),
    "cut": ("DELETE FROM audit WHERE id > :last - 5", 4),
    "head forgotten": ("DELETE FROM audit_heads", 0),
    "head set back": ("UPDATE audit_heads SET last_id = last_id - 1", 0),
    "other head": ("UPDATE audit_heads SET digest = 'ab'", 0),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_whatever_is_done_past_the_house_is_found(app, say, last, kind):
    """AUD-2: change, deletion, insertion, reordering and cutting; the first bad id on standard error."""
    assert say("audit", "verify").exit_code == 0
    statements, before = TAMPERINGS[kind]
    for statement in statements.split(";"):
        sql(statement, **({"last": last} if ":last" in statement else {}))
    answer = say("audit", "verify")
    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"Error: {last - before}：")
    assert answer.stdout == ""


def test_the_first_entries_cannot_go_either(app, say, last):
    """AUD-2"""
    first = db.session.scalar(select(Audit.id).order_by(Audit.id))
    sql("DELETE FROM audit WHERE id < :first + 3", first=first)
    assert say("audit", "verify").stderr.startswith(f"Error: {first}：")


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_what_cannot_even_be_read_is_found(app, say, last):
    """AUD-2: SQLite keeps anything in any column; PostgreSQL refuses such values itself."""
    for column, value in (("changes", "{"), ("at", "yesterday"), ("record_id", "many")):
        sql(f"UPDATE audit SET {column} = :value WHERE id = :last", value=value, last=last)
        assert say("audit", "verify").stderr.startswith(f"Error: {last}：")


def test_a_cut_with_its_head_put_right_is_found_by_the_file_outside(app, say, last, head_file):
    """AUD-2: also after the house has written on; the file keeps what proves it."""
    cut = last - 4
    sql(
        "DELETE FROM audit WHERE id > :cut",
        "UPDATE audit_heads SET last_id = :cut, digest = (SELECT digest FROM audit WHERE id = :cut)",
        cut=cut,
    )
    with Session(db.engine) as session:
        assert verify(session, app.extensions["settings"].audit_key) > 0  # well, by itself
    assert say("audit", "verify").stderr.startswith(f"Error: {cut + 1}：")
    kept = head_file.read_text("ascii")
    for _ in range(6):
        with work_for(SYSTEM) as work:
            audit.remember(work, "note.later")
    assert newest() > last
    assert head_file.read_text("ascii") == kept
    assert say("audit", "verify").stderr.startswith(f"Error: {last}：")


def test_somebody_without_the_key_cannot_write_an_entry(app, say, last):
    """AUD-2: not even with the recipe at hand."""
    entry = {name: getattr(db.session.get(Audit, last), name) for name in FIELDS}
    forged = digest_of("00" * 32, digest(last - 1), {**entry, "result": "no"})
    sql(
        "UPDATE audit SET result = 'no', digest = :forged WHERE id = :last",
        "UPDATE audit_heads SET digest = :forged",
        forged=forged,
        last=last,
    )
    assert say("audit", "verify").stderr.startswith(f"Error: {last}：")


def test_with_another_key_nothing_is_well(app, last, head_file):
    """AUD-2"""
    with pytest.raises(audit_chain.Broken) as broken:
        Chain.of("ab" * 32, str(head_file)).verify_all()
    assert broken.value.id == 1


def test_a_digest_covers_every_column():
    """AUD-2: also one that is added later; its length makes no difference."""
    for model in (Audit, AuditArchive):
        assert [column.name for column in model.__table__.columns] == [*FIELDS, "digest"]
    entry = dict.fromkeys(FIELDS) | {"at": datetime(2026, 1, 1, tzinfo=UTC)}
    seen = {digest_of("ab", "", entry), digest_of("ab", "x", entry), digest_of("cd", "", entry)}
    for name in FIELDS:
        value = entry["at"] + timedelta(microseconds=1) if name == "at" else "x"
        seen.add(digest_of("ab", "", {**entry, name: value}))
    seen.add(digest_of("ab", "", {**entry, "actor": "ab", "action": "c"}))
    seen.add(digest_of("ab", "", {**entry, "actor": "a", "action": "bc"}))
    assert len(seen) == len(FIELDS) + 5
