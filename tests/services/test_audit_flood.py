"""What grows with what people do in vain, or with nobody looking: denials, and a file that stays behind."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.models.audit import Audit
from app.services.audit import DENIALS
from tests.services.chains import digest


def results():
    """Return how the denials of each person ended."""
    db.session.remove()
    rows = select(Audit.actor, Audit.result).where(Audit.action == "access.denied")
    return [tuple(row) for row in db.session.execute(rows.order_by(Audit.id))]


def test_a_flood_of_denials_is_told_once(app, visit):
    """AUD-1: each of the first twenty of a minute, then one entry that says there were more."""
    reader, other = visit("sales1"), visit("sales2")
    for _ in range(DENIALS + 5):
        assert reader.get("/admin/user/").status_code == 403
    other.get("/admin/user/")
    one = ("sales1先生", "denied")
    assert results() == [
        *[one] * DENIALS,
        ("sales1先生", "flood"),
        ("sales2先生", "denied"),
    ]


@pytest.mark.parametrize("behind", [0, 3])
def test_how_far_the_file_is_behind_is_a_figure(app, client, last, head_file, behind):
    """AUD-2: so that somebody is told before the next audit verify."""
    head_file.write_text(f"{last - behind} {digest(last - behind)}\n", "ascii")
    assert f"audit_head_lag {behind}.0" in client.get("/metrics").text


def test_a_file_that_is_missing_is_a_figure_too(app, client, last, head_file):
    """AUD-2"""
    head_file.unlink()
    assert "audit_head_lag +Inf" in client.get("/metrics").text
