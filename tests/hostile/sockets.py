"""What no client library sends: bytes on a socket that are hardly HTTP, or that lie about their length."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from tests.hostile.contract import Contract
from tests.hostile.draft import FORM, SESSION, TOKEN, Hostile
from tests.hostile.generator import requests
from tests.hostile.values import hostile

PATIENCE = 20.0  # seconds until an answer, or a closed door, must be there
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
START = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
LOGIN = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + FORM + b"\r\n"
FORMS = (
    b"POST /admin/customer/new/ HTTP/1.1\r\nHost: localhost\r\nCookie: sid="
    + SESSION
    + b"\r\nX-CSRFToken: "
    + TOKEN
    + b"\r\n"
)
PARTS = FORMS + b"Content-Type: multipart/form-data; boundary=x\r\n"
CHUNKED = FORMS + b"Content-Type: " + FORM + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nabc'


@dataclass(frozen=True, slots=True)
class Bytes:
    """What goes over one connection; *hang_up* ends our half of it after the last byte."""

    index: int
    sent: bytes
    pieces: int = 1
    hang_up: bool = True

    def described(self) -> str:
        """Return it as Python writes it, cut where it is long."""
        text = repr(self.sent)
        return f"message {self.index}: {text if len(text) < 1_500 else text[:1_000] + '…' + text[-300:]}"


LINES = (
    *(b"", b"\r\n" * 50, b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n"),
    *(b"GET /livez\r\n", b" GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/0.9\r\n\r\n"),
    *(b"GET / HTTP/2.0\r\n\r\n", b"GET / HTTP/1.1 x\r\n\r\n", b"GET / http/1.1\r\n\r\n"),
    *(b"GET / HTTP/1.10\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    *(b"get / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET\t/\tHTTP/1.1\r\n\r\n"),
    *(b"GET  /  HTTP/1.1\r\n\r\n", b"FROB / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    *(b"G\xc3\x89T / HTTP/1.1\r\n\r\n", b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n"),
    *(b"A" * 100_000, b"GET / HTTP/1.1\nHost: localhost\n\n", b"GET / HTTP/1.1\r\r\n\r\n"),
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://localhost/livez HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET //evil.example/.. HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET evil HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET ?x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET # HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n" + START + b"\r\n",
    b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
)
TARGETS = (
    *(b"/%", b"/%zz", b"/%e", b"/%ff%fe", b"/%00", b"/%0d%0aX-Zqx:%201", b"/\xff"),
    *(b"/admin/\xe4\xb8\xad", b"/admin/customer/?search=\xff", b"/admin/customer/?\x80=1"),
    *(b"/..%2f..%2fetc/passwd", b"/static/..%2f..%2fwsgi.py", b"/static//etc/passwd"),
    *(b"/static/%2e%2e/%2e%2e/wsgi.py", b"/static/\x01", b"/login?next=%0d%0aX-Zqx:1"),
    *(b"/admin/customer/details/?id=%ED%A0%80", b"/%ed%a0%80", b"/login#x", b"/a" * 4_000),
    *(b"/\\evil.example", b"/admin;x=1/"),
)
HEADERS = (
    *(b"X" * 9_000 + b": 1\r\n", b"X: " + b"y" * 70_000 + b"\r\n"),
    *(b"".join(b"X-%d: 1\r\n" % i for i in range(120)), b"X-A: 1\r\n B: folded\r\n"),
    *(b": x\r\n", b"nocolon\r\n", b"X Y: 1\r\n", b"X: a\0b\r\n", b"X: a\rb\r\n"),
    *(b"X-\xc3\xa9: 1\r\n", b"X_Forwarded_For: 1\r\n", b"Host: evil.example\r\n"),
    *(b"X:\r\n" * 90, b"Content-Length: 5\r\nContent-Length: 6\r\n"),
    *(b"Content-Length: 5, 5\r\n", b"Content-Length: +5\r\n", b"Content-Length: -5\r\n"),
    *(b"Content-Length: 5x\r\n", b"Content-Length: " + b"9" * 400 + b"\r\n"),
    *(b"Content-Length: \xc2\xb2\r\n", b"Content-Length: 0x10\r\n"),
    *(b"Expect: 100-continue\r\nContent-Length: 0\r\n", b"Expect: x\r\n"),
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    *(b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: xchunked\r\n"),
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    *(b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: \x0bchunked\r\n"),
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA\r\n",
    *(b"Connection: close, x\r\n", b"Connection: keep-alive\r\n"),
)
CHUNKS = (
    *(b"zz\r\nabc\r\n", b"-5\r\nabc\r\n", b"5\r\nabc", b"5\r\nabcdeXX0\r\n\r\n"),
    *(b"5\nabcde\n0\n\n", b"0x5\r\nabcde\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFFFF\r\nabc"),
    b"5;" + b"x" * 9_000 + b"\r\nabcde\r\n0\r\n\r\n",
    b"5\r\nname=\r\n3\r\nabc\r\n0\r\nX-Zqx: 1\r\n\r\n",
    *(b"5\r\nabcde\r\n0\r\nbad trailer\r\n\r\n", b"", b"\r\n", b"0\r\n"),
    *(b"5 \r\nabcde\r\n0\r\n\r\n", b"1_0\r\nabcde\r\n"),
    *(b"5\r\nname=\r\n" + b"1\r\na\r\n" * 3_000, b"\xc2\xb25\r\nabcde\r\n0\r\n\r\n"),
    b"5\r\nabcde",
)
BODIES = (
    LOGIN + b"Content-Length: 500\r\n\r\nusername=a",
    LOGIN + b"Content-Length: 5\r\n\r\nusername=abcdef&x=GET / HTTP/1.1\r\n\r\n",
    *(LOGIN + b"\r\nusername=a", PARTS + b"Content-Length: 500\r\n\r\n" + PART),
    PARTS + b"Content-Length: 99999999999\r\n\r\n" + PART,
    PARTS + b"Content-Length: 40\r\n\r\n" + PART + b"\r\n--x--\r\n",
    FORMS + b"Content-Type: " + FORM + b"\r\nContent-Length: 500\r\n\r\nname=abc",
    FORMS + b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    LOGIN
    + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin/ HTTP/1.1\r\nX: ",
)


def messages(seed: int, count: int, contract: Contract) -> Iterator[Bytes]:
    """Yield *count* messages: every bad one at least once while the count allows, then ever new mixtures."""
    rng = Random(seed)
    fixed = [
        *LINES,
        *(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n" for target in TARGETS),
        *(START + header + b"\r\n" for header in HEADERS),
        *(LOGIN + header + b"\r\nabcde" for header in HEADERS),
        *(CHUNKED + chunk for chunk in CHUNKS),
        *(PARTS + b"Transfer-Encoding: chunked\r\n\r\n" + chunk for chunk in CHUNKS),
        *BODIES,
    ]
    rng.shuffle(fixed)
    others = requests(seed, count, contract)
    for index in range(count):
        sent = fixed[index] if index < len(fixed) else _mixture(rng, fixed, next(others))
        yield Bytes(index, sent, rng.choice((1, 1, 1, 7)), rng.random() < 0.8)


def _mixture(rng: Random, fixed: list[bytes], request: Hostile) -> bytes:
    """Return a hostile request on the wire, bent once or twice more."""
    headers = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in request.headers)
    if request.body and "Content-Length" not in dict(request.headers):
        headers += b"Content-Length: %d\r\n" % len(request.body)
    whole = (
        request.method.encode()
        + b" "
        + request.target
        + b" HTTP/1.1\r\n"
        + headers
        + b"\r\n"
        + request.body[:200_000]
    )
    dice = rng.random()
    at = rng.randrange(len(whole))
    if dice < 0.3:
        return whole
    if dice < 0.5:
        return whole[:at]
    if dice < 0.7:
        return whole[:at] + hostile(rng)[:2_000] + whole[at:]
    if dice < 0.8:
        return whole + rng.choice(fixed)
    return whole.replace(b"\r\n\r\n", b"\r\n" + rng.choice(HEADERS) + b"\r\n", 1)


def exchange(port: int, message: Bytes) -> tuple[list[int], bytes]:
    """Send *message* and return the statuses that came back, and everything; none if the door was closed."""
    got = b""
    give_up = time.monotonic() + PATIENCE
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        with suppress(OSError):  # it may hang up before we have said everything
            size = max(1, len(message.sent) // message.pieces)
            for start in range(0, len(message.sent), size):
                line.sendall(message.sent[start : start + size])
            if message.hang_up:
                line.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            line.settimeout(0.3 if not message.hang_up else PATIENCE)
            while time.monotonic() < give_up and (piece := line.recv(65_536)):
                got += piece
    return [int(found) for found in STATUS.findall(got)], got
