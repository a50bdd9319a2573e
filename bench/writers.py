"""Eight people who never rest: they write customers and orders, each in a process that may die.

Every write carries the token of its form, so that one whose answer was lost can be sent again. What
was acknowledged is told through a pipe, after the commit; what is in a pipe survives its writer.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Unavailable
from app.core.work import EVERYTHING, SYSTEM, Actor, Origin, Work, work_for
from app.models.customer import Customer
from app.models.user import User
from app.services import form_token
from app.services.customer import customers
from app.services.dictionary import ensure_dictionaries
from app.services.order import orders
from app.services.role import ensure_roles
from app.services.rows import ChildRow
from app.services.setting import ensure_settings

WRITER = "writer"
BUYER = "苏州常青纸品有限公司"
EVERY = 5  # one write in so many makes a customer with a contact, the others an order
PAUSE = 0.05  # seconds before a refused write is tried again

_FORK = get_context("fork")


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, and for whom."""

    actor: Actor
    buyer: int


@dataclass(frozen=True, slots=True)
class Ack:
    """One acknowledged write: the *nth* of its *writer* made the record *id*."""

    writer: int
    nth: int
    id: int


def furnish(app: Flask) -> Hand:
    """Make one user and one customer to write for."""
    with app.app_context():
        with work_for(SYSTEM) as work:
            ensure_roles(work)
            ensure_settings(work)
            ensure_dictionaries(work)
            if work.session.scalar(select(User.id).where(User.username == WRITER)) is None:
                person = User(username=WRITER, username_folded=WRITER, name="写手", is_active=True)
                person.must_change_password = False
                work.session.add(person)
                work.session.flush()
                customers.create(work, {"name": BUYER})
        with work_for(SYSTEM) as work:
            user = work.session.scalars(select(User).where(User.username == WRITER)).one()
            buyer = work.session.scalar(select(Customer.id).where(Customer.name == BUYER))
        db.engine.dispose()
    return Hand(Actor(user.id, user.name, {EVERYTHING: {}}), buyer or 0)


# -- one write ----------------------------------------------------------------------------


def token_of(writer: int, nth: int) -> str:
    """Return the token of a write; orders carry it as the customer's number, customers as their remark."""
    return f"w{writer}-{nth}"


def is_order(nth: int) -> bool:
    """Tell whether the *nth* write of a writer makes an order."""
    return nth % EVERY != 0


def write(hand: Hand, writer: int, nth: int) -> int:
    """Make the record of this write, or find the one it made before; return its id."""
    token = token_of(writer, nth)
    make = _order if is_order(nth) else _customer
    with work_for(hand.actor, Origin("bench")) as work:
        entity = "order" if is_order(nth) else "customer"
        return form_token.once(work, token, entity, lambda: make(work, hand, token))


def _order(work: Work, hand: Hand, token: str) -> Any:
    lines = [
        ChildRow(
            f"lines-{position}",
            None,
            {
                "description": f"彩盒 {token}",
                "quantity": 100 + position,
                "unit_price": Decimal("1.2345"),
            },
        )
        for position in range(3)
    ]
    values = {"order_date": date(2026, 11, 24), "customer_po": token, "lines": lines}
    return orders.create(work, {**values, "customer": hand.buyer})


def _customer(work: Work, _hand: Hand, token: str) -> Any:
    person = ChildRow("contacts-0", None, {"name": "王小明", "mobile": "13812345678"})
    values = {"name": f"客户{token}号纸品厂", "remark": token, "contacts": [person]}
    return customers.create(work, {**values, "duplicate_reason": "压力测试用"})


# -- many writers ---------------------------------------------------------------------------


@dataclass
class Writer:
    """A process that writes from *first* on, and the pipe it tells about it."""

    process: BaseProcess
    pipe: int
    rest: bytes = b""
    acks: list[Ack] = field(default_factory=list)

    def read(self) -> None:
        """Take in what was told; a line that was cut off by death was never said."""
        while chunk := _read(self.pipe):
            self.rest += chunk
        *lines, self.rest = self.rest.split(b"\n")
        self.acks += [Ack(*map(int, line.split())) for line in lines]

    def kill(self) -> None:
        """End the process as a power cut would."""
        if self.process.pid is not None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.read()
        os.close(self.pipe)


def _read(pipe: int) -> bytes:
    try:
        return os.read(pipe, 65_536)
    except BlockingIOError:
        return b""


def start_writer(app: Flask, hand: Hand, number: int, first: int) -> Writer:
    """Fork a process that writes *first*, *first* + 1 and so on, until it is killed."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    process = _FORK.Process(
        target=_never_rest, args=(app, hand, number, first, writing), daemon=True
    )
    process.start()
    os.close(writing)
    return Writer(process, reading)


def _never_rest(app: Flask, hand: Hand, number: int, nth: int, pipe: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with app.app_context():
        db.engine.dispose(close=False)
        while True:
            try:
                made = write(hand, number, nth)
            except Unavailable:
                time.sleep(PAUSE)  # as a person would who reads "please try again"
                continue
            os.write(pipe, f"{number} {nth} {made}\n".encode())
            nth += 1


@dataclass
class Tally:
    """What became of a fixed number of writes."""

    made: list[int] = field(default_factory=list)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def write_together(
    app: Flask, task: Callable[[int, int], int], *, processes: int, threads: int, each: int
) -> Tally:
    """Let *processes* × *threads* writers do *task* (writer, nth) *each* times, all at once."""
    results, ends = [], []
    go_read, go_write = os.pipe()
    for process in range(processes):
        reading, writing = _FORK.Pipe(duplex=False)
        numbers = range(process * threads, (process + 1) * threads)
        arguments = (app, task, numbers, each, go_read, writing)
        one = _FORK.Process(target=_write_some, args=arguments)
        one.start()
        writing.close()
        results.append(reading)
        ends.append(one)
    os.write(go_write, b"." * processes)
    total = Tally()
    for reading, one in zip(results, ends, strict=True):
        tally: Tally = reading.recv()
        one.join()
        total.made += tally.made
        total.refused += tally.refused
        total.wrong += tally.wrong
    os.close(go_read)
    os.close(go_write)
    return total


def _write_some(
    app: Flask, task: Callable[[int, int], int], numbers: range, each: int, go: int, answer: Any
) -> None:
    tally = Tally()

    def work(number: int) -> None:
        with app.app_context():
            for nth in range(1, each + 1):
                try:
                    tally.made.append(task(number, nth))
                except Unavailable:
                    tally.refused += 1
                except Exception as error:  # noqa: BLE001 - whatever else happens is a finding
                    tally.wrong.append(f"{type(error).__name__}: {error}")

    with app.app_context():
        db.engine.dispose(close=False)
    os.read(go, 1)
    threads = [Thread(target=work, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answer.send(tally)
