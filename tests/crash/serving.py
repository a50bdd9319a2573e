"""The house behind gunicorn, as in production: two workers, real sockets, real signals."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.conftest import House
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60  # seconds; a loaded machine is slow


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


class Served:
    """gunicorn with our configuration, around the database of *house*."""

    def __init__(self, house: House, root: Path) -> None:
        self.house, self.log = house, root / "gunicorn.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = house.app.extensions["settings"]
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("COV_", "PYTEST_"))},
            "PORT": str(self.port),
            "WEB_WORKERS": "2",
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
            "DATA_KEYS": ",".join(settings.data_keys),
            "AUDIT_KEY": settings.audit_key,
            "AUDIT_HEAD_FILE": settings.audit_head_file,
            "MAIL_URL": settings.mail_url,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start and wait until it is ready; return the seconds that took."""
        began = time.monotonic()
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self.is_ready():
            assert self.process.poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() - began < READY_WITHIN
            time.sleep(0.05)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        """Tell whether /readyz says yes."""
        try:
            return self.get("/readyz", timeout=2).status == 200
        except OSError:
            return False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the master alone."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End master and workers as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    # -- asking ---------------------------------------------------------------------------

    def get(self, path: str, cookie: str = "", timeout: float = 60) -> Answer:
        """Open *path*."""
        return self._ask("GET", path, None, cookie, timeout)

    def post(
        self, path: str, values: Mapping[str, str], cookie: str, timeout: float = 60
    ) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(values), cookie, timeout)

    def _ask(self, method: str, path: str, body: str | None, cookie: str, timeout: float) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Cookie": f"sid={cookie}", "Accept": "text/html"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody signed in, with the form of a new order before them."""

    cookie: str
    form: Mapping[str, str]

    def order(self, number: int | str) -> dict[str, str]:
        """Return the form filled in; every number is a form of its own."""
        line = {"description": f"彩盒 {number}", "quantity": "100", "unit_price": "1.5"}
        return {
            **self.form,
            **{f"lines-0-{name}": value for name, value in line.items()},
            "form_token": f"{number!s:0>32}",
            "customer_po": f"PO-{number}",
            "order_date": "2026-11-24",
        }


def desk_of(house: House, username: str, customer: int) -> Desk:
    """Sign somebody in at the database, so that the served house knows the cookie."""
    visitor = Visitor(house.app, username)
    form = {k: str(v or "") for k, v in visitor.form("/admin/order/new/").items()}
    form = {k: v for k, v in form.items() if not k.startswith("lines-")}
    form |= {"csrf_token": visitor.token, "customer": str(customer)}
    cookie = visitor.browser.get_cookie("sid")
    assert cookie is not None
    return Desk(cookie.value, form)


@contextmanager
def serving(house: House, root: Path) -> Iterator[Served]:
    """Serve *house* and stop it at the end, whatever happened."""
    served = Served(house, root)
    try:
        served.start()
        yield served
    finally:
        served.kill()
