"""A gateway for tests: a web server on this machine that keeps what it is sent."""

from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from flask import Flask

from app.core.config import Settings

SECRET = "gateway-secret"


class Gateway:
    """Answers with *answers* in turn, the last one for ever."""

    def __init__(self, server: ThreadingHTTPServer, scheme: str = "http") -> None:
        self.url = f"{scheme}://127.0.0.1:{server.server_port}/send?app=1"
        self.posts: list[tuple[str, Mapping[str, str], bytes]] = []
        self.answers = [200]
        self.reply = b""

    def settings_for(self, app: Flask) -> Settings:
        """Return the settings of *app* with this gateway."""
        kept: Settings = app.extensions["settings"]
        return kept.model_copy(update={"sms_url": self.url, "sms_secret": SECRET})


def served() -> tuple[ThreadingHTTPServer, Gateway]:
    """Return a server that does not serve yet, and what it keeps."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.posts.append((self.path, dict(self.headers), body))
            status = kept.answers.pop(0) if len(kept.answers) > 1 else kept.answers[0]
            self.send_response(status)
            if status == 302:
                self.send_header("Location", kept.url)
            self.send_header("Content-Length", str(len(kept.reply)))
            self.end_headers()
            self.wfile.write(kept.reply)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Gateway(server)
    return server, kept


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway that takes everything."""
    server, kept = served()
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()
