"""How long a statement may take, and what a database that cannot take it now says in words.

Whoever reads waits three seconds at most: a page that takes longer helps nobody and keeps others
waiting. A piece of work gets longer; migrations and backups take the time they need.
"""

import errno
import sqlite3
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.errors import Unavailable
from app.core.words import N_

READING = 3  # seconds per statement
WRITING = 30  # seconds per statement
IDLE = 60  # seconds that a piece of work may take between two statements
UNLIMITED = 0
LOCKED = 10  # seconds until a lock that somebody else holds is given up
#: Execution option of a connection that needs another limit than the two above.
OPTION = "patience"
#: Execution option of a writer that gives up a lock earlier: after how many milliseconds.
LOCK_WAIT = "lock_wait"

_STEPS = 10_000  # of SQLite's machine between two looks at the clock, about a millisecond

TOO_LONG = N_("查询用时太长，已停止。请缩小范围后再试。")
FULL = N_("磁盘空间已满，暂时不能保存。请联系管理员。")
LOST = N_("数据库暂时连接不上，请稍后再试。")
BUSY = N_("系统正忙，请稍后再试。")
NO_RIGHTS = N_("系统的数据库账号缺少权限，暂时不能使用。请联系管理员。")
OUTDATED = N_("系统正在升级，请稍后再试。")

_SQLITE = {
    sqlite3.SQLITE_INTERRUPT: TOO_LONG,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_IOERR: LOST,
    sqlite3.SQLITE_CANTOPEN: LOST,
    sqlite3.SQLITE_READONLY: LOST,
}
#: Error codes of PostgreSQL, or the two characters of their class.
_POSTGRESQL = {
    "57014": TOO_LONG,  # query canceled
    "53100": FULL,
    "53": BUSY,  # insufficient resources, such as too many connections
    "55P03": BUSY,  # a lock was not to be had
    "40001": BUSY,  # serialisation
    "40P01": BUSY,  # deadlock
    "08": LOST,
    "57": LOST,  # shutting down, starting up
    "58": LOST,  # errors of the system below
    "25P03": BUSY,  # idle for too long within a piece of work
    "42501": NO_RIGHTS,  # as after a restore, or before deploy/runtime_role.sql
    "25006": LOST,  # read only: this server is the spare one
    "42P01": OUTDATED,  # no such table
    "42703": OUTDATED,  # no such column
}
_LACKS = ("no such table", "no such column")
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


def install(engine: Engine) -> None:
    """Limit every statement that runs on *engine*."""
    if engine.dialect.name == "sqlite":
        _watch_sqlite(engine)
    else:
        _limit_postgresql(engine)


def outage(error: Exception) -> Unavailable | None:
    """Return the refusal for a database or a disk that cannot take it now; None if it is our own fault."""
    if isinstance(error, PoolTimeoutError):
        return Unavailable(BUSY)
    if isinstance(error, OSError):
        return Unavailable(FULL) if error.errno in _NO_SPACE else None
    if not isinstance(error, DBAPIError):
        return None
    words = _words_of(error)
    if words is None and error.connection_invalidated:
        words = LOST
    return Unavailable(words) if words else None


def _words_of(error: DBAPIError) -> str | None:
    cause: Any = error.orig
    number = getattr(cause, "sqlite_errorcode", None)
    if number is not None:
        return OUTDATED if str(cause).startswith(_LACKS) else _SQLITE.get(number & 0xFF)
    code = getattr(cause, "sqlstate", None)
    if code:
        return _POSTGRESQL.get(code) or _POSTGRESQL.get(code[:2])
    return LOST if isinstance(error, OperationalError) else None  # no server said anything


def _seconds_for(connection: Connection) -> int:
    options = connection.get_execution_options()
    seconds: int = options.get(OPTION, WRITING if options.get("writes") else READING)
    return seconds


class _Deadline:
    """When the statement that runs on one SQLite connection has to be done; never, if None."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at: float | None = None

    def is_over(self) -> bool:
        """Tell SQLite to stop; it asks every few steps."""
        return self.at is not None and monotonic() > self.at


def _watch_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        record.info[OPTION] = _Deadline()
        connection.set_progress_handler(record.info[OPTION].is_over, _STEPS)

    @event.listens_for(engine, "before_cursor_execute")
    def start(connection: Connection, *_statement: Any) -> None:
        seconds = _seconds_for(connection)
        connection.info[OPTION].at = monotonic() + seconds if seconds else None

    # A transaction that is complete must not fail at its end because its statements took long.
    @event.listens_for(engine, "commit")
    @event.listens_for(engine, "rollback")
    def stop(connection: Connection) -> None:
        connection.info[OPTION].at = None


def _limit_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET statement_timeout = '{READING}s'")
        connection.execute(f"SET lock_timeout = '{LOCKED}s'")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        seconds = _seconds_for(connection)
        if seconds == READING:
            return
        limits = {"statement_timeout": f"{seconds}s"}
        if connection.get_execution_options().get("writes"):
            # A process that hangs between two statements must not keep what it has locked.
            limits["idle_in_transaction_session_timeout"] = f"{IDLE}s"
        wait = connection.get_execution_options().get(LOCK_WAIT)
        if wait is not None:
            limits["lock_timeout"] = f"{wait}ms"
        calls = (f"set_config('{name}', '{value}', true)" for name, value in limits.items())
        connection.exec_driver_sql(f"SELECT {', '.join(calls)}")  # one way to the server
