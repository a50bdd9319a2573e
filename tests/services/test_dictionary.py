"""Dictionaries: what records hold stays what it means."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Blocked
from app.core.work import SYSTEM, work_for
from app.models.dictionary import Dictionary
from app.services.dictionary import dictionaries
from tests.factories.customer import make_customers


def entry(session):
    this = select(Dictionary).where(Dictionary.kind == "source", Dictionary.key == "fair")
    return session.scalars(this).one()


def change(**values):
    with work_for(SYSTEM) as work:
        found = entry(work.session)
        dictionaries.update(work, found, values, version=found.version)


def delete():
    with work_for(SYSTEM) as work:
        found = entry(work.session)
        dictionaries.delete(work, found, version=found.version)


@pytest.mark.parametrize("values", [{"key": "expo"}, {"kind": "industry"}])
def test_what_records_hold_keeps_its_key(app, values):
    make_customers({"source": "fair"}, {"source": "fair"})
    with pytest.raises(Blocked):
        change(**values)
    change(label="展览会", is_active=False)
    assert entry(db.session()).label == "展览会"


def test_what_records_hold_cannot_be_deleted(app):
    make_customers({"source": "fair"}, {"source": "fair"}, {"industry": "food"})
    with pytest.raises(Blocked) as refusal:
        delete()
    assert refusal.value.facts["n"] == 2


def test_what_nobody_holds_is_free(app):
    change(key="expo")
    change_back = {"key": "fair"}
    with work_for(SYSTEM) as work:
        found = work.session.scalars(select(Dictionary).where(Dictionary.key == "expo")).one()
        dictionaries.update(work, found, change_back, version=found.version)
    delete()
    assert "fair" not in db.session.scalars(select(Dictionary.key)).all()


def test_the_page_says_so(app, visit):
    """409, and the form shows the key without offering it."""
    make_customers({"source": "fair"})
    one = entry(db.session()).id
    person = visit("admin")
    assert "key" not in person.form(f"/admin/dictionary/edit/?id={one}")
    answer = person.post(f"/admin/dictionary/delete/?id={one}", {"id": one, "confirm": "1"})
    assert answer.status_code == 409
    assert "1 条" in answer.text
