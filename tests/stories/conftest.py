"""A served house and a real browser. Whatever the browser complains about fails the test."""

import re
from collections.abc import Callable, Iterator
from threading import Condition, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.browser import open_browser
from tests.conftest import House, house_on
from tests.visitor import Visitor

DESK = {"width": 1440, "height": 900}
#: Run before the scripts of each page: the console hears what the policy refused.
WATCH = """addEventListener("securitypolicyviolation",
  (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));"""


class Silent(WSGIRequestHandler):
    """Serves without a line per request."""

    def log_request(self, *_arguments: Any) -> None:
        """Say nothing."""


class Server:
    """The application behind a port of this machine, one thread per request."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.busy = 0
        self.quiet = Condition()
        self.web: BaseWSGIServer = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=Silent
        )
        self.url = f"http://127.0.0.1:{self.web.server_port}"
        Thread(target=self.web.serve_forever, daemon=True).start()

    def _answer(self, environ: Any, start: Any) -> Iterator[bytes]:
        with self.quiet:
            self.busy += 1
        try:
            yield from self.app.wsgi_app(environ, start)
        finally:
            with self.quiet:
                self.busy -= 1
                self.quiet.notify_all()

    def wait(self) -> None:
        """Wait until nobody is being served, so that the tables can be emptied."""
        with self.quiet:
            assert self.quiet.wait_for(lambda: not self.busy, timeout=30)


SERVERS: dict[int, Server] = {}


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The application on SQLite; a story that names another database gets that one."""
    return house_on(getattr(request, "param", "sqlite"), tmp_path_factory)


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """The application, served."""
    found = SERVERS.setdefault(id(app), SERVERS.get(id(app)) or Server(app))
    yield found
    found.wait()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all stories of this process."""
    with open_browser() as browser:
        yield browser


class Watch:
    """Listens to a page; *complaints* are what no page of ours may cause."""

    def __init__(self, page: Any, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.complaints: list[str] = []
        self.requests: list[Any] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message: Any) -> None:
        # the answer itself is judged below: a refused form is 422, and the browser says so here
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        foreign = parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host
        if foreign or parts.path.startswith("/admin/static/"):
            self.complaints.append(f"request: {request.url}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a download, or a page that was left
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _response(self, response: Any) -> None:
        wanted = response.request.resource_type in ("document", "fetch")
        if response.status >= (500 if wanted else 400):
            self.complaints.append(f"{response.status}: {response.url}")


Open = Callable[..., Any]


@pytest.fixture
def open_page(chromium: Any, server: Server) -> Iterator[Open]:
    """Open a page in a fresh browser: ``open_page("clerk")`` is signed in, ``open_page()`` is not.

    The page knows its ``watch``. Anything it complains about fails the test at its end.
    """
    opened: list[Any] = []

    def start(username: str = "", **options: Any) -> Any:
        first = {"locale": "zh-CN", "viewport": DESK, "timezone_id": "Asia/Shanghai"}
        context = chromium.new_context(base_url=server.url, **{**first, **options})
        opened.append(context)
        context.set_default_timeout(10_000)
        if options.get("java_script_enabled", True):
            context.add_init_script(WATCH)
        if username:
            context.add_cookies([cookie_of(server, username)])
        page = context.new_page()
        page.watch = Watch(page, server.url)
        return page

    yield start
    complaints = [text for context in opened for page in context.pages for text in heard(page)]
    for context in opened:
        context.close()
    assert complaints == []


def heard(page: Any) -> list[str]:
    """Return what *page* complained about; pages that it opened itself are not listened to."""
    watch = getattr(page, "watch", None)
    return watch.complaints if watch else []


@pytest.fixture
def page(open_page: Open) -> Any:
    """A page of somebody who is not signed in yet."""
    return open_page()


def cookie_of(server: Server, username: str) -> dict[str, str]:
    """Return the cookie of a session of *username*, begun without typing the password."""
    visitor = Visitor(server.app, username)
    sid = visitor.browser.get_cookie("sid")
    assert sid is not None
    return {"name": "sid", "value": sid.value, "url": server.url}


def id_in(url: str) -> int:
    """Return the record that a page's address names."""
    found = re.search(r"[?&]id=(\d+)", url)
    assert found, url
    return int(found.group(1))
