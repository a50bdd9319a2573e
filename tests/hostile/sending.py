"""Sending a request to the house in this process, as gunicorn would hand it over, byte for byte."""

import io
import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from app.web.logs import JsonLines
from tests.hostile.draft import SESSION, TOKEN, Hostile


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and what was logged meanwhile."""

    status: int
    headers: Headers
    body: bytes
    seconds: float
    log: tuple[str, ...]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def is_page(self) -> bool:
        """Whether a browser would show it as HTML."""
        return "html" in self.headers.get("Content-Type", "")


@dataclass(frozen=True, slots=True)
class Badge:
    """What shows who somebody is: the session's cookie and its CSRF token."""

    session: bytes = b""
    token: bytes = b""

    def put_on(self, text: bytes) -> bytes:
        """Return *text* with the secrets of this run filled in."""
        return text.replace(SESSION, self.session).replace(TOKEN, self.token)


class Listener(logging.Handler):
    """Keeps what is logged, as the lines that would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.formatter = JsonLines()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(self.format(record))

    def taken(self) -> tuple[str, ...]:
        """Return the lines since the last time."""
        lines, self.lines = tuple(self.lines), []
        return lines


class Sender:
    """Sends requests to *app*; while it is open, everything that is logged comes with the answers."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.listener = Listener()

    def __enter__(self) -> "Sender":
        logging.getLogger().addHandler(self.listener)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self.listener)

    def send(self, request: Hostile, badges: Mapping[str, Badge]) -> Answer:
        """Return the answer to *request*, sent with the badge of whom it belongs to."""
        badge = badges.get(request.who, badges[""])
        environ = environ_of(request, badge)
        self.listener.taken()
        began = time.perf_counter()
        body, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        content = b"".join(body)
        seconds = time.perf_counter() - began
        return Answer(int(status.split()[0]), headers, content, seconds, self.listener.taken())


def environ_of(request: Hostile, badge: Badge) -> dict[str, Any]:
    """Return the WSGI environment of *request*."""
    target, body = badge.put_on(request.target), badge.put_on(request.body)
    path, _, query = target.partition(b"?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": target.decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "gunicorn",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "40000",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,  # as gunicorn says it
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = badge.put_on(value).decode("latin-1")
    return environ
