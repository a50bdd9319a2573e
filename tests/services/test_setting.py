"""Settings: every knob there is reaches every database."""

import pytest
from sqlalchemy import delete, select

from app.cli import first_start
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.setting import Setting
from app.services.setting import KNOBS, value_of
from tests.visitor import forget


def test_a_new_knob_reaches_a_house_with_users(app):
    with work_for(SYSTEM) as work:
        work.session.execute(delete(Setting).where(Setting.key == "separate_duties"))
    assert first_start.prepare(app) == []
    forget()
    assert set(db.session.scalars(select(Setting.key))) == set(KNOBS)
    assert value_of(db.session(), "separate_duties") is False


def test_separate_duties_take_business_data_from_the_administrator(app, visit):
    """AZ-13"""
    person = visit("admin")
    assert person.get("/admin/customer/").status_code == 200
    one = db.session.scalars(select(Setting.id).where(Setting.key == "separate_duties")).one()
    answer = person.submit(f"/admin/setting/edit/?id={one}", value="1")
    assert answer.status_code == 302
    assert person.get("/admin/customer/").status_code == 403


@pytest.mark.parametrize(("value", "status"), [("-1", 422), ("0", 302), ("1.5", 422), ("x", 422)])
def test_a_number_is_not_below_its_least(visit, value, status):
    """Settings: a limit below nothing would be none."""
    person = visit("admin")
    one = db.session.scalars(select(Setting.id).where(Setting.key == "attachment_megabytes")).one()
    answer = person.submit(f"/admin/setting/edit/?id={one}", value=value)
    assert answer.status_code == status
    assert ("不能小于 0。" in answer.text) == (value == "-1")
