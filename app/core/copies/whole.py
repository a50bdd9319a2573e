"""A file that is there whole or not at all, and why a copy could not be made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from secrets import token_hex

_BEGINNINGS = {b"SQLite format 3\x00": "sqlite", b"PGDMP": "postgresql"}


class CopyFailed(Exception):
    """A copy was not made or cannot be used; its text says why, in one line."""


class Kind(StrEnum):
    """Which database a backup was made of."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"

    @property
    def label(self) -> str:
        """Its name as people write it."""
        return "SQLite" if self is Kind.SQLITE else "PostgreSQL"


def kind_of(backup: Path) -> Kind:
    """Return which database *backup* was made of; raise CopyFailed if it is no backup."""
    try:
        with backup.open("rb") as file:
            beginning = file.read(16)
    except OSError as error:
        raise CopyFailed(f"读不了备份 {backup}：{error.strerror}") from error
    for start, kind in _BEGINNINGS.items():
        if beginning.startswith(start):
            return Kind(kind)
    raise CopyFailed(f"{backup} 不是备份文件。")


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield where to write what becomes *target*, readable by its owner only.

    It takes the place of an older file in one step, once it is on the disk; if anything fails, the
    older file stays and nothing is left behind.
    """
    target = target.absolute()
    unfinished = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield unfinished
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise CopyFailed(f"写不了 {target}：{error.strerror or error}") from error
    finally:
        for left in target.parent.glob(f"{unfinished.name}*"):  # a journal, too
            left.unlink()


def _sync(path: Path) -> None:
    """Wait until *path*, a file or a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
