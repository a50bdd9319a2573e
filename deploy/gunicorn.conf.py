"""How gunicorn serves us, in development and in production alike."""

import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.core.config import ConfigError, load_settings  # noqa: E402  (after the path is set)
from app.web.logs import lines_for  # noqa: E402

SILENCE = 10  # seconds in the middle of a request after which we hang up: others need the thread
LEAVING = 2  # seconds in which /readyz says no already while everybody is still served


class JsonLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """What gunicorn itself has to say, written like all others."""

    def _set_handler(self, log: Any, output: Any, fmt: Any, stream: Any = None) -> None:
        super()._set_handler(log, output, lines_for(settings), stream)

    def exception(self, msg: str, *arguments: Any, **named: Any) -> None:
        """Log an error; that somebody stopped speaking is none."""
        if isinstance(sys.exc_info()[1], BlockingIOError):
            self.debug("hung up on somebody who was silent for %s s", SILENCE)
        else:
            super().exception(msg, *arguments, **named)


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
    """Let no silent sender keep a thread, and a worker that only finishes what it has close its door.

    Nobody shall wait before either in vain.
    """
    accept, handle = worker.set_accept_enabled, worker.handle

    def handle_or_hang_up(conn: Any) -> Any:
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENCE, 0))
        return handle(conn)

    def accept_or_close(*arguments: Any) -> None:
        accept(*arguments)
        if not worker.alive:
            for listener in worker.sockets:
                listener.close()

    worker.set_accept_enabled = accept_or_close
    worker.handle = handle_or_hang_up
