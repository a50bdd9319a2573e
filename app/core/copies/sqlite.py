"""SQLite: copied page by page while others go on writing, and put back in one transaction."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

from app.core.copies.whole import CopyFailed, whole_file

Progress = Callable[[int, int], None]  # (pages done, pages in all)

PAGES = 1_000  # copied between two reports of progress
PATIENCE = 60  # seconds for others to let go of the database
MOMENT = 0.002  # seconds between two tries to get hold of it

_SHOWN = 20


def copy_out(database: Path, backup: Path, progress: Progress | None = None) -> None:
    """Write the state of *database* at this moment to *backup*, a single file.

    The copy reads in one transaction: writers go on, and nothing of what they do from now on is in it.
    """
    with whole_file(backup) as unfinished, _explained(database), closing(_open(database)) as source:
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master LIMIT 1")  # only a read pins the state
        with closing(_open(unfinished)) as copy:
            copy.execute("PRAGMA synchronous=OFF")  # the whole file is synced at its end
            source.backup(
                copy,
                pages=PAGES,
                progress=lambda _status, left, all_: progress and progress(all_ - left, all_),
            )
            copy.execute("PRAGMA journal_mode=DELETE")  # nothing beside the file is needed


def copy_in(backup: Path, database: Path) -> None:
    """Make *database* what *backup* is, in one transaction; whoever reads it meanwhile may go on."""
    give_up = monotonic() + PATIENCE

    def wait(status: int, _left: int, _all: int) -> None:
        if status != sqlite3.SQLITE_DONE and monotonic() > give_up:
            raise CopyFailed("数据库一直被占用，没有恢复。")

    with (
        closing(open_backup(backup)) as source,
        _explained(database),
        closing(_open(database)) as target,
    ):
        target.execute("PRAGMA synchronous=FULL")
        target.execute("PRAGMA busy_timeout=0")
        source.backup(target, pages=-1, progress=wait, sleep=MOMENT)


def open_backup(backup: Path) -> sqlite3.Connection:
    """Open *backup* for reading only; no file appears beside it."""
    uri = f"{backup.resolve().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def damages(backup: Path) -> Iterator[str]:
    """Yield what SQLite finds wrong with the file, and rows that refer to nothing."""
    with closing(open_backup(backup)) as connection:
        try:
            for (words,) in connection.execute(f"PRAGMA integrity_check({_SHOWN})"):
                if words != "ok":
                    yield f"文件损坏：{words}"
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                yield f"{table} 第 {row} 行指向 {parent} 中不存在的记录"
        except sqlite3.DatabaseError as error:
            yield f"文件损坏：{error}"


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise CopyFailed(f"{path}：{error}") from error
