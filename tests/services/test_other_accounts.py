"""Nobody gets into an account that may, sees or exports more than their own."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import NotAllowed
from app.core.work import SYSTEM, work_for
from app.models.job import Job
from app.services.user import named, users
from tests.auth.factors import with_app
from tests.services.people import acting, change, hold, role_id
from tests.services.test_own_rights import ALL, PERSONNEL, refused

HELPDESK = {"user": {"see": ALL, "reset_password": ALL, "reset_mfa": ALL, "unlock": ALL}}
SALES = {"customer": {"see": "own", "edit": "own"}, "order": {"see": "own"}}


#: Edits people, helps them in, and sees customers of their own.
EVERYBODY = {**SALES, "user": {**PERSONNEL["user"], **HELPDESK["user"]}}


@pytest.mark.parametrize(
    "values",
    [{"email": "me@example.com"}, {"phone": "13912345678"}, {"username": "mine"}],
    ids=["email", "phone", "username"],
)
def test_who_may_not_grant_takes_no_stronger_account_over(app, values):
    """AZ-12: links and codes go to the stored address; who changes it could sign in as that person."""
    clerk = hold("clerk", PERSONNEL | SALES)
    hold("sales1", SALES)
    for whom in ("admin", "security", "auditor", "manager", "sales2"):
        assert refused(clerk, whom, **values) == set(values)
        change(clerk, whom, name="新名字")
    change(clerk, "sales1", **values)
    change(acting("security"), "admin", roles=[role_id("admin"), role_id("manager")])


@pytest.mark.parametrize(
    "more",
    [{"export_rows": 10}, {"grants": SALES | {"contact": {"see": "own"}}}, {"hidden": []}],
    ids=["rows", "grants", "values"],
)
def test_another_account_shows_no_more_than_ones_own(app, more):
    """AZ-12, PII-1: rows of an export, records and values behind a mask count like verbs."""
    clerk = hold("clerk", EVERYBODY, hidden=["phones"])
    hold("sales1", **{"grants": SALES, "hidden": ["phones"]} | more)
    assert refused(clerk, "sales1", email="me@example.com") == {"email"}
    with pytest.raises(NotAllowed), work_for(clerk) as work:
        users.reset_password(work, named(work.session, "sales1"), {"reason": "丢失"})


@pytest.mark.parametrize(
    "values",
    [{"email": "me@example.com"}, {"phone": "13912345678"}, {"username": "mine"}],
    ids=["email", "phone", "username"],
)
def test_who_may_not_reset_a_second_factor_moves_no_keys_past_it(app, values):
    """AZ-12, MFA-14: a link to a new address, a code to a new phone would be both factors."""
    with_app("sales1")
    hold("sales1", SALES)
    assert refused(hold("clerk", PERSONNEL | SALES), "sales1", **values) == set(values)
    change(acting("clerk"), "sales1", name="新名字")
    both = {**SALES, "user": {**PERSONNEL["user"], "reset_mfa": ALL}}
    change(hold("sales2", both), "sales1", **values)
    with_app("clerk")
    own = {"email": "own@example.com", "phone": "13612345678", "username": "own"}
    change(acting("clerk"), "clerk", **{key: own[key] for key in values})


def test_who_may_not_grant_wakes_no_stronger_account_up(app):
    """AZ-12: whoever is disabled and holds more stays disabled."""
    clerk = hold("clerk", PERSONNEL)
    change(acting("admin"), "auditor", is_active=False)
    assert refused(clerk, "auditor", is_active=True) == {"is_active"}
    change(acting("admin"), "auditor", is_active=True)


@pytest.mark.parametrize("verb", ["reset_password", "reset_mfa"])
def test_who_may_not_grant_lets_nobody_stronger_in(app, verb):
    """AZ-12, RST-19: a one-time password of an administrator would be the administrator's rights."""
    clerk = hold("clerk", HELPDESK)
    hold("sales1", {"dictionary": {}})
    for whom in ("admin", "security", "manager", "sales2"):
        with pytest.raises(NotAllowed), work_for(clerk) as work:
            getattr(users, verb)(work, named(work.session, whom), {"reason": "丢失"})
    with work_for(clerk) as work:
        getattr(users, verb)(work, named(work.session, "sales1"), {"reason": "丢失"})
        users.unlock(work, named(work.session, "admin"))
    for who in ("admin", "security"):
        with work_for(acting(who)) as work:
            getattr(users, verb)(work, named(work.session, "manager"), {"reason": "丢失"})


def test_the_owner_is_told_of_a_reset_password(app):
    """RST-5, RST-19"""
    change(SYSTEM, "sales1", email="sales1@example.com")
    with work_for(acting("admin")) as work:
        users.reset_password(work, named(work.session, "sales1"), {"reason": "忘记密码"})
    assert "mail" in set(db.session.scalars(select(Job.kind)))
