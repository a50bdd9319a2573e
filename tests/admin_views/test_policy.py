"""The generated matrices: every route × every role, for reading and for writing, from the URL map itself."""

from unittest.mock import patch

import pytest
from flask import Flask

from app.admin_views import MENU
from app.admin_views.base.record_view import POLICY
from app.domain.permissions import ENTITIES, edit_doors
from app.domain.role import DEFAULT_ROLES
from app.web.policy import LOGIN, NONE, REFUSED, Route, routes
from tests.conftest import PEOPLE
from tests.factories.customer import make_customer
from tests.visitor import forget

SCREENS = {screen.service.entity: screen for group in MENU.values() for screen in group}
HELD = sorted({role: username for username, (role, _) in reversed(PEOPLE.items())}.values())
#: Who may open what before login: everything else asks for it.
OPEN = {
    *("/favicon.ico", "/robots.txt", "/static/<path:filename>", "/livez", "/readyz", "/metrics"),
    *(
        "/login",
        "/logout",
        "/forgot-password",
        "/reset-password",
        "/reset-password/<token>",
        "/language",
    ),
    *("/login/verify", "/login/sms/send", "/login/passkey/begin", "/login/passkey/finish"),
    "/reset-password/sms",
}


def panel(app: Flask) -> list[Route]:
    """Return the routes of records."""
    return [route for route in routes(app) if route.entity != NONE]


def holds(role: str, entity: str, verb: str) -> bool:
    """Tell whether *role* may do it, by the table of roles alone."""
    granted = DEFAULT_ROLES[role].grants.get(entity, {})
    if verb == "edit":
        return SCREENS[entity].writable and bool(edit_doors(entity) & set(granted))
    return verb in granted


def address(route: Route) -> str:
    """Return an address of *route*."""
    return route.rule.replace("<export_type>", "csv")


# -- the table -------------------------------------------------------------------------------


def test_every_route_has_a_policy(app):
    """AZ-2: a route that is missing from the table fails the suite."""
    found = list(routes(app))
    assert [route.rule for route in found if route.verb == REFUSED] == []
    assert {route.rule for route in found if route.verb == NONE} <= OPEN
    assert {route.entity for route in panel(app)} == set(SCREENS)
    for route in panel(app):
        assert route.rule.startswith(f"/admin/{route.entity}/")
        assert route.verb in {*POLICY.values(), *ENTITIES[route.entity].verbs}, route


def test_the_command_prints_one_line_per_route(app):
    """policy: rule, methods, entity, verb, scope, CSRF, tab-separated; - for none."""
    answer = app.test_cli_runner().invoke(args=["policy"])
    assert answer.exit_code == 0
    lines = [line.split("\t") for line in answer.output.splitlines()]
    assert len(lines) == sum(1 for _ in app.url_map.iter_rules())
    assert {len(line) for line in lines} == {6}
    assert all(all(cell for cell in line) for line in lines)
    table = {line[0]: line[1:] for line in lines}
    assert table["/admin/customer/"] == [
        "GET",
        "customer",
        "see",
        "own,subordinates,department,all",
        "-",
    ]
    assert table["/admin/order/action/"][:3] == ["POST", "order", "action"]
    assert table["/admin/user/edit/"] == ["GET,POST", "user", "edit", "all", "token"]
    assert table["/admin/"] == ["GET", "-", "login", "-", "-"]
    assert table["/livez"] == ["GET", "-", "-", "-", "-"]
    assert table["/login"] == ["GET,POST", "-", "-", "-", "token"]


def test_a_route_without_a_policy_is_refused(visit, app):
    """AZ-2: what the table does not name is nobody's, not even the administrator's."""
    reader = visit("admin")
    one = make_customer()
    for name, path in (
        ("index_view", "/admin/customer/"),
        ("details_view", f"/admin/customer/details/?id={one}"),
        ("ajax_lookup", "/admin/order/ajax/lookup/?name=customer"),
    ):
        assert reader.get(path).status_code == 200
        less = {view: verb for view, verb in POLICY.items() if view != name}
        with patch.dict("app.admin_views.base.record_view.POLICY", less, clear=True):
            assert reader.get(path).status_code == 403, path
            refused = [route for route in routes(app) if route.verb == REFUSED]
            assert len(refused) == len(SCREENS)


# -- roles × routes --------------------------------------------------------------------------


@pytest.mark.parametrize("username", HELD)
def test_reading_is_for_those_who_hold_the_verb(visit, app, username):
    """AZ-2: GET of every route: 403 exactly where the role lacks the verb."""
    role = PEOPLE[username][0]
    reader = visit(username)
    for route in panel(app):
        if "GET" in route.methods:
            status = reader.get(address(route)).status_code
            assert status < 500, route
            assert (status == 403) == (not holds(role, route.entity, route.verb)), (status, route)


@pytest.mark.parametrize("username", HELD)
def test_writing_is_for_those_who_hold_the_verb(visit, app, username):
    """AZ-2: an empty POST with a valid token: 403 exactly where the role lacks the verb."""
    role = PEOPLE[username][0]
    writer = visit(username)
    token = writer.token
    for route in panel(app):
        if "POST" in route.methods and route.verb != "action":
            forget()
            answer = writer.browser.post(address(route), data={"csrf_token": token})
            assert answer.status_code < 500, route
            allowed = holds(role, route.entity, route.verb)
            assert (answer.status_code == 403) == (not allowed), (answer.status_code, route)


@pytest.mark.parametrize("username", HELD)
def test_actions_are_for_those_who_hold_their_verb(visit, app, username):
    """AZ-2, AZ-4: every action of every entity: 403 exactly where the role lacks its verb."""
    role = PEOPLE[username][0]
    writer = visit(username)
    token = writer.token
    for entity, screen in SCREENS.items():
        names = {action.name: action.verb for action in screen.actions}
        if screen.writable and "delete" in ENTITIES[entity].verbs:
            names["delete"] = "delete"
        for name, verb in names.items():
            asked = {"csrf_token": token, "action": name, "rowid": "999999", "confirm": "1"}
            forget()
            answer = writer.browser.post(f"/admin/{entity}/action/", data=asked)
            assert answer.status_code in (403, 404), (entity, name, answer.status_code)
            allowed = holds(role, entity, verb)
            assert (answer.status_code == 403) == (not allowed), (entity, name)


def test_every_verb_is_held_by_somebody(app):
    """AZ-2, positive control: no route is closed to everybody, but those of logs and settings."""
    for route in panel(app):
        if route.verb == "action" or route.verb not in ENTITIES[route.entity].verbs:
            continue
        holders = [role for role in DEFAULT_ROLES if holds(role, route.entity, route.verb)]
        assert holders or route.entity in ("trash", "audit", "loginlog"), route


# -- before login, and tricks ----------------------------------------------------------------


def test_everything_else_asks_for_login(client, app):
    """AZ-1: every route outside the allow-list: 302 to the login, as data 401, whatever the method."""
    for route in routes(app):
        if route.verb == NONE:
            continue
        for method in route.methods:
            forget()
            answer = client.browser.open(address(route), method=method)
            is_data = "/ajax/" in route.rule
            assert answer.status_code == (401 if is_data else 302), (method, route)
            assert is_data or answer.headers["Location"].startswith("/login"), route
            forget()
            answer = client.browser.open(
                address(route), method=method, headers={"Accept": "application/json"}
            )
            assert (answer.status_code, answer.get_json()) == (401, {"error": "login"}), route


def test_writing_needs_a_token_on_every_route(visit, app):
    """CSRF-1: every writing route × {no, empty, broken, foreign} token is 400."""
    writer, other = visit("admin"), visit("admin")
    foreign = other.token
    for route in routes(app):
        if "POST" in route.methods and route.verb != NONE:
            every = (None, "", "x", foreign)
            for token in every if route.entity == "customer" else (None, foreign):
                data = {} if token is None else {"csrf_token": token}
                forget()
                answer = writer.browser.post(address(route), data=data)
                assert answer.status_code == 400, (token, route)


def test_method_slash_case_and_encoding_tricks(visit):
    """AZ-16: other methods, doubled slashes, cases and encodings open nothing."""
    one = make_customer("sales3")
    reader = visit("viewer")
    edit = "/admin/customer/edit/?id=1"
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "FOO"):
        forget()
        answer = reader.browser.open(edit, method=method, headers={"X-CSRFToken": reader.token})
        assert answer.status_code in (403, 405), method
    for path in (
        "/Admin/customer/",
        "/admin/Customer/",
        "/admin/customer/Edit/",
        "/admin/customer/edit/x",
    ):
        assert reader.get(path).status_code == 404, path
    for path in (
        "//admin/customer/edit/?id=1",
        "/admin//customer/edit/?id=1",
        "/admin/customer/edit?id=1",
    ):
        answer = reader.get(path, follow_redirects=True)
        assert answer.status_code in (400, 403, 404), path
    for path in (
        "/admin/customer/%65dit/?id=1",
        "/admin/%63ustomer/edit/?id=1",
        "/admin/customer/./edit/?id=1",
    ):
        assert reader.get(path).status_code in (403, 404), path
    headers = {
        "X-HTTP-Method-Override": "GET",
        "X-Original-URL": "/admin/",
        "X-Rewrite-URL": "/admin/",
    }
    assert reader.get(edit, headers=headers).status_code == 403
    assert reader.post(edit, {"_method": "GET"}).status_code == 403
    answer = visit("sales1").browser.open(f"/admin/customer/details/?id={one}", method="HEAD")
    assert answer.status_code == 404
    assert LOGIN == "login"


def test_flask_admin_serves_nothing_of_its_own(visit):
    """HDR-6: the scripts that come with the library are not served."""
    assert visit("admin").get("/admin/static/vendor/jquery.min.js").status_code == 404
