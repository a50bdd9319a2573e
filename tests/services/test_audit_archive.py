"""The archive of the audit: old entries move, none is lost, and the chain spans both."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit, AuditArchive
from app.services import audit, audit_archive
from tests.services.chains import COLUMNS, begin_long_ago, execute, newest, note, sql


@pytest.fixture
def later(app, head_file):
    """An audit whose first entries are old, with six young ones; the id of the last that is old."""
    last = begin_long_ago(head_file)
    note(3)
    return last


def ids(model):
    db.session.remove()
    return list(db.session.scalars(select(model.id).order_by(model.id)))


def day(days):
    return (clock.today() - timedelta(days=days)).isoformat()


def test_old_entries_move_and_the_chain_holds(later, say, monkeypatch):
    """AUD-9, AUD-2: in batches, each of which is an entry itself."""
    monkeypatch.setattr(audit_archive, "BATCH", 5)
    end = newest()
    answer = say("audit", "archive", "--before", day(180))
    assert (answer.exit_code, answer.stdout) == (0, f"已归档 {later} 条。\n")
    assert ids(AuditArchive) == list(range(1, later + 1))
    assert ids(Audit) == list(range(later + 1, newest() + 1))
    told = db.session.scalars(select(Audit.changes).where(Audit.action == "audit.archive")).all()
    assert len(told) == newest() - end == -(-later // 5)
    assert sum(changes["rows"] for changes in told) == later
    answer = say("audit", "verify")
    assert (answer.exit_code, answer.stdout) == (0, f"操作记录完好，共 {newest()} 条。\n")
    assert "已归档 0 条" in say("audit", "archive", "--before", day(180)).stdout


def test_what_is_younger_stays(later, say):
    """AUD-9: half a year is kept where people look."""
    answer = say("audit", "archive", "--before", day(179))
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert day(180) in answer.stderr
    assert ids(AuditArchive) == []


def test_one_young_entry_keeps_all_that_follow(later, say):
    """AUD-9: the archive is the beginning of the chain; clocks may go back."""
    with clock.freeze(clock.now() - timedelta(days=199)):
        note(1)
    assert say("audit", "archive", "--before", day(180)).exit_code == 0
    assert ids(AuditArchive) == list(range(1, later + 1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_archive SET actor = 'x' WHERE id = :last - 5",
        "DELETE FROM audit_archive WHERE id = :last - 5",
        f"INSERT INTO audit ({COLUMNS}) SELECT {COLUMNS} FROM audit_archive WHERE id = :last - 5",
    ],
)
def test_the_archive_is_verified_like_the_rest(later, say, statement):
    """AUD-2: change and deletion; an entry that was moved back stands out of line."""
    say("audit", "archive", "--before", day(180))
    sql(statement, last=later)
    answer = say("audit", "verify")
    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"Error: {later - 5}：")


def test_only_the_same_entry_in_the_archive_lets_one_go(later):
    """AUD-3, AUD-9: whoever deletes has to keep, and what is kept carries the digest."""
    columns = COLUMNS.replace("digest", "'ab'")
    sql(f"INSERT INTO audit_archive ({COLUMNS}) SELECT {columns} FROM audit WHERE id = {later}")
    for number in (later, later - 1):
        with pytest.raises(DBAPIError):
            execute(f"DELETE FROM audit WHERE id = {number}")
    assert db.session.scalar(select(func.count()).where(Audit.id >= later - 1)) > 1


def test_what_is_young_cannot_be_hidden_in_the_archive(later, say):
    """AUD-3, AUD-9: the database keeps it, archived or not; whoever owns it is found out."""
    hide = f"INSERT INTO audit_archive ({COLUMNS}) SELECT {COLUMNS} FROM audit"
    say("audit", "archive", "--before", day(180))
    execute(hide)
    with pytest.raises(DBAPIError):
        execute("DELETE FROM audit")
    sql("DELETE FROM audit_archive WHERE id > :last", last=later)
    sql(hide, "DELETE FROM audit")
    answer = say("audit", "verify")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith(f"Error: {later + 1}：在归档里")


def test_without_an_entry_nothing_is_in_the_archive(later, say):
    """AUD-2, AUD-9: not even what is old."""
    hide = f"INSERT INTO audit_archive ({COLUMNS}) SELECT {COLUMNS} FROM audit WHERE id < 4"
    execute(hide)
    execute("DELETE FROM audit WHERE id < 4")
    assert say("audit", "verify").stderr.startswith("Error: 1：在归档里")


def test_an_archive_of_what_was_young_is_found(later, say):
    """AUD-9: whoever makes the house archive too much, past its rule."""
    with work_for(SYSTEM) as work:
        sample = {"before": day(100), "first": 1, "last": later, "rows": later}
        audit.remember(work, "audit.archive", "audit", changes=sample)
    assert say("audit", "verify").stderr.startswith(f"Error: {newest()}：归档了")
