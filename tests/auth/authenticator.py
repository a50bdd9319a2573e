"""A software authenticator: makes passkeys and signs with them, honestly or as a test wants it."""

import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import func, select, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.device_session import DeviceSession
from app.models.login_log import LoginLog
from app.models.passkey import Passkey
from app.models.user import User
from tests.auth.factors import user_named
from tests.visitor import Visitor, forget

ORIGIN, HOST = "http://localhost:8000", "localhost"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def encoded(raw: bytes) -> str:
    """Return *raw* as base64url."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return what base64url *text* holds."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one key pair. What is not true of a real one is named when it answers."""

    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""
    count: int = 0
    counts: bool = True

    def cose(self) -> bytes:
        """Return the public key as authenticators write it."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def create(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """Answer to ``navigator.credentials.create``."""
        self.handle = decoded(options["user"]["id"])
        told = client_data("webauthn.create", options["challenge"], lies)
        key = bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.cose()
        data = self.data(lies, WITH_KEY) + key
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        parts = {"clientDataJSON": told, "attestationObject": attestation}
        return self.credential(parts, transports=["internal", "hybrid", 7])

    def sign(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """Answer to ``navigator.credentials.get``."""
        told = client_data("webauthn.get", options["challenge"], lies)
        self.count += self.counts
        data = self.data(lies)
        signature = self.key.sign(data + sha256(told).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": told, "authenticatorData": data, "signature": signature}
        parts["userHandle"] = lies.get("handle", self.handle)
        return self.credential(parts)

    def data(self, lies: dict[str, Any], more: int = 0) -> bytes:
        """Return the authenticator data."""
        flags = lies.get("flags", PRESENT | VERIFIED) | more
        host = sha256(lies.get("host", HOST).encode()).digest()
        return host + struct.pack(">BI", flags, lies.get("count", self.count))

    def credential(self, parts: dict[str, bytes], **more: Any) -> dict[str, Any]:
        """Return the answer as a script sends it."""
        response = {name: encoded(raw) for name, raw in parts.items() if raw} | more
        number = encoded(self.id)
        return {"id": number, "rawId": number, "type": "public-key", "response": response}


def client_data(kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
    """Return what the browser adds: what was asked, and by which page."""
    told = {"type": kind, "challenge": challenge, "origin": ORIGIN, "crossOrigin": False}
    return json.dumps(told | lies.get("told", {})).encode()


def send(browser: Visitor, path: str, sent: Any, **options: Any) -> Any:
    """Send JSON the way our script does."""
    forget()
    headers = {"X-CSRFToken": browser.token, **options.pop("headers", {})}
    body = json.dumps(sent)  # in ASCII: it may hold what no text holds
    return browser.browser.post(
        path, data=body, headers=headers, content_type="application/json", **options
    )


def asked(browser: Visitor, sent: Any = None) -> dict[str, Any]:
    """Return what the browser is to ask an authenticator for at the door."""
    answer = send(browser, "/login/passkey/begin", sent or {})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def come_in(browser: Visitor, credential: Any, **sent: Any) -> Any:
    """Send what an authenticator signed."""
    return send(browser, "/login/passkey/finish", {"credential": credential, **sent})


def with_passkey(username: str, **options: Any) -> Authenticator:
    """Give somebody a passkey, as if added long ago, and return its authenticator."""
    number = user_named(username).id
    made = Authenticator(handle=handle_of(number), **options)
    with work_for(SYSTEM) as work:
        work.session.add(
            Passkey(
                user_id=number,
                digest=sha256(made.id).hexdigest(),
                credential_id=encoded(made.id),
                public_key=encoded(made.cose()),
                sign_count=made.count,
                name="测试",
                created_at=clock.now(),
            )
        )
    return made


def handle_of(user_id: int) -> bytes:
    """Return what authenticators call the user."""
    return sha256(f"passkey:{user_id}".encode()).digest()


REFUSED = {"error": "通行密钥验证失败，请重试。"}


def sessions() -> int:
    """Return how many sessions there are."""
    forget()
    return db.session.scalar(select(func.count(DeviceSession.id))) or 0


def results() -> list[str]:
    """Return how the tries to sign in ended, the oldest first."""
    forget()
    found = db.session.scalars(select(LoginLog.result).order_by(LoginLog.id))
    return [one.value for one in found]


def refused(answer: Any) -> None:
    """Whatever is wrong reads the same, and opens nothing."""
    assert (answer.status_code, answer.get_json()) == (400, REFUSED)
    assert sessions() == 0


def change(username: str, **values: Any) -> None:
    """Change columns of a user."""
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).where(User.username == username).values(**values))
