"""Accounts that run more of the house than one's own: not removed, not put out; and new rights void old links."""

import pytest

from app.core.errors import NotAllowed, RuleBroken
from app.core.work import SYSTEM, work_for
from app.services import password_reset
from app.services.user import named, users
from tests.services.conftest import problems_of
from tests.services.people import acting, change, give, hold, role_id, separate, user_id

ALL = "all"
PERSONNEL = {"user": {"see": ALL, "create": ALL, "edit": ALL, "delete": ALL}}


def remove(who, whom):
    with work_for(who) as work:
        user = named(work.session, whom)
        users.delete(work, user, version=user.version)


@pytest.mark.parametrize("whom", ["security", "auditor", "admin"])
def test_az_12_who_edits_users_neither_removes_nor_puts_out_a_higher_account(app, whom):
    """AZ-12: neither administrators, nor whoever grants, nor whoever watches; a second administrator is there."""
    give("manager", "admin")
    clerk = hold("clerk", PERSONNEL)
    with pytest.raises(NotAllowed):
        remove(clerk, whom)
    with pytest.raises(RuleBroken) as refusal:
        change(clerk, whom, is_active=False)
    assert set(problems_of(refusal)) == {"is_active"}
    change(acting("manager"), whom, is_active=False)


def test_az_12_who_edits_users_removes_and_puts_out_the_others(app):
    """AZ-12, positive control: business data are nobody's to gain by it, with separate duties, too."""
    clerk = hold("clerk", PERSONNEL)
    change(clerk, "sales1", is_active=False)
    remove(clerk, "sales2")
    separate()
    change(acting("admin"), "finance", is_active=False)
    with pytest.raises(RuleBroken):
        change(acting("admin"), "security", is_active=False)


def link_for(username):
    """Return the token of a link to reset the password, as a mail brings it."""
    with work_for(SYSTEM) as work:
        return password_reset._new_token(work, user_id(username), 30)


@pytest.mark.parametrize("roles", [["sales"], ["viewer", "finance"]])
def test_az_13_new_roles_void_links_that_were_sent_before(app, roles):
    """AZ-13: what was ordered for an empty account opens none with business data."""
    give("sales1")
    token = link_for("sales1")
    other = link_for("sales2")
    change(acting("admin"), "sales1", name="改名")
    with work_for(SYSTEM) as work:
        assert password_reset.owner_of(work.session, token, now=work.now) is not None
    change(acting("security"), "sales1", roles=[role_id(name) for name in roles])
    with work_for(SYSTEM) as work:
        assert password_reset.redeem(work, token) is None
        assert password_reset.redeem(work, other) == user_id("sales2")
