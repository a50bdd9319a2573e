"""The house as it runs: many at once, asked to stop, killed, and cut off from its database."""

import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import db
from app.models.order import Order
from app.services.invariants import violations
from bench.own_postgres import QUICK, own_postgres
from tests.conftest import House
from tests.crash.conftest import close
from tests.crash.serving import desk_of, serving
from tests.factories.customer import make_customer


def open_desk(house):
    """Return a clerk's desk and the numbers of the orders that are there."""
    with house.app.app_context():
        house.tidy_up()
        desk = desk_of(house, "manager", make_customer(owner="manager"))
    close(house)
    return desk


def orders_of(house):
    with house.app.app_context(), Session(db.engine) as session:
        assert list(violations(session)) == []
        found = session.execute(select(Order.order_no, Order.customer_po)).all()
    close(house)
    return found


def test_forty_orders_through_the_front_door_get_consecutive_numbers(shaken, tmp_path):
    """REL-26, REL-4: 40 forms sent at once to two workers; nobody hears of a lock."""
    desk = open_desk(shaken)
    with serving(shaken, tmp_path) as served, ThreadPoolExecutor(40) as people:

        def send(number):
            return served.post("/admin/order/new/", desk.order(number), desk.cookie)

        answers = list(people.map(send, range(40)))
    assert Counter(answer.status for answer in answers) == {302: 40}
    orders = orders_of(shaken)
    positions = sorted(int(number.rpartition("-")[2]) for number, _ in orders)
    assert positions == list(range(1, 41))
    assert "database is locked" not in served.log.read_text("utf-8")


def wait_until_closed(served, give_up):
    """Wait until nobody is let in any more; not longer than a writer waits for the lock."""
    while time.monotonic() < give_up:
        try:
            served.get("/livez")
        except OSError:
            return
        time.sleep(0.05)


def test_asked_to_stop_it_first_turns_away_then_finishes_then_ends(shaken_sqlite, tmp_path):
    """REL-14, REL-5: readiness drops first, what is in flight is finished, the end comes in time.

    Killed instead, it is back within ten seconds with everything that was acknowledged.
    """
    desk = open_desk(shaken_sqlite)
    path = shaken_sqlite.app.extensions["settings"].database_url.removeprefix("sqlite:///")
    with serving(shaken_sqlite, tmp_path) as served:
        assert served.post("/admin/order/new/", desk.order(1), desk.cookie).status == 302
        served.kill()
        assert served.start() < 10
        with ThreadPoolExecutor(1) as people:
            with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
                somebody.execute("BEGIN IMMEDIATE")  # the next writer has to wait
                sent = people.submit(served.post, "/admin/order/new/", desk.order(2), desk.cookie)
                time.sleep(0.5)
                assert not sent.done()
                began = time.monotonic()
                served.signal(signal.SIGTERM)
                while served.get("/readyz").status == 200:
                    time.sleep(0.05)
                turned_away = served.get("/readyz")
                assert (turned_away.status, "stopping" in turned_away.text) == (503, True)
                assert served.get("/login").status == 200  # whoever comes is still served
                wait_until_closed(served, began + 6)
                somebody.execute("ROLLBACK")
            assert sent.result().status == 302
        assert served.process.wait(30) == 0
        assert time.monotonic() - began < 30
    assert {po for _, po in orders_of(shaken_sqlite)} == {"PO-1", "PO-2"}


class Traffic:
    """People who read and write without a pause, and note every answer."""

    def __init__(self, served, desk):
        self.served, self.desk = served, desk
        self.answers, self.acknowledged = [], []
        self.is_over = threading.Event()

    def run(self, person):
        nth = 0
        while not self.is_over.is_set():
            nth += 1
            number = f"{person}-{nth}"
            if person % 2:
                answer = self.served.get("/admin/order/", self.desk.cookie)
            else:
                form = self.desk.order(number)
                answer = self.served.post("/admin/order/new/", form, self.desk.cookie)
                if answer.status == 302:
                    self.acknowledged.append(f"PO-{number}")
            self.answers.append((time.monotonic(), answer))
            if answer.status == 503:
                time.sleep(0.1)


def test_postgresql_restarts_under_traffic(tmp_path, tmp_path_factory):
    """REL-6: only 503 with Retry-After for a moment; it heals by itself; the books are exact."""
    dice = random.Random(6)
    with own_postgres(tmp_path, configuration=QUICK) as server:
        house = House(server.url, tmp_path_factory.mktemp("own"))
        desk = open_desk(house)
        with serving(house, tmp_path) as served, ThreadPoolExecutor(6) as people:
            traffic = Traffic(served, desk)
            running = [people.submit(traffic.run, person) for person in range(6)]
            time.sleep(1)
            for blow in (server.stop, lambda: server.kill_backend(dice), server.kill):
                blow()
                time.sleep(0.5)
                server.start()
                time.sleep(1)
            healed_at = time.monotonic()
            time.sleep(1.5)
            traffic.is_over.set()
            for one in running:
                one.result()
        statuses = Counter(answer.status for _, answer in traffic.answers)
        assert set(statuses) <= {200, 302, 503}
        for at, answer in traffic.answers:
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) > 0
                assert "Traceback" not in answer.text
                assert at < healed_at + 1
        assert min(statuses[200], statuses[302], statuses[503]) > 0
        made = [po for _, po in orders_of(house)]
        assert set(traffic.acknowledged) <= set(made)
        assert len(made) == len(set(made))


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
def test_a_lost_connection_spoils_no_answer_that_is_ready(visit, monkeypatch):
    """REL-6: the database goes away between the last statement and the end of the request."""
    person = visit("sales1")
    from sqlalchemy import text

    app = person.app

    def cut_off(response):
        pid = db.session.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})
        return response

    monkeypatch.setitem(app.after_request_funcs, None, [cut_off, *app.after_request_funcs[None]])
    assert person.get("/admin/customer/").status_code == 200
    monkeypatch.undo()
    assert person.get("/admin/customer/").status_code == 200
