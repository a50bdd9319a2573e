"""The engine and the reading session; how SQLite is made to keep its promises."""

import json
import sqlite3
from functools import partial
from time import monotonic, sleep
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core import patience


class Closing(Session):
    """A session that always closes: what was lost with the database is gone, and needs no rollback."""

    def close(self) -> None:
        """Give the connection back; drop it if the database has cut it off."""
        try:
            super().close()
        except DBAPIError:
            self.invalidate()


class ReadingSession(Closing, FlaskSession):
    """The session of a request; a database that restarts must not spoil an answer that is ready."""


class WritingSession(Closing):
    """The session of one piece of work."""


GONE = 30_000  # milliseconds without an answer of PostgreSQL's machine
MOMENT = 0.002  # seconds between two tries to write

db = SQLAlchemy(session_options={"autoflush": False, "class_": ReadingSession})


def reading() -> Session:
    """Return the session that this request reads with; it never commits."""
    return db.session()


def install(app: Flask) -> None:
    """Connect *app* to its database."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    # What people typed belongs into no log, and errors would carry it there.
    options: dict[str, Any] = {"hide_parameters": True}
    # Chinese stays Chinese, so that the log is searched for what people type.
    options["json_serializer"] = partial(json.dumps, ensure_ascii=False)
    if not url.startswith("sqlite"):
        options |= {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}
        # A server that is gone without a word is noticed, long before the network gives it up.
        options["connect_args"] = {"tcp_user_timeout": GONE}
    if not url.endswith((":memory:", "sqlite://")):
        options["pool_timeout"] = 5  # seconds; then 503 instead of a hanging page
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _tame_sqlite(db.engine)
        patience.install(db.engine)


def _tame_sqlite(engine: Engine) -> None:
    """Write-ahead log, full syncs, foreign keys, and transactions that begin when we say so.

    The driver's own transaction handling begins late and deferred, so that two writers that both read
    first end in "database is locked" whatever the timeout. A writer therefore takes the lock at its start.
    """

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={patience.LOCKED * 1000}",  # first: the others may have to wait already
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("writes", False):
            connection.exec_driver_sql("BEGIN")
        else:
            _take_turn(connection, options.get(patience.LOCK_WAIT, patience.LOCKED * 1000) / 1000)


def _take_turn(connection: Connection, seconds: float) -> None:
    """Begin to write as soon as nobody else does; give up after *seconds*.

    SQLite's own waiting grows longer with every try, so that whoever came last is served first and
    some wait for ever. We ask again after a moment, and all have the same chance.
    """
    driver: Any = connection.connection.dbapi_connection
    give_up = monotonic() + seconds
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _begins(driver):
            if monotonic() > give_up:
                connection.exec_driver_sql(
                    "BEGIN IMMEDIATE"
                )  # the last try says what is the matter
                return
            sleep(MOMENT)
    finally:  # all other statements wait as SQLite does
        driver.execute(f"PRAGMA busy_timeout={patience.LOCKED * 1000}")


def _begins(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True
