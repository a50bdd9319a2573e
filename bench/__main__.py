"""What a page costs: ``make bench`` (N=10000 customers), beside an empty answer and the bare SQL.

Builds its data once per N, asks every page in turns through the whole application, checks each
answer, and prints medians in milliseconds with their ratio to the first list page. Ratios travel
between machines; milliseconds do not. The table goes to ``bench/results/<date>-<N>.md``.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, text

from app import create_app
from app.cli.demo import load
from app.core import clock
from app.core.config import load_settings
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.user import User
from app.services import device_session
from app.services.device_session import SessionLimits

HERE = Path(__file__).resolve().parent
ROUNDS = 30
Measured = dict[str, list[float]]


def prepared(number: int) -> Flask:
    """Return the application on a database of *number* customers, built on the first run."""
    place = HERE / "data" / str(number)
    place.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{place / 'bench.db'}"
    settings = load_settings(place, warn=False, database_url=url, log_level="WARNING")
    app = create_app(settings)
    with app.app_context():
        upgrade()
        if db.session.scalar(select(User.id).limit(1)) is None:
            from app.cli.first_start import prepare  # noqa: PLC0415 - only for an empty database

            prepare(app)
            rest = number - 200
            if rest > 0:
                load.callback(customers=rest, orders=None, seed=1, append=True)  # type: ignore[misc]
    return app


class Reader:
    """A manager at the screen, signed in without the cost of a password."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browser = app.test_client()
        with app.app_context():
            user = db.session.scalar(select(User).where(User.username == "manager"))
            if user is None:
                raise SystemExit("no manager in the database")
            with work_for(SYSTEM) as work:
                person = work.session.get_one(User, user.id)
                person.must_change_password = False
                person.password_changed_at = work.now
                limits = SessionLimits.of(app.extensions["settings"])
                token = device_session.start(work, user.id, device="bench", limits=limits)
        with self.browser.session_transaction() as cookie:
            cookie["id"] = token

    def open(self, path: str, word: str) -> float:
        """Return the milliseconds that *path* took; a wrong page ends the measuring."""
        start = time.perf_counter()
        answer = self.browser.get(path)
        took = (time.perf_counter() - start) * 1000
        if answer.status_code != 200 or word not in answer.text:
            raise SystemExit(f"{path}: {answer.status_code}, without {word!r}")
        return took


def pages(number: int) -> Iterator[tuple[str, str, str]]:
    """Yield (name, path, a word of the right answer)."""
    deep = number // 20 // 2
    customer, order = "/admin/customer/", "/admin/order/"
    yield "an empty answer", "/livez", "ok"
    yield "list, first page", customer, "客户信息"
    yield "list, middle page (go to)", f"{customer}?page={deep}", "客户信息"
    yield "list, sorted by credit limit", f"{customer}?sort=-credit_limit", "客户信息"
    yield "list, filtered by level and city", f"{customer}?flt_level_eq=A&flt_city_eq=苏州市", "A"
    yield "search, two characters", f"{customer}?search=包装", "客户信息"
    yield "search, initials", f"{customer}?search=szsg", "客户信息"
    yield "search, last four digits", f"{customer}?search=2109", "客户信息"
    yield "search, nothing found", f"{customer}?search=qqqqqqqq", "没有符合条件的"
    yield "orders with customer names", order, "订单编号"
    yield "orders, sorted by amount", f"{order}?sort=-amount", "订单编号"
    yield "customer, details", f"{customer}details/?id=7", "变更记录"
    yield "customer, edit form", f"{customer}edit/?id=7", "record-form"


def measured(app: Flask, number: int) -> Measured:
    """Return the milliseconds of every page, asked in turns."""
    reader, times = Reader(app), {}
    for _ in range(ROUNDS):
        for name, path, word in pages(number):
            times.setdefault(name, []).append(reader.open(path, word))
        times.setdefault("the list's rows in bare SQL", []).append(_bare(app))
    return times


def _bare(app: Flask) -> float:
    with app.app_context():
        start = time.perf_counter()
        db.session.execute(text("SELECT * FROM customers ORDER BY id DESC LIMIT 20")).all()
        return (time.perf_counter() - start) * 1000


def table(times: Measured, number: int) -> str:
    """Return the measured times as a Markdown table."""
    first = median(times["list, first page"])
    lines = [
        f"# {number:,} customers, SQLite, one process, {ROUNDS} rounds in turns",
        "",
        "| page | median ms | p95 ms | × first list page |",
        "|---|---|---|---|",
    ]
    for name, taken in times.items():
        p95 = sorted(taken)[int(len(taken) * 0.95) - 1]
        middle = median(taken)
        lines.append(f"| {name} | {middle:.1f} | {p95:.1f} | {middle / first:.2f} |")
    return "\n".join([*lines, ""])


def main(say: Callable[[str], object] = print) -> int:
    """Measure, print, and keep the table."""
    number = int(os.environ.get("N", "10000"))
    app = prepared(number)
    report = table(measured(app, number), number)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{clock.today().isoformat()}-{number}.md").write_text(report, "utf-8")
    say(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
