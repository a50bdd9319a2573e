"""Secrets that are handed out once, and the box that keeps others encrypted at rest."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from hmac import new as hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

TOKEN_BYTES = 32  # 256 bits: neither guessed nor met twice
MAX_TOKEN = 128  # characters; whatever is longer is none of ours


def new_token() -> str:
    """Return a random token that is safe in addresses and cookies."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """Return what the database keeps of *token*: enough to find it again, useless to a thief."""
    return sha256(token[: MAX_TOKEN + 1].encode("utf-8", "surrogatepass")).hexdigest()


class Box:
    """Encrypts with the newest key, opens with all of them, so that keys can be changed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._newest = Fernet(keys[0])
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._name_key = sha256(f"names:{keys[-1]}".encode()).digest()

    def close(self, text: str) -> str:
        """Return *text* encrypted and authenticated."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str, *, max_age: int | None = None) -> str | None:
        """Return the text inside *sealed*; None if not ours, changed, or older than *max_age*."""
        try:
            return self._fernet.decrypt(sealed.encode(), ttl=max_age).decode()
        except (InvalidToken, UnicodeError):
            return None

    def close_for(self, purpose: str, text: str) -> str:
        """Return *text* as a cookie may carry it: whoever moves it to another cookie has nothing."""
        return self.close(f"{purpose}:{text}")

    def open_for(self, purpose: str, sealed: str, *, max_age: int | None = None) -> str | None:
        """Return the text that was closed for *purpose*; None for anything else."""
        text = self.open(sealed, max_age=max_age) or ""
        is_ours = text.startswith(f"{purpose}:")
        return text.removeprefix(f"{purpose}:") if is_ours else None

    def renewed(self, sealed: str) -> str | None:
        """Return *sealed* closed with the newest key; None if it is already, or cannot be opened."""
        try:
            self._newest.decrypt(sealed.encode())
        except (InvalidToken, UnicodeError):
            text = self.open(sealed)
            return None if text is None else self.close(text)
        return None

    def name(self, text: str) -> str:
        """Return a keyed digest of *text*: equal for equal texts, unreadable to others."""
        return hmac(self._name_key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


class _Keeper:
    """Where the one box of this process stands."""

    box: Box | None = None


def use_keys(keys: Sequence[str]) -> None:
    """Make the box of this process from the setting ``DATA_KEYS``."""
    _Keeper.box = Box(keys)


def box() -> Box:
    """Return the box of this process."""
    if _Keeper.box is None:
        raise RuntimeError("DATA_KEYS are not in use yet")
    return _Keeper.box
