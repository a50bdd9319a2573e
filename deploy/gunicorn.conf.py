"""How gunicorn serves us, in development and in production alike."""

import errno
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers import gthread

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.core.config import ConfigError, load_settings  # noqa: E402  (after the path is set)
from app.web.logs import lines_for  # noqa: E402

# Others need the thread: we wait for one request, and for its answer to be taken, so long and no longer.
PATIENCE = 10  # seconds in all, silence and dripping counted together
PACE = 50_000  # bytes that earn one second more
LEAVING = 2  # seconds in which /readyz says no already while everybody is still served


class JsonLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """What gunicorn itself has to say, written like all others."""

    def _set_handler(self, log: Any, output: Any, fmt: Any, stream: Any = None) -> None:
        super()._set_handler(log, output, lines_for(settings), stream)

    def exception(self, msg: str, *arguments: Any, **named: Any) -> None:
        """Log an error; that somebody stopped speaking or listening is none."""
        if isinstance(sys.exc_info()[1], BlockingIOError):
            self.debug("hung up on somebody who was too slow")
        else:
            super().exception(msg, *arguments, **named)


class SteadySocket(socket.socket):
    """A connection that ends when the other side takes too long to speak, or to listen."""

    def begin(self) -> None:
        """Be patient anew, for the next request."""
        self.left = {socket.SO_RCVTIMEO: float(PATIENCE), socket.SO_SNDTIMEO: float(PATIENCE)}

    @property
    def is_over(self) -> bool:
        """Tell whether patience came to an end."""
        return min(self.left.values()) <= 0

    def recv(self, *arguments: Any) -> bytes:
        """Return what came; raise BlockingIOError if it came too slowly."""
        return self._in_time(socket.SO_RCVTIMEO, lambda: super(SteadySocket, self).recv(*arguments))

    def sendall(self, data: Any, *_flags: int) -> None:
        """Send *data*; raise BlockingIOError if it is taken too slowly."""
        rest = memoryview(data)
        while rest:
            sent = self._in_time(socket.SO_SNDTIMEO, lambda some=rest[:PACE]: self.send(some))
            rest = rest[sent:]

    def _in_time(self, side: int, act: Callable[[], Any]) -> Any:
        """Do *act* within what is left of our patience; what was moved by it earns some more."""
        if self.left[side] <= 0:
            raise BlockingIOError(errno.EAGAIN, "too slow")
        wait = self.left[side]
        self.setsockopt(socket.SOL_SOCKET, side, struct.pack("ll", int(wait), int(wait % 1 * 1e6)))
        began = time.monotonic()
        try:
            moved = act()
        except OSError:
            self.left[side] -= time.monotonic() - began
            raise
        size = moved if isinstance(moved, int) else len(moved)
        self.left[side] += size / PACE - (time.monotonic() - began)
        return moved


class SteadyConn(gthread.TConn):  # type: ignore[misc]  # gunicorn ships no types
    """A connection on such a socket."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        steady = SteadySocket(fileno=sock.detach())
        steady.begin()
        super().__init__(cfg, steady, client, server)

    def init(self) -> None:
        """Begin with a request, the first one or the next."""
        self.sock.begin()
        super().init()


try:
    settings = load_settings(warn=False)
except ConfigError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(3)

chdir = str(ROOT)
bind = f"127.0.0.1:{settings.port}"
workers = settings.web_workers
worker_class = "gthread"
threads = 4  # per worker: a slow download or a waiting lock must not stop the others

preload_app = True  # one import for all workers: a quick start, and shared memory
control_socket_disable = True  # it would open a socket in the home folder

timeout = 60  # seconds until a silent worker is replaced
graceful_timeout = 25  # seconds a request may still take after SIGTERM: with LEAVING below 30
keepalive = 5  # seconds
sendfile = False  # it would wait for a listener without end
max_requests = 20_000  # then a worker is replaced, so that no leak can grow
max_requests_jitter = 2_000

limit_request_line = 8_190  # bytes; list addresses carry their filters
accesslog = None  # the application logs requests itself
errorlog = "-"
loglevel = settings.log_level.lower()
logger_class = JsonLog


def on_starting(server: Any) -> None:
    """Let SIGTERM first send new requests elsewhere, by /readyz; only then close the door."""

    def leave() -> None:
        server.app.wsgi().extensions["leaving"].announce()
        time.sleep(LEAVING)
        raise StopIteration  # what gunicorn's own handler does

    server.handle_term = leave


def post_fork(server: Any, _worker: Any) -> None:
    """Let no two processes share a database connection that was opened before the fork."""
    from app.core.db import db  # noqa: PLC0415  (only workers need it)

    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)


def post_worker_init(worker: Any) -> None:
    """Let no slow sender or listener keep a thread, and a worker that only finishes what it has close its door.

    Nobody shall wait before either in vain.
    """
    accept, handle = worker.set_accept_enabled, worker.handle
    gthread.TConn = SteadyConn

    def handle_and_close(conn: Any) -> Any:
        """Answer a request; say good-bye here, as the worker would let nobody in meanwhile."""
        goes_on = handle(conn)
        if not goes_on:
            conn.close(graceful=not conn.sock.is_over)
        return goes_on

    def accept_or_close(*arguments: Any) -> None:
        accept(*arguments)
        if not worker.alive:
            for listener in worker.sockets:
                listener.close()

    worker.set_accept_enabled = accept_or_close
    worker.handle = handle_and_close
