"""``python -m bench.crash --kills 200 --database sqlite``: kill -9 at random moments under eight writers.

On SQLite the writers are the database: all of them are killed at once. On PostgreSQL it is the
turn of the writers, of one server process, or of the whole server. After every kill it is started
again, and each acknowledged write must be there once, with everything that belongs to it; the
database's own checks and the house's invariants must find nothing. REL-4, REL-5, REL-12, REL-26.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app
from app.core.config import load_settings
from app.core.copies import sqlite
from app.core.db import db
from app.core.head_file import HeadUnreadable
from app.models.audit import Audit
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order, OrderLine
from app.services.audit_chain import Broken, Chain
from app.services.backup import create, verify
from app.services.invariants import violations
from bench.own_postgres import CONFIGURATION, QUICK, OwnPostgres, own_postgres
from bench.writers import Ack, Hand, Writer, furnish, is_order, start_writer, token_of

WRITERS = 8
SHORTEST, LONGEST = 0.2, 1.5  # seconds from a start to the kill
SLOWEST_START = 10.0  # seconds, promised


@dataclass
class Report:
    """What happened so far."""

    kills: int = 0
    acks: int = 0
    unheard: int = 0  # writes that were kept, though their writer died before it could say so
    starts: list[float] = field(default_factory=list)  # seconds from a start to the first write
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        slowest = max(self.starts, default=0.0)
        usual = sorted(self.starts)[len(self.starts) // 2] if self.starts else 0.0
        return (
            f"{self.kills} kills, {self.acks} acknowledged writes, "
            f"{self.unheard} kept but not heard of, sent again; "
            f"first write after {usual:.2f} s (median), {slowest:.2f} s (slowest); "
            f"findings: {len(self.wrong)}"
        )


class Ordeal:
    """One house, its writers, and what they were promised."""

    def __init__(self, app: Flask, seed: int, server: OwnPostgres | None = None) -> None:
        self.app, self.server = app, server
        self.dice = random.Random(seed)
        self.hand: Hand = furnish(app)
        self.report = Report()
        self.acks: dict[tuple[int, int], Ack] = {}
        self.next = [1] * WRITERS

    def survive(self, kills: int, tell: Callable[[str], None] | None = None) -> Report:
        """Kill so many times, and judge after each."""
        recovery = 0.0
        for _ in range(kills):
            began = time.monotonic()
            writers = [
                start_writer(self.app, self.hand, number, self.next[number])
                for number in range(WRITERS)
            ]
            try:
                self._wait_for_life(writers, began - recovery)
                self._let_write(writers, self.dice.uniform(SHORTEST, LONGEST))
                self._strike(writers)
            finally:
                for writer in writers:
                    writer.kill()
            fresh = [ack for writer in writers for ack in writer.acks]
            self._note(fresh)
            dead_at = time.monotonic()
            if self.server:
                self.server.start()
            recovery = time.monotonic() - dead_at
            self._judge(fresh, fresh=True)
            if tell:
                tell(str(self.report))
        self._judge(list(self.acks.values()))
        return self.report

    def copied(self, backup: Path) -> tuple[str, ...]:
        """Return what is wrong with a backup of the house: every page of every table is read for it."""
        settings = self.app.extensions["settings"]
        create(settings.database_url, backup)
        return verify(settings.database_url, backup, settings.audit_key).problems

    # -- the kill -------------------------------------------------------------------------

    def _wait_for_life(self, writers: Sequence[Writer], since: float) -> None:
        """Wait for the first acknowledged write, and note how long the start took until then."""
        while not any(writer.acks for writer in writers):
            self._let_write(writers, 0.02)
            if time.monotonic() - since > 6 * SLOWEST_START:
                raise TimeoutError("nobody can write")
        self.report.starts.append(time.monotonic() - since)

    def _let_write(self, writers: Sequence[Writer], seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.01)
            for writer in writers:
                writer.read()

    def _strike(self, writers: Sequence[Writer]) -> None:
        self.report.kills += 1
        victim = self.dice.choice(("writers", "backend", "server")) if self.server else "writers"
        if victim == "backend":
            self.server.kill_backend(self.dice)  # type: ignore[union-attr]
        elif victim == "server":
            self.server.kill()  # type: ignore[union-attr]
        if victim != "writers" and self.dice.random() < 0.5:
            self._let_write(writers, self.dice.uniform(0, 0.3))  # they hear of it before they die

    # -- the judgement --------------------------------------------------------------------

    def _note(self, fresh: Sequence[Ack]) -> None:
        for ack in fresh:
            self.acks[ack.writer, ack.nth] = ack
            self.next[ack.writer] = max(self.next[ack.writer], ack.nth + 1)
        self.report.acks = len(self.acks)

    def _judge(self, acks: Sequence[Ack], *, fresh: bool = False) -> None:
        with self.app.app_context():
            with Session(db.engine.execution_options(patience=0)) as session:
                self.report.wrong += violations(session)
                self.report.wrong += lost(session, acks)
                self.report.wrong += doubled(session, self.next)
                self.report.unheard += unheard(session, self.next) if fresh else 0
            self.report.wrong += self._chain_break()
            database = db.engine.url.database
            db.engine.dispose()
        if self.server is None and database:
            self.report.wrong += damages(Path(database))

    def _chain_break(self) -> Iterator[str]:
        """Yield what is wrong with the audit and its head file, which a kill may leave behind."""
        settings = self.app.extensions["settings"]
        try:
            Chain.of(settings.audit_key, settings.audit_head_file).verify_all()
        except (Broken, HeadUnreadable) as error:
            yield f"audit: {error!r}"


def damages(database: Path) -> Iterator[str]:
    """Yield what SQLite finds wrong with a copy that was made while nobody writes."""
    with tempfile.TemporaryDirectory(dir=database.parent) as folder:
        sqlite.copy_out(database, Path(folder) / "copy.db")
        yield from sqlite.damages(Path(folder) / "copy.db")


def lost(session: Session, acks: Sequence[Ack]) -> Iterator[str]:
    """Yield the acknowledged writes that are not there, or not all of them."""
    orders = dict(session.execute(select(Order.customer_po, Order.id)).all())
    buyers = dict(session.execute(select(Customer.remark, Customer.id)).all())
    lines = _numbers_of(session, OrderLine.order_id)
    people = _numbers_of(session, Contact.customer_id)
    for ack in acks:
        token = token_of(ack.writer, ack.nth)
        there, parts, wanted = (orders, lines, 3) if is_order(ack.nth) else (buyers, people, 1)
        if there.get(token) != ack.id:
            yield f"lost: {token}, told to be {ack.id}, is {there.get(token)}"
        elif parts.get(ack.id) != wanted:
            yield f"half: {token} has {parts.get(ack.id)} rows"


def doubled(session: Session, following: Sequence[int]) -> Iterator[str]:
    """Yield writes that are there twice, that have no history, or that nobody asked for yet."""
    for column, entity in ((Order.customer_po, "order"), (Customer.remark, "customer")):
        model = column.class_
        seen = select(column).where(column.like("w%-%"))
        for token in session.scalars(seen.group_by(column).having(func.count() > 1)):
            yield f"doubled: {token}"
        for token in session.scalars(seen):
            writer, nth = map(int, (token or "")[1:].split("-"))
            if nth > following[writer]:
                yield f"unasked: {token}"
        history = select(Audit.record_id).where(Audit.action == f"{entity}.create")
        silent = select(func.count()).select_from(model).where(model.id.not_in(history))
        if number := session.scalar(silent.where(column.like("w%-%"))):
            yield f"no history: {number} of {entity}"


def unheard(session: Session, following: Sequence[int]) -> int:
    """Return how many writes are there that their writers did not live to acknowledge."""
    tokens = [token_of(writer, nth) for writer, nth in enumerate(following)]
    return sum(
        session.scalar(select(func.count()).where(column.in_(tokens))) or 0
        for column in (Order.customer_po, Customer.remark)
    )


def _numbers_of(session: Session, column: object) -> dict[int, int]:
    counted = select(column, func.count()).group_by(column)  # type: ignore[call-overload]
    return dict(session.execute(counted).all())


# -- the command ----------------------------------------------------------------------------


@contextmanager
def ordeal(place: Path, database: str, seed: int, *, quick: bool = False) -> Iterator[Ordeal]:
    """Build a house below *place* on a database of this kind, and take it down again.

    *quick*: PostgreSQL does not wait for the disk, which the death of a process does not need.
    """
    if database == "sqlite":
        yield Ordeal(_house(place, f"sqlite:///{place / 'app.db'}"), seed)
        return
    with own_postgres(place, configuration=QUICK if quick else CONFIGURATION) as server:
        yield Ordeal(_house(place, server.url), seed, server)


def _house(place: Path, url: str) -> Flask:
    app = create_app(load_settings(place, warn=False, database_url=url, log_level="ERROR"))
    with app.app_context():
        upgrade(directory=str(Path(__file__).parents[1] / "migrations"))
    return app


def main() -> int:
    """Run the ordeal; return 0 only when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=20261124)
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="crash-"))
    try:
        with ordeal(place, given.database, given.seed) as trial:
            report = trial.survive(given.kills, tell=lambda line: print(line, flush=True))
            report.wrong += trial.copied(place / "copy")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    for finding in report.wrong[:50]:
        print(finding)
    is_slow = max(report.starts, default=0.0) > SLOWEST_START
    print(f"{given.database}: {report}{' – too slow' if is_slow else ''}")
    return 1 if report.wrong or is_slow else 0


if __name__ == "__main__":
    sys.exit(main())
