"""A file outside the database that remembers how far a chain of entries goes.

It is replaced by a rename, so that it is always whole, and synced before, so that not even a power
cut leaves an empty one. That it may then be an older one does no harm: the chain goes on from it.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep

from app.core import clock

PATIENCE = 2.0  # seconds for others to let go of the file
_MOMENT = 0.005  # seconds between two tries

_LONGEST = 100  # bytes; whatever is longer is no head
_HEAD = re.compile(rb"([0-9]{1,18}) ([0-9a-f]{64})\s*")


class HeadUnreadable(Exception):
    """The file holds something else than a head."""


class HeadFile:
    """The head in the file *path*, for one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[int, str] | None:
        """Return id and digest; None if there is no file. Raises HeadUnreadable, OSError."""
        try:
            with self.path.open("rb") as file:
                content = file.read(_LONGEST + 1)
        except FileNotFoundError:
            return None
        found = _HEAD.fullmatch(content)
        if found is None or len(content) > _LONGEST:
            raise HeadUnreadable
        return int(found[1]), found[2].decode("ascii")

    def write(self, number: int, digest: str) -> None:
        """Replace the file in one step, readable by its owner only; call it under the lock."""
        draft = self.path.with_name(f".{self.path.name}.{token_hex(4)}.new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                self._give(descriptor)
                file.write(f"{number} {digest}\n")
                file.flush()
                os.fdatasync(file.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)

    def set_aside(self) -> Path | None:
        """Keep the file under a name of its own, and return that; call it under the lock."""
        if not self.path.exists():
            return None
        stamp = f"{clock.to_local(clock.now()):%Y%m%d-%H%M%S-%f}"
        kept = self.path.with_name(f"{self.path.name}.until-{stamp}")
        self.path.replace(kept)
        return kept

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file against all other processes and threads; raise TimeoutError if it is held for long."""
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        lock = self.path.with_name(f".{self.path.name}.lock")
        give_up = monotonic() + PATIENCE
        with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
            self._give(file.fileno())
            while not _is_held(file.fileno()):
                if monotonic() > give_up:
                    raise TimeoutError
                sleep(_MOMENT)
            yield

    def _give(self, descriptor: int) -> None:
        """Let the file belong to whom the folder belongs: root at the command line must lock nobody out."""
        folder, file = self.path.parent.stat(), os.fstat(descriptor)
        if (folder.st_uid, folder.st_gid) != (file.st_uid, file.st_gid):
            with suppress(PermissionError):
                os.fchown(descriptor, folder.st_uid, folder.st_gid)


def _is_held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
