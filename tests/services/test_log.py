"""Searching the logs: what was typed stands there as it was typed."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.login_log import LoginLog
from app.services.log import audits, login_logs
from tests.factories.customer import make_customer
from tests.services.conftest import actor_named


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
