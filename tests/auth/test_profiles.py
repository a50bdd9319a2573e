"""The other password profile: length instead of composition, no expiry, less where a factor helps."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.password_history import PasswordHistory
from app.models.user import User
from app.services import password
from app.services.password import PasswordPolicy
from app.services.user import named, users
from tests.auth.conftest import errors
from tests.auth.factors import user_named, with_app
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


def test_a_short_password_does_not_outlive_the_second_factor(visit, try_door):
    """PWD-1: it has to be changed where the factor goes, whoever takes it away; a long one has not."""
    for take_away in (_switch_off, _be_helped):
        with_app("sales1")
        person = visit("sales1")
        now = PASSWORD if take_away is _switch_off else LONG
        fields = {"current_password": now, "new_password": SHORT, "confirm_password": SHORT}
        assert person.post("/account/password", fields).status_code == 302
        take_away(person)
        person = visit("sales1")
        assert person.get("/admin/").location == "/account/password"
        fields |= {"current_password": SHORT, "new_password": LONG, "confirm_password": LONG}
        assert person.post("/account/password", fields).status_code == 302
        assert person.get("/admin/").status_code == 200
        with work_for(SYSTEM) as work:
            work.session.execute(delete(PasswordHistory))
    with_app("sales2")
    change(visit("sales2"), LONG)
    _switch_off(visit("sales2"))
    assert visit("sales2").get("/admin/").status_code == 200


def _switch_off(person):
    assert person.post("/account/totp", {"disable": "1"}).status_code == 302


def _be_helped(_person):
    with work_for(SYSTEM) as work:
        users.reset_mfa(work, named(work.session, "sales1"))


def test_a_short_password_counts_by_what_is_on_when_it_is_taken(app):
    """PWD-1: the factor may go while the new password is being hashed."""
    with_app("sales1")
    user = user_named("sales1")
    policy = PasswordPolicy.of(app.extensions["settings"])
    chosen = password.choose(db.session(), user, SHORT, field="x", policy=policy, now=clock.now())
    with work_for(SYSTEM) as work:
        users.reset_mfa(work, named(work.session, "sales1"))
    with work_for(SYSTEM) as work:
        assert password.take(work, chosen).must_change_password
