"""Whether the chain of the audit holds: every entry read once, from the beginning, and what is wrong first."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NULLTYPE

from app.core import clock
from app.domain.audit import ADOPTED, ARCHIVED, BEGINNING, FIELDS, KEPT, Head, clear, digest_of
from app.models.audit import Audit, AuditArchive, AuditHead

_BATCH = 1_000
_RECENT = 20  # entries that tell whether a key is the right one, even where one was tampered with

CHANGED = "内容或次序被改动"
MISSING = "缺少这一条"
CUT = "从这一条起被截去"
TWICE = "编号重复"
HEAD_CHANGED = "数据库中的链头与记录不符"
NO_HEAD = "数据库中没有链头"
REWRITTEN = "与外部链头文件不符，此前的记录被改写"
HIDDEN = "在归档里，却没有归档它的记录"
YOUNG = "归档了不满 180 天的记录"
ADOPTED_CHANGED = "沿用的记录被改动"

Tell = Callable[[int, int], None]  # (entries verified, entries in all)
Entry = Mapping[str, Any]


class Broken(Exception):
    """The chain does not hold: *id* is the first entry that is not as it was written.

    *is_first*: not even the beginning holds, so that the key may be another one.
    """

    def __init__(self, id: int, reason: str, *, is_first: bool = False) -> None:
        self.id, self.reason, self.is_first = id, reason, is_first
        super().__init__(f"{id}：{reason}")


def verify(
    session: Session, key: str, *, outside: Head | None = None, tell: Tell | None = None
) -> int:
    """Return how many entries the chain has, if every one is what was written; else raise Broken.

    It reads the archive and the audit once, in flat memory, within the transaction of *session*.
    """
    row = session.execute(select(AuditHead.last_id, AuditHead.digest)).one_or_none()
    inside = Head(row.last_id, row.digest) if row else None
    proof, number, is_met = _Proof(key), 0, outside is None or outside.id == 0
    for entry in _entries(session):
        proof.take(entry)
        if outside is not None and outside.id == proof.last.id:
            if outside.digest != proof.last.digest:
                raise Broken(proof.last.id, REWRITTEN)
            is_met = True
        number += 1
        if tell and number % _BATCH == 0:
            tell(number, max(number, inside.id if inside else 0))
    proof.end(inside)
    last = proof.last.id
    if outside is not None and not is_met:
        raise Broken(min(outside.id, last + 1), CUT if outside.id > last else MISSING)
    if tell:
        tell(number, number)
    return number


class _Proof:
    """What is known of a chain so far, as its entries are read in order."""

    def __init__(self, key: str) -> None:
        self.key, self.last = key, BEGINNING
        self.foreign: Broken | None = None  # the beginning was sealed with another key
        self.sum = ""  # of what was, as the entry that adopts it reckons
        self.archived, self.moved = 0, 0  # the last id in the archive; the one that may be there

    def take(self, entry: Entry) -> None:
        """Read one more entry; raise Broken if it does not follow."""
        try:
            if self.foreign is None:
                _require_next(self.key, self.last, entry)
        except Broken as broken:
            if not broken.is_first:
                raise
            self.foreign = broken
        if self.foreign is not None:
            self._take_foreign(self.foreign, entry)
        self.last = Head(entry["id"], entry["digest"])
        if entry["archived"]:
            self.archived = entry["id"]
        if entry["action"] == ARCHIVED:
            self._allow_archive(entry)

    def _take_foreign(self, foreign: Broken, entry: Entry) -> None:
        _require_order(self.last, entry)
        if (
            entry["action"] == ADOPTED
            and _digest(self.key, self.last.digest, entry) == entry["digest"]
        ):
            if _read(entry)["changes"].get("digest") != clear(self.sum):
                raise Broken(foreign.id, ADOPTED_CHANGED)
            self.foreign = None
        else:
            self.sum = _summed(self.key, self.sum, entry)

    def _allow_archive(self, entry: Entry) -> None:
        """Note how far the archive may go by *entry*; a day's grace, as the time zone may have changed."""
        known = _read(entry)
        first, self.moved = known["changes"].get("before"), known["changes"].get("last", 0)
        latest = clock.to_local(known["at"]).date() - KEPT + timedelta(days=1)
        if first is None or date.fromisoformat(first) > latest:
            raise Broken(entry["id"], YOUNG)

    def end(self, inside: Head | None) -> None:
        """Raise Broken unless the chain ends as the row *inside* says, and hides nothing."""
        if self.foreign is not None:
            raise self.foreign
        _require_end(self.last, inside)
        if self.archived > self.moved:
            raise Broken(self.moved + 1, HIDDEN)


def _require_next(key: str, before: Head, entry: Entry) -> None:
    _require_order(before, entry)
    if _digest(key, before.digest, entry) != entry["digest"]:
        is_gap, is_first = entry["id"] > before.id + 1, before == BEGINNING
        reason = f"{CHANGED}，或 AUDIT_KEY 不是当时的密钥" if is_first else CHANGED
        if is_gap:
            raise Broken(before.id + 1, MISSING, is_first=is_first)
        raise Broken(entry["id"], reason, is_first=is_first)


def _require_order(before: Head, entry: Entry) -> None:
    if not isinstance(entry["id"], int) or entry["id"] <= before.id:
        raise Broken(entry["id"], TWICE if entry["id"] == before.id else CHANGED)


def _require_end(last: Head, inside: Head | None) -> None:
    if inside is None:
        raise Broken(last.id, NO_HEAD)
    if inside.id > last.id:
        raise Broken(last.id + 1, CUT)
    if inside != last:
        raise Broken(min(inside.id + 1, last.id), HEAD_CHANGED)


# -- another key --------------------------------------------------------------------------------


def sum_of(session: Session, key: str) -> tuple[int, str]:
    """Return how many entries there are, and what seals all of them with *key*, as they are."""
    number, total = 0, ""
    for entry in _entries(session):
        number, total = number + 1, _summed(key, total, entry)
    return number, total


def is_key_of(session: Session, key: str) -> bool:
    """Tell whether one of the newest entries was sealed with *key*, or there is none yet."""
    newest: list[Entry] = []
    for model in (Audit, AuditArchive):
        rows = select(*_columns(model)).order_by(model.id.desc()).limit(_RECENT + 1 - len(newest))
        newest += [dict(row) for row in session.execute(rows).mappings()]
    befores = [one["digest"] for one in newest[1:]]
    if len(newest) <= _RECENT:
        befores.append(BEGINNING.digest)
    pairs = zip(newest, befores, strict=False)
    return not newest or any(_digest(key, before, one) == one["digest"] for one, before in pairs)


def _summed(key: str, total: str, entry: Entry) -> str:
    digest = _digest(key, f"{total}{entry['digest']}", entry)
    if digest is None:
        raise Broken(entry["id"], CHANGED)
    return digest


# -- reading ------------------------------------------------------------------------------------


def _entries(session: Session) -> Iterator[Entry]:
    """Yield every entry as the driver reads it: what was tampered with need not have its type."""
    for model in (AuditArchive, Audit):
        rows = select(*_columns(model)).order_by(model.id).execution_options(yield_per=_BATCH)
        for row in session.execute(rows).mappings():
            yield {**row, "archived": model is AuditArchive}


def _columns(model: Any) -> list[Any]:
    names = (*FIELDS, "digest")
    return [type_coerce(getattr(model, name), NULLTYPE).label(name) for name in names]


def _digest(key: str, before: str, entry: Entry) -> str | None:
    try:
        return digest_of(key, before, _read(entry))
    except (ValueError, TypeError, OverflowError):
        return None  # what cannot be read was not written by us


def _read(entry: Entry) -> dict[str, Any]:
    at, changes = entry["at"], entry["changes"]
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    changes = json.loads(changes) if isinstance(changes, str) else changes
    return {**entry, "at": at.replace(tzinfo=UTC), "changes": changes}
