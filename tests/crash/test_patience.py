"""What cannot be done now is said at once, in words, with the time to try again; reading goes on."""

import errno
import sqlite3
import time
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.core import patience
from app.core.db import db
from app.core.errors import Unavailable
from app.core.work import SYSTEM, work_for
from app.models.customer import Customer
from app.services import device_session
from tests.factories.customer import make_customer

FOREVER = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(30)",
}


def forever():
    return text(FOREVER[db.engine.dialect.name])


def test_a_page_that_takes_too_long_is_given_up(visit, monkeypatch):
    """REL-21, SQL-5: three seconds, then 503; the next page is as quick as ever."""
    person = visit("sales1")
    find = device_session.find

    def slow(session, *arguments, **options):
        session.execute(forever())
        return find(session, *arguments, **options)

    monkeypatch.setattr(device_session, "find", slow)
    began = time.monotonic()
    answer = person.get("/admin/customer/")
    assert 2.9 < time.monotonic() - began < 8
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert patience.TOO_LONG in answer.text
    monkeypatch.undo()
    assert person.get("/admin/customer/").status_code == 200


@pytest.mark.parametrize("options", [{"patience": 1}, {"patience": 1, "writes": True}])
def test_every_statement_has_its_time(app, options):
    with db.engine.execution_options(**options).connect() as connection:
        with pytest.raises(OperationalError) as caught:
            connection.execute(forever())
        connection.rollback()
        assert connection.scalar(text("SELECT 1")) == 1
    assert patience.outage(caught.value).message == patience.TOO_LONG


def write_slowly():
    with work_for(SYSTEM) as work:
        work.session.add(Customer(code="C999999", name="甲", name_folded="甲", name_key="甲"))
        work.session.flush()
        work.session.execute(forever())


def test_a_slow_piece_of_work_is_refused_whole(app, monkeypatch):
    """REL-21"""
    monkeypatch.setattr(patience, "WRITING", 1)
    with pytest.raises(Unavailable, match=patience.TOO_LONG):
        write_slowly()
    with work_for(SYSTEM) as work:
        assert work.session.query(Customer).count() == 0


def test_migrations_and_backups_have_all_the_time_they_need(app):
    with db.engine.execution_options(patience=0).connect() as connection:
        if db.engine.dialect.name == "postgresql":
            assert connection.scalar(text("SHOW statement_timeout")) == "0"
        else:
            connection.execute(text("SELECT 1"))
            assert connection.info[patience.OPTION].at is None


def test_no_connection_left_is_a_moment_to_wait(visit, monkeypatch):
    """REL-21: pool exhaustion."""
    person = visit("sales1")
    db.session.remove()
    pool = db.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.2)
    taken = [db.engine.connect() for _ in range(pool.size() + pool._max_overflow)]
    try:
        answer = person.get("/admin/customer/")
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        assert person.post("/login", {"username": "x", "password": "y"}).status_code == 503
        with pytest.raises(Unavailable), work_for(SYSTEM) as work:
            work.session.execute(text("SELECT 1"))
    finally:
        for connection in taken:
            connection.close()
    assert person.get("/admin/customer/").status_code == 200


# -- a full disk ------------------------------------------------------------------------


def fill_disk(connection):
    """Leave SQLite no page more; PostgreSQL says it as its server would."""
    if db.engine.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    else:
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$")


def leave_no_empty_page():
    """Let SQLite need a new page for whatever is written."""
    if db.engine.dialect.name == "sqlite":
        db.session.remove()
        db.engine.dispose()
        with closing(sqlite3.connect(db.engine.url.database)) as connection:
            connection.execute("VACUUM")


def test_a_full_disk_is_said_in_words_and_reading_goes_on(visit, monkeypatch):
    """REL-8: clean error, reads go on, recovers, nothing half-saved."""
    person = visit("sales1")
    customer = make_customer()
    form = person.form("/admin/customer/new/")
    values = {**form, "name": "满盘纸品厂", "remark": "字" * 1_900}
    leave_no_empty_page()
    monkeypatch.setattr("app.core.work.db", Full(db))
    answer = person.post("/admin/customer/new/", values)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert patience.FULL in answer.text
    assert person.get(f"/admin/customer/details/?id={customer}").status_code == 200
    monkeypatch.undo()
    if db.engine.dialect.name == "sqlite":
        db.session.remove()
        db.engine.dispose()  # the limit belonged to the connection
    assert person.post("/admin/customer/new/", values).status_code == 302
    assert person.json("/admin/customer/?search=满盘")["count"] == 1


class Full:
    """The database, whose writing connections find no space."""

    def __init__(self, real):
        self.session = real.session
        self.real = real

    @property
    def engine(self):
        from sqlalchemy import event

        engine = self.real.engine.execution_options(writes=True)
        event.listen(engine, "begin", fill_disk)
        return engine


def test_a_disk_without_space_is_no_fault_of_ours(visit, monkeypatch):
    """REL-8: also where a file is written."""
    person = visit("sales1")

    def full(*_arguments, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(device_session, "find", full)
    answer = person.get("/admin/")
    assert answer.status_code == 503
    assert patience.FULL in answer.text


def test_a_mistake_of_ours_is_not_called_an_outage(app):
    with db.engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELEC 1"))
    assert patience.outage(caught.value) is None
    with db.engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT * FROM not_yet_migrated"))
    assert patience.outage(caught.value).message == patience.OUTDATED


def test_what_people_typed_is_in_no_error(app):
    """LOG-1"""
    with db.engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT * FROM nowhere WHERE x = :x"), {"x": "13812345678"})
    assert "13812345678" not in str(caught.value)
