"""Keeping passwords: argon2id hashes, judged in equal time and in bounded memory.

Parameters: OWASP Password Storage Cheat Sheet, 19 MiB, two passes, one lane; the semaphore bounds
how many times 19 MiB there are. What a *good* password is stands in app/domain/password_rules.py.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.errors import Unavailable
from app.core.invalid import InvalidValue
from app.core.words import N_

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
MAX_LENGTH = 128  #: characters after normalising
_MAX_RAW = 4 * MAX_LENGTH  # one composed letter may arrive as up to four code points
AT_ONCE = 4  #: hashes running in this process at the same time
WAIT_SECONDS = 10.0

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
_slots = BoundedSemaphore(AT_ONCE)

#: Letters and digits that nobody confuses when copying from paper: no I l 1 O o 0.
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"
_GROUPS, _GROUP_LENGTH = 4, 4


def normalised(password: str) -> str:
    """Return *password* as it is hashed: NFKC, once. Blanks and case count.

    Raises InvalidValue above 128 characters, cheaply: nothing so long is ever normalised or hashed.
    """
    if len(password) <= _MAX_RAW:
        text = normalize("NFKC", password)
        if len(text) <= MAX_LENGTH:
            return text
    raise InvalidValue(N_("密码最多 %(count)s 位。"), count=MAX_LENGTH)


def make_hash(password: str) -> str:
    """Return the argon2id hash of *password*; raises InvalidValue if it is too long."""
    text = _encoded(normalised(password))
    with _slot():
        return _hasher.hash(text)


def match(stored: str | None, password: str) -> bool:
    """Tell whether *password* belongs to the hash *stored*.

    Without a hash – an unknown user – a dummy is verified, so that the answer takes the same time.
    """
    try:
        text = _encoded(normalised(password))
    except InvalidValue:
        return False  # for known and unknown users alike, so no time tells them apart
    with _slot():
        return _verified(stored or _dummy(), text) and stored is not None


def used_before(password: str, hashes: Iterable[str]) -> bool:
    """Tell whether *password* belongs to one of *hashes*, such as the last five."""
    return any(match(stored, password) for stored in hashes)


def needs_rehash(stored: str) -> bool:
    """Tell whether *stored* was made with weaker parameters than today's; renew it at login."""
    try:
        return _hasher.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def one_time_password(avoid: str = "") -> str:
    """Return a random password such as ``Kp7x-m4Rt-9wQz-Hc3v``, good for both profiles.

    Sixteen characters from 56, about 92 bits, with a letter, a digit and a special character. No
    three characters of it stand together in *avoid* (the user name).
    """
    fragments = {avoid.casefold()[i : i + 3] for i in range(len(avoid) - 2)}
    while True:
        groups = [
            "".join(secrets.choice(_LETTERS + _DIGITS) for _ in range(_GROUP_LENGTH))
            for _ in range(_GROUPS)
        ]
        password = "-".join(groups)
        kinds = any(c in _DIGITS for c in password) and any(c in _LETTERS for c in password)
        if kinds and not any(part in password.casefold() for part in fragments):
            return password


@contextmanager
def _slot() -> Iterator[None]:
    """Hold one of the few places for hashing; waits, then raises Unavailable (503)."""
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise Unavailable
    try:
        yield
    finally:
        _slots.release()


def _encoded(text: str) -> bytes:
    """Return UTF-8; a lone surrogate from a hostile client is bytes like any other."""
    return text.encode("utf-8", "surrogatepass")


def _verified(stored: str, text: bytes) -> bool:
    try:
        return _hasher.verify(stored, text)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _dummy() -> str:
    return _hasher.hash(secrets.token_bytes(16))


_dummy()  # made now: the first unknown user must not take twice as long
