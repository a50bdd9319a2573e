"""Searching the logs: what was typed stands there as it was typed."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.permissions import ENTITIES
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.login_log import LoginLog
from app.services.customer import customers
from app.services.log import audits, login_logs
from app.services.rows import ChildRow
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.services.conftest import actor_named
from tests.services.people import acting, hold, separate

BUSINESS = [name for name, entity in ENTITIES.items() if entity.is_business]


def found(service, term):
    rows = select(service.model).where(*service.matching(term, actor_named("auditor")))
    return db.session.scalars(rows).all()


@pytest.mark.parametrize(
    "term", ["云松食品", "customer.create 云松", "CUSTOMER.create 云松", "create 老-客.户"]
)
def test_chinese_and_signs_are_found_in_changes(app, term):
    """AUD-1"""
    make_customer(name="苏州云松食品有限公司", short_name="老-客.户")
    make_customer(name="无锡鹭汀有限公司")
    (entry,) = found(audits, term)
    assert isinstance(entry, Audit)
    assert entry.changes["name"] == [None, "苏州云松食品有限公司"]


@pytest.mark.parametrize(
    ("term", "number"), [("10.1.2.3", 1), ("10.1", 2), ("1012", 0), ("li-ming", 1)]
)
def test_addresses_are_found_with_their_dots(app, term, number):
    """AUD-1"""
    with work_for(SYSTEM) as work:
        for username, address in (("li-ming", "10.1.2.3"), ("liming", "10.1.23.1")):
            row = LoginLog(at=work.now, username=username, result="ok", address=address)
            work.session.add(row)
    assert len(found(login_logs, term)) == number


# -- what an entry says of business data ------------------------------------------------------

READS = {"audit": {"see": "all"}}
SECRET = "苏州云松食品有限公司"


def told(who):
    """Return what the audit tells *who*: what is found by a customer's name, and all changes as text."""
    rows = select(Audit).where(*audits.matching("云松食品", who))
    hits = db.session.scalars(rows).all()
    attribute = audits.attributes()["changes"]
    every = db.session.scalars(select(Audit)).all()
    return len(hits), str([audits.seen(who, attribute, entry) for entry in every])


def test_az_13_whoever_runs_the_house_reads_no_business_data_in_the_audit(app):
    """AZ-13: under separate duties neither as the changes of an entry, nor by what a search finds."""
    make_contact(make_customer(name=SECRET), name="欧阳青", title="采购经理")
    for name in ("admin", "auditor"):
        hits, text = told(acting(name))
        assert (hits > 0, SECRET in text, "采购经理" in text) == (True, True, True)
    separate()
    for name, sees in (("admin", False), ("auditor", True)):
        hits, text = told(acting(name))
        assert (hits > 0, SECRET in text, "采购经理" in text) == (sees, sees, sees)


@pytest.mark.parametrize(
    ("more", "sees", "sees_contact", "finds"),
    [
        ({}, False, False, False),
        ({"customer": {"see": "own"}}, False, False, False),
        ({"customer": {"see": "all"}}, True, False, False),
        ({"customer": {"see": "all"}, "contact": {"see": "all"}}, True, True, False),
        ({e: {"see": "all"} for e in BUSINESS}, True, True, True),
    ],
)
def test_az_3_the_audit_is_no_way_around_the_kinds_one_sees(app, more, sees, sees_contact, finds):
    """AZ-3: of records out of sight an entry names who did what, not what was written; rows are records, too."""
    one = make_customer(name=SECRET)
    row = ChildRow(
        "contacts-0", None, {"name": "欧阳青", "mobile": "13812345678", "title": "采购经理"}
    )
    with work_for(SYSTEM) as work:
        customer = work.session.get_one(Customer, one)
        values = {"contacts": [row], "remark": "先电话"}
        customers.update(work, customer, values, version=customer.version)
    hits, text = told(hold("clerk", {**READS, **more}))
    assert (SECRET in text, "采购经理" in text, "先电话" in text) == (sees, sees_contact, sees)
    assert bool(hits) == finds


def test_aud_1_a_denial_keeps_its_facts(app, visit):
    """AUD-1: which permission was missing is no business data."""
    assert visit("finance").get("/admin/customer/new/").status_code == 403
    separate()
    assert "customer.create" in told(acting("admin"))[1]
