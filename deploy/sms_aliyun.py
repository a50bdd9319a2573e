"""Takes the codes that the panel posts and sends them by Aliyun SMS (阿里云短信服务).

An example of a gateway, not a part of the panel: copy it to wherever it shall run, or write another
one like it. It needs Python alone. `docs/operations.md` says what is posted and how it is signed.

    SMS_SECRET=… ALIYUN_KEY_ID=… ALIYUN_KEY_SECRET=… ALIYUN_SIGN=苏州彩箱 ALIYUN_TEMPLATE=SMS_123456789 \
        python3 sms_aliyun.py

It listens on 127.0.0.1, port 8020 or PORT; a web server before it speaks https. The template at Aliyun
has one variable, ``${code}``; ALIYUN_TEMPLATE_RESET names another for resetting passwords.
"""

import base64
import hmac
import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, make_server

ENDPOINT = "https://dysmsapi.aliyuncs.com/"
TIMEOUT = 8  # seconds; the panel waits ten
SKEW = 300  # seconds that a request may be old
MAX_BODY = 4_096  # bytes
_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_CODE = re.compile(r"\d{4,8}", re.ASCII)
Start = Callable[[str, list[tuple[str, str]]], Any]
log = logging.getLogger("sms_aliyun")


class NotSent(Exception):
    """Aliyun has not taken the message; the text is its own word for why."""


class Aliyun:
    """Calls SendSms, signed as Aliyun's RPC interface asks for it."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.key_id = settings["ALIYUN_KEY_ID"]
        self.key_secret = settings["ALIYUN_KEY_SECRET"]
        self.sign = settings["ALIYUN_SIGN"]
        template = settings["ALIYUN_TEMPLATE"]
        self.templates = {"reset": settings.get("ALIYUN_TEMPLATE_RESET") or template}
        self.template = template
        self.endpoint = urlsplit(settings.get("ALIYUN_ENDPOINT") or ENDPOINT)

    def send(self, to: str, code: str, purpose: str) -> None:
        """Send *code* to the phone *to*; raises NotSent, OSError or HTTPException."""
        parameters = {
            "AccessKeyId": self.key_id,
            "Action": "SendSms",
            "Format": "JSON",
            "PhoneNumbers": to,
            "SignName": self.sign,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": uuid4().hex,
            "SignatureVersion": "1.0",
            "TemplateCode": self.templates.get(purpose, self.template),
            "TemplateParam": json.dumps({"code": code}),
            "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "Version": "2017-05-25",
        }
        parameters["Signature"] = signature_of("POST", parameters, self.key_secret)
        answer = self._posted(urlencode(parameters))
        if answer.get("Code") != "OK":
            raise NotSent(str(answer.get("Code"))[:100])

    def _posted(self, body: str) -> dict[str, Any]:
        kind = HTTPSConnection if self.endpoint.scheme == "https" else HTTPConnection
        door = kind(self.endpoint.hostname or "", self.endpoint.port, timeout=TIMEOUT)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            door.request("POST", self.endpoint.path or "/", body, headers)
            answer = json.loads(door.getresponse().read(65_536))
        except ValueError as error:
            raise NotSent("unreadable answer") from error
        finally:
            door.close()
        return answer if isinstance(answer, dict) else {}


def signature_of(method: str, parameters: Mapping[str, str], key_secret: str) -> str:
    """Return Aliyun's signature (version 1.0) of *parameters*."""
    pairs = "&".join(
        f"{_encoded(name)}={_encoded(parameters[name])}" for name in sorted(parameters)
    )
    text = f"{method}&{_encoded('/')}&{_encoded(pairs)}"
    made = hmac.new(f"{key_secret}&".encode(), text.encode(), "sha1").digest()
    return base64.b64encode(made).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="~")


class Door:
    """The WSGI application: lets in what the panel signed, each message once."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.secret = settings["SMS_SECRET"].encode()
        self.aliyun = Aliyun(settings)
        self.sent: dict[bytes, float] = {}  # digest of a message → when it was sent

    def __call__(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        """Answer 204 when the message is on its way; anything else makes the panel try again."""
        start(self._status(environ), [("Content-Length", "0")])
        return ()

    def _status(self, environ: Mapping[str, Any]) -> str:
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed"
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return "413 Content Too Large"
        body = environ["wsgi.input"].read(int(length))
        if not self._is_ours(environ, body):
            log.warning("a request was not signed by the panel")
            return "401 Unauthorized"
        message = _read(body)
        if message is None:
            return "422 Unprocessable Content"
        return self._passed_on(sha256(body).digest(), *message)

    def _passed_on(self, digest: bytes, to: str, code: str, purpose: str) -> str:
        """Send the message; one that is repeated, for its answer was lost, was sent already."""
        now = time.time()
        self.sent = {one: at for one, at in self.sent.items() if at > now - SKEW * 2}
        if digest in self.sent:
            return "204 No Content"
        try:
            self.aliyun.send(to, code, purpose)
        except (NotSent, OSError, HTTPException) as error:
            log.warning("not sent: %s %s", type(error).__name__, error)
            return "502 Bad Gateway"
        self.sent[digest] = now
        return "204 No Content"

    def _is_ours(self, environ: Mapping[str, Any], body: bytes) -> bool:
        timestamp = str(environ.get("HTTP_X_SMS_TIMESTAMP", ""))
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= len("1" * 12)):
            return False
        covered = timestamp.encode() + b"." + body
        expected = hmac.new(self.secret, covered, sha256).hexdigest().encode()
        given = str(environ.get("HTTP_X_SMS_SIGNATURE", "")).encode("utf-8", "replace")
        return hmac.compare_digest(expected, given) and abs(time.time() - int(timestamp)) <= SKEW


def _read(body: bytes) -> tuple[str, str, str] | None:
    """Return number, code and purpose of a message; None if it is none."""
    try:
        message = json.loads(body)
        to, code, purpose = (str(message[name]) for name in ("to", "code", "purpose"))
    except (ValueError, KeyError, TypeError):
        return None
    return (to, code, purpose) if _PHONE.fullmatch(to) and _CODE.fullmatch(code) else None


class _Quiet(WSGIRequestHandler):
    """Serves without a line per request."""

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


def main() -> int:
    """Serve until stopped; 1 where a setting is missing."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    try:
        door = Door(os.environ)
    except KeyError as error:
        log.error("%s is not set", error.args[0])  # noqa: TRY400 - the way here says nothing more
        return 1
    if not door.secret:
        log.error("SMS_SECRET is empty")
        return 1
    port = int(os.environ.get("PORT") or 8020)
    with make_server("127.0.0.1", port, door, handler_class=_Quiet) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
