"""A backup is made while everybody works, proves itself, and comes back whole or not at all."""

import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.core import revisions
from app.core.copies.whole import CopyFailed, kind_of
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.number_series import NumberSeries
from app.models.order import Order
from app.models.user import User
from app.services import backup
from app.services.invariants import violations
from bench.crash import doubled, lost
from bench.writers import WRITER, furnish, start_writer, write
from tests.crash.conftest import build, close, command, url_of

WRITERS = 8


@contextmanager
def reading(house):
    with house.app.app_context(), Session(db.engine) as session:
        yield session
    close(house)


def count(house, model):
    with reading(house) as session:
        return session.scalar(select(func.count()).select_from(model))


def test_a_backup_under_eight_writers_restores_to_a_sound_house(lived_in, run, tmp_path):
    """REL-12: whatever was acknowledged before it began is in it, nothing is half there."""
    hand = furnish(lived_in.app)
    writers = [start_writer(lived_in.app, hand, number, 1) for number in range(1, WRITERS + 1)]
    try:
        while not all(writer.acks for writer in writers):
            time.sleep(0.02)
            for writer in writers:
                writer.read()
        before = [ack for writer in writers for ack in writer.acks]
        assert run("backup", "create", tmp_path / "copy").exit_code == 0
        verified = run("backup", "verify", tmp_path / "copy")
        assert (verified.exit_code, verified.stderr) == (0, "")
        assert "备份完好" in verified.stdout
    finally:
        for writer in writers:
            writer.kill()
    after = [ack for writer in writers for ack in writer.acks]
    assert len(after) > len(before)
    assert run("backup", "restore", tmp_path / "copy", "--yes").exit_code == 0
    following = [100] + [max(ack.nth for ack in writer.acks) + 1 for writer in writers]
    with reading(lived_in) as session:
        assert list(violations(session)) == []
        assert [*lost(session, before), *doubled(session, following)] == []
        made = session.scalar(
            select(func.count()).select_from(Audit).where(Audit.action == "backup.restore")
        )
        assert made == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_a_running_house_goes_on_with_what_came_back(lived_in, run, tmp_path):
    """REL-12: whoever is connected sees the restored state at once, and can write on."""
    with lived_in.app.app_context():
        orders = count_orders()
        backup.create(url_of(lived_in), tmp_path / "copy")
        write(furnish(lived_in.app), 50, 1)
        assert count_orders() == orders + 1
        backup.restore(url_of(lived_in), tmp_path / "copy")
        assert count_orders() == orders
        write(furnish(lived_in.app), 51, 1)
        assert count_orders() == orders + 1


def count_orders():
    with db.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM orders"))


def test_a_house_with_users_is_not_replaced_by_accident(lived_in, run, tmp_path):
    run("backup", "create", tmp_path / "copy")
    users = count(lived_in, User)
    answer = run("backup", "restore", tmp_path / "copy")
    assert answer.exit_code != 0
    assert "--yes" in answer.stderr
    assert answer.stdout == ""
    assert count(lived_in, User) == users


def test_an_empty_house_takes_a_backup_without_asking(lived_in, run, tmp_path, tmp_path_factory):
    """What was backed up here can be restored elsewhere."""
    assert run("backup", "create", tmp_path / "copy").exit_code == 0
    kind = "sqlite" if url_of(lived_in).startswith("sqlite") else "postgresql"
    other = build(kind, tmp_path_factory.mktemp("other"))
    empty(other)
    answer = command(other, "backup", "restore", tmp_path / "copy", "--foreign-audit")
    assert answer.exit_code == 0, answer.stderr  # its AUDIT_KEY is another one
    assert count(other, Order) == count(lived_in, Order)
    with reading(other) as session:
        assert session.scalar(select(User.name).where(User.username == WRITER))


def empty(house):
    """Leave not even a table."""
    with house.app.app_context():
        db.session.remove()
        db.engine.dispose()
        if db.engine.dialect.name == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(f"{db.engine.url.database}{suffix}").unlink(missing_ok=True)
        else:
            with db.engine.execution_options(writes=True).begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "missing", "folder"])
def test_a_damaged_backup_is_refused_and_changes_nothing(lived_in, run, tmp_path, damage):
    good, bad = tmp_path / "good", tmp_path / "bad"
    run("backup", "create", good)
    content = good.read_bytes()
    if damage == "cut":
        bad.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        middle = len(content) // 2
        bad.write_bytes(content[:middle] + bytes(8192) + content[middle + 8192 :])
    elif damage == "text":
        bad.write_text("hello", "utf-8")
    elif damage == "folder":
        bad.mkdir()
    orders = count(lived_in, Order)
    for words in (("verify", bad), ("restore", bad, "--yes")):
        answer = run("backup", *words)
        assert answer.exit_code == 1
        assert "Error: " in answer.stderr
        assert "Traceback" not in answer.stderr
        assert answer.stdout == ""
    assert count(lived_in, Order) == orders


def test_what_does_not_agree_is_found(lived_in, run, tmp_path):
    """Totals, numbers, search, users, counters: one lie of each kind."""
    run("backup", "create", tmp_path / "sound")
    with lived_in.app.app_context(), work_for(SYSTEM) as work:
        session = work.session
        session.execute(update(Order).where(Order.id == 1).values(amount=Order.amount + 1))
        session.execute(update(NumberSeries).where(NumberSeries.kind == "SO").values(last=1))
        session.execute(text("DELETE FROM search_entries WHERE entity = 'contact'"))
        session.execute(update(Customer).where(Customer.id == 2).values(deleted_at=work.now))
    answer = run("backup", "create", tmp_path / "lies")
    assert answer.exit_code == 0
    answer = run("backup", "verify", tmp_path / "lies")
    assert answer.exit_code == 1
    for words in ("明细之和", "税额", "编号簿", "contact 搜索不到", "不在回收站", "仍能搜索到"):
        assert words in answer.stderr
    assert run("backup", "restore", tmp_path / "lies", "--yes").exit_code == 1
    assert run("backup", "restore", tmp_path / "sound", "--yes").exit_code == 0


def test_an_older_backup_stays_when_a_new_one_fails(lived_in, run, tmp_path, monkeypatch):
    """Atomic: the file is whole or not there, and only its owner reads it."""
    file = tmp_path / "copy"
    run("backup", "create", file)
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.core.copies.whole._sync", full)
    answer = run("backup", "create", file)
    assert answer.exit_code == 1
    assert "No space left" in answer.stderr
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    assert run("backup", "create", tmp_path / "no" / "where").exit_code == 1


def test_a_backup_of_another_kind_is_refused(lived_in, run, tmp_path):
    other = tmp_path / "other"
    is_sqlite = url_of(lived_in).startswith("sqlite")
    other.write_bytes(b"PGDMP\x01" if is_sqlite else b"SQLite format 3\x00" + bytes(84))
    with pytest.raises(CopyFailed, match="PostgreSQL"):
        backup.restore(url_of(lived_in), other)
    assert kind_of(other).label == ("PostgreSQL" if is_sqlite else "SQLite")


def test_a_backup_of_a_newer_version_is_refused(lived_in, run, tmp_path):
    with lived_in.app.app_context(), work_for(SYSTEM) as work:
        kept = work.session.scalar(text("SELECT version_num FROM alembic_version"))
        work.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert run("backup", "create", tmp_path / "copy").exit_code == 0
    with lived_in.app.app_context(), work_for(SYSTEM) as work:
        work.session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": kept})
    answer = run("backup", "restore", tmp_path / "copy", "--yes")
    assert answer.exit_code == 1
    assert "9999" in answer.stderr


def test_a_backup_of_an_older_version_is_migrated(lived_in, run, tmp_path):
    """REL-13: what comes back is at once what this version works with."""
    with lived_in.app.app_context():
        downgrade()
        close(lived_in)
    answer = run("backup", "create", tmp_path / "old")
    assert answer.exit_code == 0
    assert "还没有升级" in answer.stderr
    with lived_in.app.app_context():
        upgrade()
        close(lived_in)
    verified = run("backup", "verify", tmp_path / "old")
    assert verified.exit_code == 0
    assert "较旧" in verified.stdout
    answer = run("backup", "restore", tmp_path / "old", "--yes")
    assert answer.exit_code == 0, answer.stderr
    with reading(lived_in) as session:
        assert revisions.found_in(session.connection()) == revisions.newest()
        assert list(violations(session)) == []


@pytest.mark.parametrize("shaken", ["postgresql"], indirect=True)
def test_missing_tools_are_named(lived_in, run, tmp_path, monkeypatch):
    monkeypatch.setattr("app.core.copies.postgresql._folders", list)
    answer = run("backup", "create", tmp_path / "copy")
    assert answer.exit_code == 1
    assert "pg_dump" in answer.stderr


def test_the_password_is_on_no_command_line(monkeypatch):
    from app.core.copies.postgresql import Server

    server = Server("postgresql+psycopg://me:geheim@db.example/house?sslmode=require")
    assert "geheim" not in server._conninfo
    assert server._environment["PGPASSWORD"] == "geheim"


def test_before_a_migration_a_copy_is_kept(shaken_sqlite, tmp_path):
    """REL-12, REL-13: only when there is something to migrate; the newest few stay."""
    house = shaken_sqlite
    settings = house.app.extensions["settings"]
    folder = settings.instance / backup.FOLDER
    with house.app.app_context():
        assert backup.keep_before_migration(settings, db.engine) is None
        with work_for(SYSTEM) as work:
            work.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        folder.mkdir(parents=True)
        for day in range(1, 15):
            shutil.copy(db.engine.url.database, folder / f"app-202601{day:02d}-000000.db")
        kept = backup.keep_before_migration(settings, db.engine)
        assert kept is not None
        assert kind_of(kept) == "sqlite"
        names = sorted(path.name for path in folder.iterdir())
    assert len(names) == backup.KEPT
    assert names[-1] == kept.name
    close(house)


def test_a_copy_that_would_fill_the_disk_is_not_begun(shaken_sqlite, monkeypatch):
    """REL-13: migrating stops before, and says how much room it needs; the copies that were there stay usable."""
    house = shaken_sqlite
    settings = house.app.extensions["settings"]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000))
    folder = settings.instance / backup.FOLDER
    folder.mkdir(exist_ok=True)
    before = set(folder.iterdir())
    with house.app.app_context():
        with work_for(SYSTEM) as work:
            work.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        with pytest.raises(CopyFailed, match="磁盘空间不足"):
            backup.keep_before_migration(settings, db.engine)
        assert set(folder.iterdir()) <= before
    close(house)
