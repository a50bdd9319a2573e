"""The head of the audit outside the database: how it follows the chain, and how far it stays behind."""

import logging
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.db import db
from app.core.head_file import HeadFile, HeadUnreadable
from app.domain.audit import BEGINNING, Head
from app.models.audit import Audit, AuditArchive, AuditHead

GRACE = 5.0  # seconds that a commit may be ahead of its file
_MOMENT = 0.1  # seconds between two looks
_TRIES = 10  # to reach a file that other processes move on meanwhile

log = logging.getLogger("app.audit")


def known(file: HeadFile) -> Head | None:
    """Return the head in *file*; None if there is none. Raises HeadUnreadable, OSError."""
    found = file.read()
    return Head(*found) if found else None


def publish(file: HeadFile, before: Head, head: Head) -> None:
    """Tell *file* of *head*, which follows *before*; what is committed is not lost if that fails.

    Only a head that goes on from the one in the file takes its place. Where it does not, entries
    were cut off or rewritten: the file stays as it is, for ``audit verify`` to say so. A file is
    begun with the first entry of all; one that is missing later stays missing until somebody begins
    it anew on purpose.
    """
    try:
        _publish(file, before, head)
    except HeadUnreadable:
        log.error("the audit head file holds no head: run audit verify")  # noqa: TRY400 - no trace
    except (OSError, SQLAlchemyError) as error:
        log.warning("the audit head file was not written: %s", type(error).__name__)


def _publish(file: HeadFile, before: Head, head: Head) -> None:
    for _ in range(_TRIES):
        found = known(file)
        if not _goes_on(found, before, head):  # may ask the database, so nobody waits meanwhile
            return
        with file.locked():
            if known(file) in (found, before):
                file.write(head.id, head.digest)
                return
    log.warning("the audit head file was not written: others moved it on meanwhile")


def _goes_on(found: Head | None, before: Head, head: Head) -> bool:
    """Tell whether *head* may take the place of *found*; log why not."""
    if found == before or (found is None and before == BEGINNING):
        return True
    if found is None:
        log.error("the audit head file is missing: run audit verify")
        return False
    if not _stands(found):
        log.error("the audit does not go on from its head file: run audit verify")
        return False
    return found.id < head.id


def begin(file: HeadFile) -> Path | None:
    """Let *file* name the last entry that the database has; return where what it held was set aside."""
    with file.locked():
        kept = file.set_aside()
        head = inside()
        if head is not None and head != BEGINNING:
            file.write(head.id, head.digest)
        return kept


def lag(file: HeadFile, *, patience: float = 0) -> int:
    """Return how many entries *file* is behind, as soon as it is none, or after *patience* seconds.

    Raises HeadUnreadable, OSError, SQLAlchemyError.
    """
    head, give_up = inside() or BEGINNING, monotonic() + patience
    while True:
        found = known(file)
        if found is None and head.id:
            raise HeadUnreadable
        behind = max(head.id - (found or BEGINNING).id, 0)
        if not behind or monotonic() > give_up:
            return behind
        sleep(_MOMENT)


def inside() -> Head | None:
    """Return the head in the database; None where the row is missing."""
    with Session(db.engine, autoflush=False) as session:
        row = session.execute(select(AuditHead.last_id, AuditHead.digest)).one_or_none()
        return Head(row.last_id, row.digest) if row else None


def _stands(head: Head) -> bool:
    """Tell whether the entry that *head* names is there, with this digest."""
    with Session(db.engine, autoflush=False) as session:
        return any(
            session.scalar(select(model.digest).where(model.id == head.id)) == head.digest
            for model in (Audit, AuditArchive)
        )
