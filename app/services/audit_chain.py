"""The chain of the audit: sealed in the order of commits, and verified from its beginning.

Entries of one piece of work are sealed as the last thing before its commit, under the lock of one
row. Because it is always taken last, nobody who holds it waits for anything else.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, type_coerce, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from app.core.db import db
from app.core.errors import Unavailable
from app.core.head_file import HeadFile, HeadUnreadable
from app.core.work import UNRECORDED, Work
from app.domain.audit import BEGINNING, FIELDS, Head, digest_of
from app.models.audit import Audit, AuditArchive, AuditHead

ONLY = 1  # id of the one row of audit_heads
_BATCH = 1_000

CHANGED = "内容或次序被改动"
MISSING = "缺少这一条"
CUT = "从这一条起被截去"
TWICE = "编号重复"
HEAD_CHANGED = "数据库中的链头与记录不符"
NO_HEAD = "数据库中没有链头"
REWRITTEN = "与外部链头文件不符，此前的记录被改写"

log = logging.getLogger("app.audit")
Tell = Callable[[int, int], None]  # (entries verified, entries in all)


class Broken(Exception):
    """The chain does not hold: *id* is the first entry that is not as it was written.

    *is_first*: not even the beginning holds, so that the key may be another one.
    """

    def __init__(self, id: int, reason: str, *, is_first: bool = False) -> None:
        self.id, self.reason, self.is_first = id, reason, is_first
        super().__init__(f"{id}：{reason}")


@dataclass(frozen=True, slots=True)
class Chain:
    """Seals entries with a *key* that the database does not hold, and tells a file how far they go."""

    key: str
    file: HeadFile

    @classmethod
    def of(cls, key: str, path: str) -> "Chain":
        """Return the chain of the settings AUDIT_KEY and AUDIT_HEAD_FILE."""
        return cls(key, HeadFile(Path(path)))

    # -- writing --------------------------------------------------------------------------

    def seal(self, work: Work) -> Callable[[], None]:
        """Write the entries of *work*; return what is to be done once they are committed."""
        row = work.session.execute(
            select(AuditHead.last_id, AuditHead.digest)
            .where(AuditHead.id == ONLY)
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise Unavailable(UNRECORDED)
        before = head = Head(row.last_id, row.digest)
        rows = []
        for entry in work.entries:
            # As it comes back from the database: keys are texts, tuples are lists.
            known = {
                **entry,
                "id": head.id + 1,
                "changes": json.loads(json.dumps(entry["changes"])),
            }
            head = Head(head.id + 1, digest_of(self.key, head.digest, known))
            rows.append({**known, "digest": head.digest})
        work.session.execute(insert(Audit.__table__), rows)  # type: ignore[arg-type]
        work.session.execute(
            update(AuditHead)
            .where(AuditHead.id == ONLY)
            .values(last_id=head.id, digest=head.digest)
            .execution_options(synchronize_session=False)
        )
        return lambda: self.publish(before, head)

    def publish(self, before: Head, head: Head) -> None:
        """Tell the file of *head*, which follows *before*; what is committed is not lost if that fails.

        Only a head that goes on from the one in the file takes its place. Where it does not, entries
        were cut off or rewritten: the file stays as it is, for ``audit verify`` to say so.
        """
        try:
            with self.file.locked():
                known = self._outside()
                if known is None and before != BEGINNING:
                    log.warning("the audit head file was missing and is begun anew")
                if known in (None, before):
                    self.file.write(head.id, head.digest)
                elif known is not None and not _stands(known):
                    log.error("the audit does not go on from its head file: run audit verify")
                elif known is not None and known.id < head.id:
                    self.file.write(head.id, head.digest)
        except HeadUnreadable:
            log.error("the audit head file holds no head: run audit verify")  # noqa: TRY400 - no trace
        except (OSError, SQLAlchemyError) as error:
            log.warning("the audit head file was not written: %s", type(error).__name__)

    def _outside(self) -> Head | None:
        known = self.file.read()
        return Head(*known) if known else None

    # -- verifying ------------------------------------------------------------------------

    def verify_all(self, tell: Tell | None = None) -> int:
        """Verify the database of the application and the file outside; see verify.

        Raises:
            Broken: an entry, or the file.
            HeadUnreadable: there is no file that could tell whether the end was cut off.
        """
        outside = self._outside()  # before the snapshot: what it names is committed
        options: dict[str, Any] = {"patience": 0}
        if db.engine.dialect.name != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"
        with Session(db.engine.execution_options(**options), autoflush=False) as session:
            number = verify(session, self.key, outside=outside, tell=tell)
        if outside is None and number:
            raise HeadUnreadable
        return number


def verify(
    session: Session, key: str, *, outside: Head | None = None, tell: Tell | None = None
) -> int:
    """Return how many entries the chain has, if every one is what was written; else raise Broken.

    It reads the archive and the audit once, in flat memory, within the transaction of *session*.
    """
    row = session.execute(select(AuditHead.last_id, AuditHead.digest)).one_or_none()
    inside = Head(row.last_id, row.digest) if row else None
    before, number, is_met = BEGINNING, 0, outside is None or outside.id == 0
    for entry in _entries(session):
        _require_next(key, before, entry)
        before = Head(entry["id"], entry["digest"])
        if outside is not None and outside.id == before.id:
            if outside.digest != before.digest:
                raise Broken(before.id, REWRITTEN)
            is_met = True
        number += 1
        if tell and number % _BATCH == 0:
            tell(number, max(number, inside.id if inside else 0))
    _require_end(before, inside)
    if outside is not None and not is_met:
        raise Broken(min(outside.id, before.id + 1), CUT if outside.id > before.id else MISSING)
    if tell:
        tell(number, number)
    return number


def _require_next(key: str, before: Head, entry: Mapping[str, Any]) -> None:
    if not isinstance(entry["id"], int) or entry["id"] <= before.id:
        raise Broken(entry["id"], TWICE if entry["id"] == before.id else CHANGED)
    try:
        digest = digest_of(key, before.digest, _read(entry))
    except (ValueError, TypeError, OverflowError):
        digest = None  # what cannot be read was not written by us
    if digest != entry["digest"]:
        is_gap, is_first = entry["id"] > before.id + 1, before == BEGINNING
        reason = f"{CHANGED}，或 AUDIT_KEY 不是当时的密钥" if is_first else CHANGED
        if is_gap:
            raise Broken(before.id + 1, MISSING, is_first=is_first)
        raise Broken(entry["id"], reason, is_first=is_first)


def _require_end(last: Head, inside: Head | None) -> None:
    if inside is None:
        raise Broken(last.id, NO_HEAD)
    if inside.id > last.id:
        raise Broken(last.id + 1, CUT)
    if inside != last:
        raise Broken(min(inside.id + 1, last.id), HEAD_CHANGED)


def _entries(session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield every entry as the driver reads it: what was tampered with need not have its type."""
    for model in (AuditArchive, Audit):
        columns = [
            type_coerce(getattr(model, name), NULLTYPE).label(name) for name in (*FIELDS, "digest")
        ]
        rows = select(*columns).order_by(model.id).execution_options(yield_per=_BATCH)
        for row in session.execute(rows).mappings():
            yield dict(row)


def _read(entry: Mapping[str, Any]) -> dict[str, Any]:
    at, changes = entry["at"], entry["changes"]
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    changes = json.loads(changes) if isinstance(changes, str) else changes
    return {**entry, "at": at.replace(tzinfo=UTC), "changes": changes}


def _stands(head: Head) -> bool:
    """Tell whether the entry that *head* names is there, with this digest."""
    with Session(db.engine, autoflush=False) as session:
        return any(
            session.scalar(select(model.digest).where(model.id == head.id)) == head.digest
            for model in (Audit, AuditArchive)
        )
