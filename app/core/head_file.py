"""A file outside the database that remembers how far a chain of entries goes.

It is replaced by a rename, so that it is always whole, and synced before, so that not even a power
cut leaves an empty one. That it may then be an older one does no harm: the chain goes on from it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex


class HeadUnreadable(Exception):
    """The file holds something else than a head."""


class HeadFile:
    """The head in the file *path*, for one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[int, str] | None:
        """Return id and digest; None if there is no file. Raises HeadUnreadable, OSError."""
        try:
            words = self.path.read_text("ascii").split()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise HeadUnreadable from error
        if len(words) != 2 or not words[0].isdecimal():  # noqa: PLR2004 - id and digest
            raise HeadUnreadable
        return int(words[0]), words[1]

    def write(self, number: int, digest: str) -> None:
        """Replace the file in one step, readable by its owner only; call it under the lock."""
        draft = self.path.with_name(f".{self.path.name}.{token_hex(4)}.new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(f"{number} {digest}\n")
                file.flush()
                os.fdatasync(file.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)

    def set_aside(self) -> None:
        """Keep the file under another name: the database is about to be another one."""
        with self.locked():
            if self.path.exists():
                self.path.replace(self.path.with_name(f"{self.path.name}.before-restore"))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file against all other processes and threads."""
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        lock = self.path.with_name(f".{self.path.name}.lock")
        with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
