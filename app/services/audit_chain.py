"""The chain of the audit: sealed in the order of commits, and verified from its beginning.

Entries of one piece of work are sealed as the last thing before its commit, under the lock of one
row. Because it is always taken last, nobody who holds it waits for anything else.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.core.db import db
from app.core.errors import Unavailable
from app.core.head_file import HeadFile, HeadUnreadable
from app.core.work import UNRECORDED, Work
from app.domain.audit import ADOPTED, Head, chained, prepared
from app.models.audit import Audit, AuditHead
from app.services import audit, audit_head
from app.services.audit_proof import Broken, Tell, is_key_of, sum_of, verify

ONLY = 1  # id of the one row of audit_heads

log = logging.getLogger("app.audit")


@dataclass(slots=True)
class Chain:
    """Seals entries with a *key* that the database does not hold, and tells a file how far they go."""

    key: str
    file: HeadFile
    is_proved: bool = False  # that the chain there was sealed with this key

    @classmethod
    def of(cls, key: str, path: str) -> "Chain":
        """Return the chain of the settings AUDIT_KEY and AUDIT_HEAD_FILE."""
        return cls(key, HeadFile(Path(path)))

    # -- writing --------------------------------------------------------------------------

    def seal(self, work: Work) -> Callable[[], None]:
        """Write the entries of *work*; return what is to be done once they are committed.

        Raises:
            Unavailable: there is no chain to go on from, or its key is another one.
        """
        # What can be reckoned before it is our turn is: others wait while we hold the lock.
        known = [{**one, "changes": json.loads(json.dumps(one["changes"]))} for one in work.entries]
        covered = [prepared(one) for one in known]
        before = head = _locked_head(work.session)
        self._require_key(work)
        rows = []
        for entry, text in zip(known, covered, strict=True):
            number = head.id + 1
            head = Head(number, chained(self.key, head.digest, number, text))
            rows.append({**entry, "id": head.id, "digest": head.digest})
        work.session.execute(insert(Audit.__table__), rows)  # type: ignore[arg-type]
        work.session.execute(
            update(AuditHead)
            .where(AuditHead.id == ONLY)
            .values(last_id=head.id, digest=head.digest)
            .execution_options(synchronize_session=False)
        )
        return lambda: self.publish(before, head)

    def _require_key(self, work: Work) -> None:
        """Find out with the first entry of this process whether its key is the one of the chain."""
        if self.is_proved or work.entries[0]["action"] == ADOPTED:
            return
        if not is_key_of(work.session, self.key):
            log.error("AUDIT_KEY is not the key that the audit was sealed with: nothing is written")
            raise Unavailable(UNRECORDED)
        self.is_proved = True

    def publish(self, before: Head, head: Head) -> None:
        """Tell the file outside of *head*, which follows *before*."""
        audit_head.publish(self.file, before, head)

    def adopt(self, work: Work) -> None:
        """Go on from a chain that another key sealed: this entry seals all of it anew, as it is.

        From now on ``audit verify`` finds what is changed in it, though not what was changed before.
        """
        _locked_head(work.session)
        number, digest = sum_of(work.session, self.key)
        audit.remember(work, ADOPTED, "audit", changes={"rows": number, "digest": digest})

    # -- verifying ------------------------------------------------------------------------

    def verify_all(self, tell: Tell | None = None) -> int:
        """Verify the database of the application and the file outside; see verify.

        Raises:
            Broken: an entry, or the file.
            HeadUnreadable: there is no file that could tell whether the end was cut off.
        """
        outside = audit_head.known(self.file)  # before the snapshot: what it names is committed
        options: dict[str, Any] = {"patience": 0}
        if db.engine.dialect.name != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"
        with Session(db.engine.execution_options(**options), autoflush=False) as session:
            number = verify(session, self.key, outside=outside, tell=tell)
        if outside is None and number:
            raise HeadUnreadable
        return number

    def lag(self) -> int:
        """Return how many entries the file outside is behind, after giving it a moment."""
        return audit_head.lag(self.file, patience=audit_head.GRACE)


def _locked_head(session: Session) -> Head:
    row = session.execute(
        select(AuditHead.last_id, AuditHead.digest).where(AuditHead.id == ONLY).with_for_update()
    ).one_or_none()
    if row is None:
        raise Unavailable(UNRECORDED)
    return Head(row.last_id, row.digest)


__all__ = ["Broken", "Chain", "verify"]
