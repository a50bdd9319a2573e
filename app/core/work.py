"""One piece of work: who asked, when, from where, and the one transaction it all happens in."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.core import clock
from app.core.db import WritingSession, db
from app.core.errors import NotAllowed, Obstacle, RuleBroken, Stale, Unavailable, broken
from app.core.patience import LOCK_WAIT, LOCKED, NO_RIGHTS, OUTDATED, outage
from app.core.words import N_

#: What follows from which event; filled once, by app/reactions.py.
REACTIONS: dict[type, tuple[Callable[["Work", Any], None], ...]] = {}

#: Who knows what stands in the way, by the event that asks; filled once, by app/reactions.py.
OBJECTIONS: dict[type, tuple[Callable[["Work", Any], Iterable[Obstacle]], ...]] = {}

#: Unique index or ``table.column`` → (form field, message); models fill it as they declare their indexes.
UNIQUE: dict[str, tuple[str, str]] = {}

#: Where an application keeps what seals the entries of a piece of work: Callable[[Work], Callable[[], None]].
SEAL = "seal"

UNRECORDED = N_("操作记录写不进去，因此没有保存。请联系管理员。")

EVERYTHING = "*"

log = logging.getLogger("app.work")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting: a signed-in user, or the system itself in jobs and on the command line.

    *grants* says entity → verb → scope; *hidden* names the field groups (phones, money) kept from the
    actor; *export_rows* caps one export.
    """

    user_id: int | None
    name: str = ""
    grants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    department_id: int | None = None
    hidden: frozenset[str] = frozenset()
    export_rows: int = 0

    def may(self, permission: str) -> bool:
        """Tell whether the actor holds *permission*, such as ``"customer.edit"``."""
        entity, _, verb = permission.rpartition(".")
        return self.scope(entity, verb) is not None

    def scope(self, entity: str, verb: str) -> str | None:
        """Return how far the verb reaches (own, subordinates, department, all); None: not at all."""
        if EVERYTHING in self.grants:
            return "all"
        return self.grants.get(entity, {}).get(verb)


SYSTEM = Actor(None, "system", {EVERYTHING: {}}, export_rows=10**9)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of work came from: the client's address and the request's id."""

    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """Handed to every service call, so that rules never reach for globals."""

    session: Session
    actor: Actor
    now: datetime
    origin: Origin
    events: list[object] = field(default_factory=list)
    #: What the audit will say of it; written last of all.
    entries: list[Mapping[str, Any]] = field(default_factory=list)

    def require(self, permission: str) -> None:
        """Raise NotAllowed unless the actor holds *permission*."""
        if not self.actor.may(permission):
            raise NotAllowed(permission)

    def announce(self, event: object) -> None:
        """Say that *event* happened; its reactions run in this same transaction."""
        self.events.append(event)

    def objections(self, question: object) -> list[Obstacle]:
        """Return what stands in the way of *question*, asked before anything is changed."""
        known = OBJECTIONS.get(type(question), ())
        return [obstacle for ask in known for obstacle in ask(self, question)]


@contextmanager
def work_for(
    actor: Actor, origin: Origin = Origin(), *, lock_wait: int = LOCKED * 1000
) -> Iterator[Work]:
    """Open a piece of work; commit it on success, roll it back on any exception.

    It waits *lock_wait* milliseconds for what another piece of work holds.

    Raises:
        Stale: another user saved one of the same records first.
        RuleBroken: a constraint of the database caught what the rules let through.
        Unavailable: the database stayed locked, takes too long, is full or out of reach.
    """
    db.session.close()  # an open read must not become a write: SQLite would refuse it as outdated
    options: dict[str, Any] = {"writes": True}
    if lock_wait != LOCKED * 1000:
        options[LOCK_WAIT] = lock_wait
    session = WritingSession(
        db.engine.execution_options(**options), autoflush=False, expire_on_commit=False
    )
    try:
        work = Work(session, actor, clock.now(), origin)
        yield work
        _react(work)
        told = _sealed(work)
        session.commit()
        _tell(told)
    except StaleDataError as error:
        raise Stale from error
    except IntegrityError as error:
        raise _explained(error) from error
    except (DBAPIError, PoolTimeoutError) as error:
        unavailable = outage(error)
        if unavailable is None:
            raise
        raise unavailable from error
    finally:
        session.close()


def _react(work: Work) -> None:
    while work.events:
        happened = work.events.pop(0)
        for react in REACTIONS.get(type(happened), ()):
            react(work, happened)
        work.session.flush()
    work.session.flush()


def _sealed(work: Work) -> Callable[[], None]:
    """Write down what was done, as the last thing before the commit; return what to do after it.

    Raises:
        Unavailable: it cannot be written, so nothing is.
    """
    if not work.entries:
        return lambda: None
    try:
        told: Callable[[], None] = current_app.extensions[SEAL](work)
    except DBAPIError as error:
        refusal = outage(error)
        if refusal is None or refusal.message in (OUTDATED, NO_RIGHTS):
            refusal = Unavailable(UNRECORDED)
        raise refusal from error
    return told


def _tell(told: Callable[[], None]) -> None:
    """Do what follows the commit; it is done, so nothing that goes wrong now may look like a refusal."""
    try:
        told()
    except Exception:  # whatever it is
        log.exception("what follows a commit failed")


def _explained(error: IntegrityError) -> RuleBroken:
    """Return the refusal for a violated constraint, beside the field it belongs to."""
    diagnosis = getattr(error.orig, "diag", None)
    names = [getattr(diagnosis, "constraint_name", None) or ""]
    names += re.findall(r"[a-z_]+\.[a-z_]+|uq_[a-z_]+", str(error.orig))
    for name in names:
        if name in UNIQUE:
            name_of_field, message = UNIQUE[name]
            return broken(name_of_field, message)
    return broken(None, N_("与其他记录冲突，或仍被其他记录使用。"))
