"""Keys that development makes for itself, once, in files that only their owner can read."""

import base64
import fcntl
import os
import secrets
from collections.abc import Callable
from pathlib import Path

KEY_BYTES = 32


def secret_key(instance: Path) -> str:
    """Return the key that signs cookies."""
    return _kept(instance / "secret_key", lambda: secrets.token_urlsafe(48))


def data_key(instance: Path) -> str:
    """Return the Fernet key that encrypts secrets at rest."""
    return _kept(
        instance / "data_key",
        lambda: base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
    )


def audit_key(instance: Path) -> str:
    """Return the HMAC key of the audit chain, in hexadecimal."""
    return _kept(instance / "audit_key", lambda: secrets.token_hex(KEY_BYTES))


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Return the text of *path*, written with *make* unless it exists.

    Two processes that start together agree: a lock lets one of them write, and a rename shows the
    file only when it is complete.
    """
    if text := _read(path):
        return text
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (path.parent / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if text := _read(path):
            return text
        text, draft = make(), path.with_name(f".{path.name}.new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
