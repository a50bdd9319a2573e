"""A request in the making: everything still apart, so that a mutation can reach each part."""

from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import quote_from_bytes

#: Filled in when a request is sent, since they differ from run to run.
TOKEN = b"~token~"
SESSION = b"~session~"

Pairs = list[tuple[bytes, bytes]]
BOUNDARY = b"----zqxboundary"
FILE = b"%PDF-1.4\n"  # how the file begins that is sent
FORM = b"application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One finished request: *who* is the user name whose session it carries, "" for nobody's."""

    index: int
    who: str
    method: str
    target: bytes
    headers: tuple[tuple[str, bytes], ...]
    body: bytes
    made: tuple[str, ...]

    @property
    def safe(self) -> bool:
        """Whether it must change nothing."""
        return self.method in ("GET", "HEAD", "OPTIONS")

    def described(self) -> str:
        """Return it as a command that sends the same, long parts cut."""
        parts = [
            f"curl -X {_shown(self.method.encode())} {_shown(b'http://localhost:8000' + self.target)}"
        ]
        parts += [f"-H {_shown(name.encode() + b': ' + value)}" for name, value in self.headers]
        if self.body:
            parts.append(f"--data-binary {_shown(self.body)}")
        return " ".join(parts) + f"  # {self.who or 'nobody'}, {', '.join(self.made) or 'plain'}"


def _shown(text: bytes) -> str:
    cut = text if len(text) <= 600 else text[:400] + b"...(%d bytes)..." % len(text) + text[-100:]
    return "$" + repr(cut)[1:]


@dataclass(slots=True)
class Draft:
    """A request in parts. *body* is what is sent instead of *form*, where a mutation decided so."""

    who: str
    method: str
    path: bytes
    query: Pairs = field(default_factory=list)
    form: Pairs = field(default_factory=list)
    headers: dict[str, bytes] = field(default_factory=dict)
    encoding: str = "form"
    body: bytes | None = None
    made: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Remember what was done to it."""
        self.made.append(text)

    def finished(self, index: int, rng: Random) -> Hostile:
        """Return the request, encoded."""
        headers = {"Host": b"localhost", **self.headers}
        if self.who:
            headers.setdefault("Cookie", b"sid=" + SESSION)
        body = self.body
        if body is None and self.method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            body, kind = _encoded(self.form, self.encoding)
            headers.setdefault("Content-Type", kind)
        target = self.path + (b"?" + urlencoded(self.query) if self.query else b"")
        made = tuple(self.made)
        done = Hostile(
            index, self.who, self.method, target, tuple(headers.items()), body or b"", made
        )
        return replace(done, target=_raw(rng, done.target)) if "raw query" in made else done


def urlencoded(pairs: Pairs) -> bytes:
    """Return *pairs* as a query or a form."""
    return b"&".join(_quoted(name) + b"=" + _quoted(value) for name, value in pairs)


def _quoted(text: bytes) -> bytes:
    return text if text in (TOKEN, b"") else quote_from_bytes(text, safe="").encode()


def _raw(rng: Random, target: bytes) -> bytes:
    """Return *target* with bytes in it that should have been encoded."""
    at = rng.randrange(1, len(target) + 1)
    return (
        target[:at]
        + rng.choice((b"\xff", b"'", b"\xe4\xb8\xad", b"%", b"%f", b"<", b"\\", b"`", b"{"))
        + target[at:]
    )


def _encoded(form: Pairs, encoding: str) -> tuple[bytes, bytes]:
    if encoding == "multipart":
        parts = [
            _part(
                b'name="'
                + name.replace(b'"', b"%22")
                + (b'"; filename="a.pdf"' if value.startswith(FILE) else b'"'),
                value,
            )
            for name, value in form
        ]
        return b"".join(
            parts
        ) + b"--" + BOUNDARY + b"--\r\n", b"multipart/form-data; boundary=" + BOUNDARY
    return urlencoded(form), FORM


def _part(disposition: bytes, value: bytes) -> bytes:
    return (
        b"--"
        + BOUNDARY
        + b"\r\nContent-Disposition: form-data; "
        + disposition
        + b"\r\n\r\n"
        + value
        + b"\r\n"
    )
