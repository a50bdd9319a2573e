"""Backups: made while the house is open, proved sound, and put back whole."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, func, inspect, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core import clock, revisions
from app.core.config import ROOT, Settings
from app.core.copies import sqlite
from app.core.copies.postgresql import Server
from app.core.copies.whole import CopyFailed, Kind, kind_of
from app.models.audit import Audit, AuditHead
from app.models.customer import Customer
from app.models.order import Order
from app.models.user import User
from app.services import audit_chain
from app.services.audit_chain import Broken
from app.services.invariants import violations

KEPT = 3  # copies made before migrations: each is a whole database
GRANTS = ROOT / "deploy" / "runtime_role.sql"
FOLDER = "backups"  # below the instance


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a backup holds, and everything that is wrong with it."""

    problems: tuple[str, ...]
    counts: tuple[tuple[str, int], ...] = ()
    is_older: bool = False  # than this version of the application: restoring migrates it
    is_chain_foreign: bool = False  # the audit was sealed with another key, or with none of ours


def create(url: str, backup: Path, progress: sqlite.Progress | None = None) -> None:
    """Copy the database at *url*, as it is at this moment, to the single file *backup*.

    Raises:
        CopyFailed: it could not be made; an older backup of that name is untouched.
    """
    if not backup.absolute().parent.is_dir():
        raise CopyFailed(f"没有文件夹 {backup.absolute().parent}")
    if Kind(make_url(url).get_backend_name()) is Kind.POSTGRESQL:
        Server(url).dump(backup)
        return
    database = _file_of(url)
    if not database.exists():
        raise CopyFailed(f"没有数据库 {database}")
    if database.samefile(backup) if backup.exists() else False:
        raise CopyFailed("备份不能写到数据库文件本身。")
    sqlite.copy_out(database, backup, progress)


def verify(url: str, backup: Path, audit_key: str = "") -> Inspection:
    """Open *backup* as a database of its own and ask it everything that must be true.

    With *audit_key* the chain of its audit is verified, too. A backup of PostgreSQL is restored into
    a database of its own on the server of *url*.
    """
    if kind_of(backup) is Kind.SQLITE:
        damages = tuple(sqlite.damages(backup))
        if damages:
            return Inspection(damages)
        with closing(sqlite.open_backup(backup)) as connection:
            engine = create_engine("sqlite://", creator=lambda: connection, poolclass=NullPool)
            return _inspected(engine, audit_key)
    if Kind(make_url(url).get_backend_name()) is not Kind.POSTGRESQL:
        raise CopyFailed("这是 PostgreSQL 的备份，检查它需要 DATABASE_URL 指向 PostgreSQL。")
    with Server(url).tried_out(backup) as there:
        return _inspected(create_engine(there, poolclass=NullPool), audit_key)


def restore(url: str, backup: Path) -> None:
    """Make the database at *url* what *backup* is, all of it or nothing; verify it before.

    Raises:
        CopyFailed: the database is what it was.
    """
    kind, target = kind_of(backup), Kind(make_url(url).get_backend_name())
    if kind is not target:
        raise CopyFailed(f"这是 {kind.label} 的备份，而当前数据库是 {target.label}。")
    if kind is Kind.SQLITE:
        sqlite.copy_in(backup, _file_of(url))
    else:
        Server(url).restore(backup)


def grant_again(url: str) -> str:
    """Give the role that serves its rights on what came back; return its name, where there is one."""
    if Kind(make_url(url).get_backend_name()) is not Kind.POSTGRESQL:
        return ""
    return Server(url).grant(GRANTS.read_text("utf-8"))


def has_users(engine: Engine) -> bool:
    """Tell whether the database is somebody's: restoring over it would lose what they did."""
    with Session(engine) as session:
        is_there = inspect(session.connection()).has_table(User.__tablename__)
        return is_there and session.scalar(select(User.id).limit(1)) is not None


def is_current(engine: Engine) -> bool:
    """Tell whether the database is what this version of the application writes into."""
    with engine.connect() as connection:
        return revisions.found_in(connection) == revisions.newest()


def keep_before_migration(settings: Settings, engine: Engine) -> Path | None:
    """Copy a SQLite database that is about to be migrated; keep the newest copies only.

    Returns:
        The copy; None where there was nothing to lose, or the database is not SQLite.
    """
    if engine.dialect.name != Kind.SQLITE:
        return None
    with engine.connect() as connection:
        found = revisions.found_in(connection)
    if not found or found == revisions.newest():
        return None
    database = _file_of(settings.database_url)
    folder = settings.instance / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    older = sorted(folder.glob(f"{database.stem}-*.db"))
    for old in older[: -(KEPT - 1)]:
        old.unlink()
    _check_space(database, folder)
    copy = folder / f"{database.stem}-{clock.to_local(clock.now()):%Y%m%d-%H%M%S}.db"
    sqlite.copy_out(database, copy)
    return copy


def _check_space(database: Path, folder: Path) -> None:
    """Raise CopyFailed unless a copy of *database* fits, with as much left for the migration itself."""
    needed = 2 * sum(one.stat().st_size for one in database.parent.glob(f"{database.name}*"))
    if shutil.disk_usage(folder).free < needed:
        raise CopyFailed(f"磁盘空间不足：升级前的备份和升级本身需要 {needed // 10**6 + 1} MB。")


def _file_of(url: str) -> Path:
    name = make_url(url).database
    if not name or name == ":memory:" or name.startswith("file:"):
        raise CopyFailed("内存中的数据库不能备份。")
    return Path(name)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise CopyFailed(f"备份读不了：{str(error.orig).splitlines()[0]}") from error


def _inspected(engine: Engine, audit_key: str) -> Inspection:
    with _explained(), Session(engine) as session:
        problems = tuple(violations(session))
        is_older = revisions.found_in(session.connection()) != revisions.newest()
        if problems:
            return Inspection(problems, is_older=is_older)
        has_chain = inspect(session.connection()).has_table(AuditHead.__tablename__)
        broken = _chain_break(session, audit_key) if audit_key and has_chain else None
        # Who restores on another machine may not have the key any more: the first entry tells.
        is_foreign = broken is not None and broken.is_first
        if broken is not None and not is_foreign:
            return Inspection((f"操作记录：{broken}",))
        counts = () if is_older else tuple(_counts(session))
        return Inspection((), counts, is_older=is_older, is_chain_foreign=is_foreign)


def _chain_break(session: Session, audit_key: str) -> Broken | None:
    try:
        audit_chain.verify(session, audit_key)
    except Broken as broken:
        return broken
    return None


def _counts(session: Session) -> Iterator[tuple[str, int]]:
    for label, model in (
        ("用户", User),
        ("客户", Customer),
        ("订单", Order),
        ("操作记录", Audit),
    ):
        yield label, session.scalar(select(func.count()).select_from(model)) or 0
