"""Sending codes to phones: to a gateway over https, or as files into a folder where there is none."""

import hmac
import json
import ssl
import time
from dataclasses import asdict, dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from app.core import outbox
from app.core.config import Settings

TIMEOUT = 10  # seconds
TIMESTAMP = "X-Sms-Timestamp"
SIGNATURE = "X-Sms-Signature"


@dataclass(frozen=True, slots=True, repr=False)
class Sms:
    """A message with a code; *at* is when the code was made, so that every try sends the same."""

    to: str
    text: str
    code: str
    purpose: str
    at: str

    @property
    def body(self) -> bytes:
        """The message as JSON, what a signature covers."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()


class GatewayError(OSError):
    """The gateway has not taken the message."""


class Gateway(Protocol):
    """Whatever delivers a message; raises OSError or HTTPException when it cannot now."""

    def send(self, message: Sms) -> None:
        """Deliver *message*."""


class SmsFolder:
    """Writes one ``.json`` per message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: Sms) -> None:
        """Write the message."""
        outbox.write(self.folder, "json", message.body)


class HttpGateway:
    """Posts messages to an address, signed; what it answers beyond its status is not read.

    Redirects are not followed: they would carry the code to whoever they name.
    """

    def __init__(self, url: str, secret: str) -> None:
        self.url = urlsplit(url)
        self.secret = secret

    def send(self, message: Sms) -> None:
        """Post the message; raise GatewayError unless the answer is 2xx."""
        body, timestamp = message.body, str(int(time.time()))
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.secret:
            headers[TIMESTAMP] = timestamp
            headers[SIGNATURE] = signature_of(self.secret, timestamp, body)
        path = (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")
        connection = self._connection()
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        if not 200 <= status < 300:  # noqa: PLR2004
            raise GatewayError(status)

    def _connection(self) -> HTTPConnection:
        host, port = self.url.hostname or "localhost", self.url.port
        if self.url.scheme == "http":  # the settings allow it in development only, to this machine
            return HTTPConnection(host, port, timeout=TIMEOUT)
        return HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """Return HMAC-SHA256 of the timestamp, a point and the body, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def gateway_for(settings: Settings) -> Gateway | None:
    """Return what the setting ``SMS_URL`` asks for; None where nothing is sent."""
    url = settings.sms_url
    if not url:
        return None
    if url.startswith("file:"):
        return SmsFolder(Path(url.removeprefix("file:")))
    return HttpGateway(url, settings.sms_secret)
