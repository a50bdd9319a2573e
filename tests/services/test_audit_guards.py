"""The audit is only added to, and what cannot be added to it is not done."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.core.db import db
from app.core.errors import Unavailable
from app.core.work import UNRECORDED
from app.models.audit import Audit
from app.models.customer import Customer
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.services.chains import COLUMNS, execute, sql

BROKEN = {
    "sqlite": (
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END",
        "DROP TRIGGER full",
    ),
    "postgresql": (
        "ALTER TABLE audit ADD CONSTRAINT no CHECK (false) NOT VALID",
        "ALTER TABLE audit DROP CONSTRAINT no",
    ),
    "table": ("ALTER TABLE audit RENAME TO gone", "ALTER TABLE gone RENAME TO audit"),
    "head": (
        "UPDATE audit_heads SET id = 2",
        "UPDATE audit_heads SET id = 1",
    ),
}


@pytest.mark.parametrize("how", ["refused", "table", "head"])
def test_without_an_entry_nothing_is_done(visit, how):
    """AUD-10: 503 with Retry-After, and the change is not there."""
    customer = make_customer(short_name="旧")
    reader = visit("manager")
    breaking, mending = BROKEN[db.engine.dialect.name if how == "refused" else how]
    form = reader.form(f"/admin/customer/edit/?id={customer}") | {"short_name": "新"}
    execute(breaking)
    try:
        answer = reader.post(f"/admin/customer/edit/?id={customer}", form)
        exported = reader.get("/admin/customer/export/csv/")
    finally:
        execute(mending)
    assert (answer.status_code, exported.status_code) == (503, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert load(Customer, customer).short_name == "旧"
    assert reader.post(f"/admin/customer/edit/?id={customer}", form).status_code == 302


def test_a_refusal_to_record_says_so(app):
    """AUD-10"""
    execute("UPDATE audit_heads SET id = 2")
    with pytest.raises(Unavailable, match=UNRECORDED):
        make_customer()


# -- nobody changes it ---------------------------------------------------------------------------

CHANGES = (
    "UPDATE {table} SET actor = 'x'",
    "UPDATE {table} SET digest = digest WHERE id = 1",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE id = 1",
    f"INSERT INTO {{table}} ({COLUMNS}) SELECT {COLUMNS} FROM {{table}} WHERE id = 1",
)
SPECIAL = {
    "sqlite": f"INSERT OR REPLACE INTO {{table}} ({COLUMNS}) SELECT {COLUMNS} FROM {{table}} WHERE id = 1",
    "postgresql": "TRUNCATE {table}",
}


@pytest.mark.parametrize("table", ["audit", "audit_archive"])
def test_the_database_refuses_to_change_entries(app, last, table):
    """AUD-3: UPDATE, DELETE, TRUNCATE, and a new row in the place of an old one."""
    if table == "audit_archive":
        sql(f"INSERT INTO audit_archive ({COLUMNS}) SELECT {COLUMNS} FROM audit WHERE id = 1")
        sql("DELETE FROM audit WHERE id = 1")
    for change in (*CHANGES, SPECIAL[db.engine.dialect.name]):
        with pytest.raises(DBAPIError):
            execute(change.format(table=table))


def test_a_person_who_is_gone_leaves_a_chain_that_holds(visit, app, say):
    """PII-7, AUD-4: the contact is deleted for good, and no entry has the number."""
    reader = visit("manager")
    contact = make_contact(make_customer(), mobile="13812345678", name="王芳")
    answer = reader.post("/admin/contact/delete/", {"id": contact, "version": 1, "confirm": "1"})
    assert answer.status_code in (302, 303)
    assert say("audit", "verify").exit_code == 0
    texts = [json.dumps(changes) for changes in db.session.scalars(select(Audit.changes))]
    assert not any("13812345678" in one or "王芳" in one for one in texts)
