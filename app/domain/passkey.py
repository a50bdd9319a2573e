"""Passkeys: what a browser may send about one, how long a challenge is good, and what people are told."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from app.core.words import N_
from app.domain.folding import tidy

MOST = 10  # passkeys of one person
MAX_NAME = 60
PATIENCE = timedelta(minutes=5)  # between asking for a challenge and sending it back signed
MAX_BODY = 64 * 1024  # bytes; the largest of real answers have a tenth of it
MAX_ID = 1023  # bytes of a credential id, as the standard has it
MAX_KEY = 1024  # bytes of a public key; RSA of 4096 bits takes half

ENROL: Final = "enrol"
LOGIN: Final = "login"
FACTOR: Final = "factor"

#: One answer to whatever is wrong: unknown, somebody else's, used before, forged.
REFUSED = N_("通行密钥验证失败，请重试。")
NOT_ADDED = N_("没有添加：通行密钥验证失败，请重试。")
TOO_MANY = N_("最多添加 %(n)s 个通行密钥，请先删除不用的。")
UNNAMED = N_("通行密钥")

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_TRANSPORTS = ("usb", "nfc", "ble", "internal", "cable", "hybrid")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authenticator answered, in the right types; nothing in it is verified yet.

    *challenge* is the one it claims to have signed; *user_handle* is None where it named nobody.
    """

    credential: Mapping[str, Any]
    credential_id: bytes
    challenge: str
    user_handle: bytes | None
    transports: str


def read_created(sent: object) -> Answer | None:
    """Return the answer to ``navigator.credentials.create``; None if it is none."""
    return _read(sent, "attestationObject")


def read_signed(sent: object) -> Answer | None:
    """Return the answer to ``navigator.credentials.get``; None if it is none."""
    return _read(sent, "authenticatorData", "signature")


def tidy_name(text: object) -> str:
    """Return what people call a passkey: one line, not too long; "" for what is no text."""
    return tidy(text[: MAX_NAME * 4])[:MAX_NAME].strip() if isinstance(text, str) else ""


def handle_of(user_id: int) -> bytes:
    """Return what authenticators call the user: the same for good, and nothing about the person.

    It has no key, for keys are changed one day and authenticators keep this for years.
    """
    return sha256(f"passkey:{user_id}".encode()).digest()


def _read(sent: object, *names: str) -> Answer | None:
    if not isinstance(sent, dict) or sent.get("type") != "public-key":
        return None
    inside = sent.get("response")
    if not isinstance(inside, dict):
        return None
    number = _bytes(sent.get("id"))
    texts = {name: inside.get(name) for name in ("clientDataJSON", *names)}
    if not number or len(number) > MAX_ID or sent.get("rawId") != sent["id"]:
        return None
    if not all(_bytes(text) for text in texts.values()):
        return None
    handle = _bytes(inside.get("userHandle"))
    if handle is None and inside.get("userHandle"):
        return None
    challenge = _challenge_in(_bytes(texts["clientDataJSON"]) or b"")
    if challenge is None:
        return None
    credential = {"id": sent["id"], "rawId": sent["id"], "type": "public-key", "response": texts}
    return Answer(credential, number, challenge, handle, _transports(inside.get("transports")))


def _bytes(text: object) -> bytes | None:
    """Return what *text* holds in base64url; None if it is no such text."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        return None
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _challenge_in(client_data: bytes) -> str | None:
    """Return the challenge that *client_data* names, None if it cannot be read."""
    try:
        said = json.loads(client_data)
    except (ValueError, RecursionError):
        return None
    challenge = said.get("challenge") if isinstance(said, dict) else None
    return challenge if isinstance(challenge, str) and _BASE64URL.fullmatch(challenge) else None


def _transports(named: object) -> str:
    known = named if isinstance(named, list) else []
    return ",".join(kind for kind in _TRANSPORTS if kind in known)
