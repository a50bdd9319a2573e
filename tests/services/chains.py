"""What the tests of the audit's chain share: its rows, and statements past all that guards it."""

from datetime import timedelta

from sqlalchemy import select, text

from app.core import clock
from app.core.db import db
from app.core.work import Actor, Origin, work_for
from app.models.audit import Audit, AuditHead
from app.services import audit
from tests.conftest import unguarded

COLUMNS = "id, at, actor_id, actor, action, entity, record_id, changes, address, request_id, result, digest"


def note(number):
    """Write *number* entries, each in a piece of work of its own, and one more with each."""
    for one in range(number):
        with work_for(Actor(1, f"员工{one}"), Origin("10.0.0.1", "r")) as work:
            audit.remember(work, "note.one", "note", one, {"n": [None, one], "名": [1.5, "乙"]})
            audit.remember(work, "note.two", "note", one)


def begin_long_ago(head_file):
    """Let the audit begin anew, with entries of 200 days ago; return the id of the last."""
    sql("DELETE FROM audit", "UPDATE audit_heads SET last_id = 0, digest = ''")
    head_file.unlink()
    with clock.freeze(clock.now() - timedelta(days=200)):
        note(8)
    return newest()


def newest():
    """Return the id of the last entry."""
    db.session.remove()
    return db.session.scalar(select(AuditHead.last_id))


def digest(number):
    """Return the digest of an entry."""
    return db.session.scalar(select(Audit.digest).where(Audit.id == number))


def sql(*statements, **values):
    """Execute *statements* as whoever owns the database can."""
    with unguarded() as connection:
        for statement in statements:
            connection.execute(text(statement), values)


def execute(statement):
    """Execute *statement* with every guard in place."""
    db.session.remove()
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(statement))
