"""The pages about a person's rights and sessions, from the outside."""

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.device_session import DeviceSession
from tests.conftest import PEOPLE
from tests.factories.customer import make_customer
from tests.services.people import change, give, make_role, role_id, separate, user_id
from tests.visitor import forget


def permissions(username, more=""):
    return f"/admin/user/permissions/?id={user_id(username)}{more}"


def sessions_of(username):
    forget()
    whose = DeviceSession.user_id == user_id(username)
    return list(
        db.session.scalars(select(DeviceSession.id).where(whose).order_by(DeviceSession.id))
    )


# -- what may this person do, and why ---------------------------------------------------------


def test_the_page_shows_scopes_and_roles(visit):
    give("viewer", "viewer", "sales")
    reader = visit("admin")
    page = reader.get(permissions("viewer"))
    assert page.status_code == 200
    for text in ("业务员（本人）、访客（本部门）", "隐藏：角色访客要求", "每次最多 10,000 行"):
        assert text in page.text
    data = reader.json(permissions("viewer"))
    assert data["permissions"]["customer"]["see"] == {
        "scope": "department",
        "roles": [
            {"role": "sales", "scope": "own"},
            {"role": "viewer", "scope": "department"},
        ],
        "taken": [],
    }
    assert data["masked"]["phones"] == {"masked": True, "roles": ["访客"]}


@pytest.mark.parametrize("username", sorted(PEOPLE))
def test_everybody_reads_their_own_rights(visit, username):
    """AZ-2: one's own page needs no permission, somebody else's needs that of seeing users."""
    reader = visit(username)
    own = reader.json("/account/permissions")
    assert own["user"]["username"] == username
    assert reader.get("/account/permissions").status_code == 200
    seen = reader.get(permissions("clerk")).status_code
    assert seen == (200 if username in ("admin", "security", "auditor") else 403)


def test_a_record_is_asked_about_by_whoever_sees_it(visit):
    """AZ-3, ENU-2"""
    one = make_customer("sales1")
    asked = f"&entity=customer&record_id={one}"
    page = visit("admin").get(permissions("sales2", asked))
    assert "客户归sales1先生负责，不在其中" in page.text
    found = visit("admin").json(permissions("sales1", asked))["check"]["answers"]
    assert found["see"] == {"allowed": True, "reason": "客户归本人负责。"}
    assert visit("security").get(permissions("sales1", asked)).status_code == 404
    assert visit("sales2").get(f"/account/permissions?{asked}").status_code == 404
    assert visit("sales1").get(f"/account/permissions?{asked}").status_code == 200
    pasted = f"&record_id=http://localhost/admin/customer/details/%3Fid%3D{one}"
    assert visit("admin").json(permissions("sales1", pasted))["check"]["id"] == one


@pytest.mark.parametrize(
    "more",
    ["&entity=x&record_id=1", "&entity=customer&record_id=x", "&entity=customer&record_id=-1"],
)
def test_odd_questions_are_not_found(visit, more):
    """SQL-3"""
    reader = visit("admin")
    assert reader.get(permissions("sales1", more)).status_code == 404
    assert reader.get("/admin/user/permissions/?id=999999").status_code == 404
    assert reader.get("/admin/user/permissions/").status_code == 404


def test_the_page_follows_separate_duties(visit):
    """AZ-13"""
    separate()
    page = visit("security").get(permissions("admin"))
    assert "三权分立取消" in page.text


def test_the_required_second_factor_follows_the_name_of_a_role(app, visit, monkeypatch):
    """MFA-6: the name counts; whatever the label says changes nothing."""
    house = app.extensions["settings"].model_copy(update={"mfa_required_roles": ("sales",)})
    monkeypatch.setitem(app.extensions, "settings", house)
    rename("sales", "销售顾问")
    assert visit("sales1").get("/admin/customer/").headers["Location"] == "/account/totp"
    data = visit("admin").json(permissions("sales1"))
    assert data["second_factor"] == {"set_up": False, "required_by": ["销售顾问"]}
    assert visit("admin").get("/admin/user/").status_code == 200


def rename(name, label):
    from app.models.role import Role
    from app.services.role import roles

    with work_for(SYSTEM) as work:
        role = work.session.get_one(Role, role_id(name))
        roles.update(work, role, {"label": label}, version=role.version)


# -- sessions of others -----------------------------------------------------------------------


def test_administrators_end_one_session_or_all(visit):
    """SES-7, SES-8, AUD-1: the next request of that browser is signed out."""
    first, second, admin = visit("sales1"), visit("sales1"), visit("admin")
    one, _ = sessions_of("sales1")
    path = f"/admin/user/sessions/?id={user_id('sales1')}"
    page = admin.get(path)
    assert page.text.count("data-session=") == 2
    ended = admin.post(path, {"id": user_id("sales1"), "session": one, "end": "1"})
    assert ended.status_code == 302
    assert first.get("/account/").status_code == 302
    assert second.get("/account/").status_code == 200
    assert admin.post(path, {"id": user_id("sales1"), "all": "1"}).status_code == 302
    assert second.get("/account/").status_code == 302
    entries = select(func.count()).where(Audit.action == "user.end_sessions")
    assert db.session.scalar(entries) == 2


def test_sessions_of_another_person_are_not_found(visit):
    """AZ-6, SES-7: an id that is not this person's, or no id at all, ends nothing."""
    visit("sales1")
    admin = visit("admin")
    (own,) = sessions_of("sales1")
    path = f"/admin/user/sessions/?id={user_id('sales2')}"
    for session in (own, 999_999, "x", "", None):
        values = {} if session is None else {"session": session}
        assert admin.post(path, values).status_code == 404
    assert admin.get("/admin/user/sessions/?id=999999").status_code == 404
    assert sessions_of("sales1") == [own]


@pytest.mark.parametrize("username", sorted(PEOPLE))
def test_sessions_are_for_those_who_may_end_them(visit, username):
    """AZ-2, AZ-13: an auditor does not even see the list."""
    reader = visit(username)
    path = f"/admin/user/sessions/?id={user_id('sales1')}"
    expected = 200 if username in ("admin", "security") else 403
    assert reader.get(path).status_code == expected
    assert ("登录设备" in reader.get("/account/").text) is True
    assert reader.post(path, {"all": "1"}).status_code == (302 if expected == 200 else 403)


def test_ending_asks_for_the_password_again(visit):
    """SES-7: with a stale authentication nothing ends."""
    visit("sales1")
    admin = visit("admin")
    with work_for(SYSTEM) as work:
        from app.core import clock

        old = clock.now().replace(year=2020)
        for one in work.session.scalars(select(DeviceSession)):
            one.confirmed_at = old
    path = f"/admin/user/sessions/?id={user_id('sales1')}"
    answer = admin.post(path, {"all": "1"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/confirm")
    assert len(sessions_of("sales1")) == 1


# -- the next request -------------------------------------------------------------------------


def test_what_is_taken_away_is_gone_at_the_next_request(visit):
    """SES-8: a role taken, a grant taken from the role, a disabled and a deleted account."""
    one = make_role("extra", {"loginlog": {"see": "all"}})
    change(SYSTEM, "sales1", roles=[role_id("sales"), one])
    reader = visit("sales1")
    assert reader.get("/admin/loginlog/").status_code == 200
    change(SYSTEM, "sales1", roles=[role_id("sales")])
    assert reader.get("/admin/loginlog/").status_code == 403
    change(SYSTEM, "sales1", roles=[role_id("sales"), one])
    assert reader.get("/admin/loginlog/").status_code == 200
    with work_for(SYSTEM) as work:
        from app.models.role import Role
        from app.services.role import roles

        role = work.session.get_one(Role, one)
        roles.update(work, role, {"grants": {}}, version=role.version)
    assert reader.get("/admin/loginlog/").status_code == 403
    change(SYSTEM, "sales1", is_active=False)
    assert reader.get("/admin/customer/").status_code == 302


def test_a_deleted_account_is_gone_at_the_next_request(visit):
    """SES-8"""
    from app.services.user import named, users

    with work_for(SYSTEM) as work:
        users.create(work, {"username": "kurz", "name": "短"})
    with work_for(SYSTEM) as work:
        named(work.session, "kurz").must_change_password = False
    reader = visit("kurz")
    assert reader.get("/account/").status_code == 200
    with work_for(SYSTEM) as work:
        user = named(work.session, "kurz")
        users.delete(work, user, version=user.version)
    assert reader.get("/account/").status_code == 302
