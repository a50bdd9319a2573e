"""What the audit keeps of an export: who took how much of what, by which filters, and why."""

from unittest.mock import patch

from sqlalchemy import select

from app.core.db import db
from app.models.audit import Audit
from tests.admin_views.test_export import export, table
from tests.factories.customer import make_customers


def test_an_export_is_audited(visit):
    """AUD-1, CSV-5: <entity>.export with rows, columns, filter and reason."""
    make_customers({"level": "A"}, {"level": "A"}, {})
    reader = visit("manager")
    table(
        export(
            reader, "customer", columns="name,level", flt_level_eq="A", search="纸", reason="月报"
        )
    )
    entry = db.session.scalars(select(Audit).order_by(Audit.id.desc())).first()
    assert (entry.action, entry.entity, entry.actor) == (
        "customer.export",
        "customer",
        "manager先生",
    )
    assert entry.changes["rows"] == 2
    assert entry.changes["columns"] == ["name", "level"]
    assert entry.changes["filter"] == [["flt_level_eq", "A"], ["search", "纸"]]
    assert entry.changes["reason"] == "月报"


def test_a_filter_that_stands_twice_is_audited_twice(visit):
    """CSV-5"""
    reader = visit("manager")
    table(reader.get("/admin/customer/export/csv/?flt_name_contains=a&flt_name_contains=b"))
    entry = db.session.scalars(select(Audit).order_by(Audit.id.desc())).first()
    assert entry.changes["filter"] == [["flt_name_contains", letter] for letter in "ab"]


def test_looking_at_the_head_takes_nothing(visit, house):
    """CSV-5, LCK-13: HEAD is neither audited nor counted."""
    reader = visit("manager")
    with patch.dict(house.app.config, RATELIMIT_ENABLED=True):
        for _ in range(11):
            assert reader.browser.head("/admin/customer/export/csv/").status_code == 200
        assert export(reader, "customer").status_code == 200
    entries = db.session.scalars(select(Audit.action).where(Audit.action == "customer.export"))
    assert len(entries.all()) == 1


def test_the_audit_of_an_export_holds_no_number_in_clear(visit):
    """AUD-4: what was searched and filtered by is kept, telephone numbers masked."""
    reader = visit("manager")
    for asked in (
        {"flt_phone_eq": "138 1234 5678"},
        {"flt_phone_contains": "12345678"},
        {"search": "纸 13812345678"},
        {"search": "+86 138-1234-5678"},
    ):
        assert export(reader, "customer", **asked).status_code == 200
        entry = db.session.scalars(select(Audit).order_by(Audit.id.desc())).first()
        text = str(entry.changes["filter"]).replace(" ", "").replace("-", "")
        assert ("12345678" not in text, "****" in text) == (True, True), asked
