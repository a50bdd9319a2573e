"""The other password profile: length instead of composition, no expiry, less where a factor helps."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core import clock
from app.core.work import SYSTEM, work_for
from app.models.user import User
from tests.auth.conftest import errors
from tests.auth.factors import with_app
from tests.conftest import PASSWORD

LONG = "violet anchor kettle wagon"
SHORT = "quxivoRbek"


@pytest.fixture(autouse=True)
def nist(app):
    """PASSWORD_PROFILE=nist."""
    kept = app.extensions["settings"]
    app.extensions["settings"] = kept.model_copy(update={"password_profile": "nist"})
    yield
    app.extensions["settings"] = kept


def change(person, new):
    fields = {"current_password": PASSWORD, "new_password": new, "confirm_password": new}
    return person.post("/account/password", fields)


def test_length_is_asked_and_composition_is_not(visit):
    """PWD-1"""
    person = visit("sales1")
    assert errors(change(person, SHORT))["new_password"] == "至少 15 位"
    assert "至少 15 位" in person.get("/account/password").text
    assert change(person, LONG).status_code == 302


def test_eight_are_enough_beside_a_second_factor(visit):
    """PWD-1"""
    with_app("sales1")
    person = visit("sales1")
    assert "至少 8 位" in person.get("/account/password").text
    assert change(person, SHORT).status_code == 302


def test_common_passwords_are_refused_however_long(visit):
    """PWD-2"""
    assert change(visit("sales1"), "woaini1314woaini1314").status_code == 422


def test_nothing_expires(visit):
    """PWD-7: without expiry there is neither a warning nor a closed door."""
    old = clock.now() - timedelta(days=400)
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).values(password_changed_at=old))
    assert visit("sales1").get("/admin/").status_code == 200
