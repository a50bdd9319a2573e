"""The gate: who gets past it, in which order it refuses, and what every answer carries."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.core.db import db
from app.models.audit import Audit
from app.services import device_session
from app.web.asking import local_path
from tests.auth.conftest import token_of
from tests.conftest import PASSWORD
from tests.visitor import Visitor, forget

OPEN = {
    *("/login", "/logout", "/forgot-password", "/reset-password", "/reset-password/<token>"),
    *("/livez", "/readyz", "/metrics", "/favicon.ico", "/robots.txt", "/language"),
    *("/static/<path:filename>", "/login/verify", "/reset-password/sms"),
}


def test_everything_else_needs_login(app, client):
    """AZ-1"""
    for rule in app.url_map.iter_rules():
        if rule.rule in OPEN:
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        answer = client.get(path)
        if "/ajax/" in path:
            assert answer.status_code == 401, rule
        else:
            assert answer.status_code == 302, rule
            assert answer.location.startswith("/login?next="), rule


def test_unknown_addresses_need_login_too(client):
    """AZ-1, AZ-16"""
    for path in ("/nothing", "/admin/nothing/", "/ADMIN/", "/admin/..;/"):
        assert client.get(path).status_code == 302
    assert client.get("/nothing?format=json").get_json() == {"error": "login"}


def test_the_answer_as_data_is_401(client):
    """AZ-1"""
    for options in (
        {"query_string": {"format": "json"}},
        {"headers": {"Accept": "application/json"}},
        {"headers": {"X-Requested-With": "XMLHttpRequest"}},
    ):
        answer = client.get("/admin/customer/", **options)
        assert (answer.status_code, answer.get_json()) == (401, {"error": "login"})


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:1", "http://localhost.evil.example"],
)
def test_a_foreign_origin_is_refused_even_with_a_good_token(app, visit, origin):
    """CSRF-3, before everything else"""
    assert visit("sales1").post("/logout", headers={"Origin": origin}).status_code == 400
    assert Visitor(app).post("/admin/customer/new/", headers={"Origin": origin}).status_code == 400


def test_our_own_origin_is_fine(visit):
    """CSRF-3"""
    answer = visit("sales1").post("/logout", headers={"Origin": "http://localhost"})
    assert answer.status_code == 302


@pytest.mark.parametrize("token", [None, "", "x", "foreign", "stale"])
def test_nothing_is_posted_without_the_token_of_this_session(app, visit, try_door, token):
    """CSRF-1"""
    person = visit("sales1")
    value = token
    if token in ("foreign", "stale"):
        value = token_of(Visitor(app, "sales2") if token == "foreign" else person)
        try_door("sales1", PASSWORD, person)
    data = {} if value is None else {"csrf_token": value}
    for path in ("/logout", "/account/password", "/account/preferences", "/admin/customer/new/"):
        assert person.browser.post(path, data=data).status_code == 400, path
    assert person.get("/admin/").status_code == 200


def test_login_needs_the_token_too_and_keeps_what_was_typed(client):
    """SES-14, CSRF-6"""
    answer = client.browser.post("/login", data={"username": "sales1", "password": PASSWORD})
    assert answer.status_code == 400
    assert 'value="sales1"' in answer.text
    assert PASSWORD not in answer.text


def test_a_token_in_the_header_is_as_good(visit):
    """CSRF-1"""
    person = visit("sales1")
    token = token_of(person)
    answer = person.browser.post(
        "/account/preferences", data={"theme": "dark"}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 204
    assert 'data-theme="dark"' in person.get("/account/").text


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *(
            "http:///evil.example",
            "javascript:alert(1)",
            "/\tevil",
            "\n//evil.example",
            "///x.example",
        ),
        *("https:evil.example", "//localhost@evil.example", "http://localhost.evil.example/"),
        *("evil.example", "@evil.example", "http://[", "/" + "a" * 3000),
    ],
)
def test_next_leads_only_to_this_site(try_door, target):
    """RED-1"""
    answer = try_door("sales1", PASSWORD, more={"next": target})
    assert (answer.status_code, answer.location) == (302, "/admin/")


def test_next_leads_back(try_door):
    """RED-1"""
    answer = try_door("sales1", PASSWORD, more={"next": "/admin/customer/?search=%E7%BA%B8"})
    assert answer.location == "/admin/customer/?search=%E7%BA%B8"


def test_our_own_absolute_addresses_become_paths(app):
    """RED-1"""
    with app.test_request_context():
        assert local_path("http://localhost/admin/?a=1") == "/admin/?a=1"


def test_every_answer_carries_the_headers(client, visit):
    """HDR-1, HDR-3"""
    person = visit("sales1")
    for who, path in (
        (client, "/login"),
        (client, "/static/app.css"),
        (client, "/livez"),
        (client, "/readyz"),
        (client, "/nothing"),
        (person, "/admin/"),
        (person, "/nothing"),
        (person, "/account/"),
        (person, "/admin/customer/?format=json"),
    ):
        headers = who.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        if not path.startswith("/static/"):
            assert headers["Cache-Control"] == "no-store", path
            assert "Cookie" in headers["Vary"]


def test_an_unknown_host_is_refused_barely(client):
    """HDR-5, RST-3"""
    answer = client.get("/login", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "csrf" not in answer.text
    assert client.get("/livez", headers={"Host": "10.0.0.1:8000"}).text == "ok"
    assert client.get("/readyz", headers={"Host": "10.0.0.1"}).status_code == 200


def test_readiness_names_what_it_checks(client):
    """REL-15"""
    assert client.get("/readyz").get_json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "redis": "off"},
    }


def test_figures_are_for_this_host_only(client):
    assert "http_requests_total" in client.get("/metrics").text
    for options in (
        {"environ_base": {"REMOTE_ADDR": "10.0.0.1"}},
        {"headers": {"X-Forwarded-For": "10.0.0.1"}},
    ):
        assert client.get("/metrics", **options).status_code == 403


def test_refusals_are_pages_or_data(visit):
    """SQL-4"""
    person = visit("sales1")
    page = person.get("/admin/customer/details/?id=999999")
    assert page.status_code == 404
    assert "记录不存在或您无权查看。" in page.text
    data = person.get("/admin/customer/details/?id=999999&format=json")
    assert data.get_json()["error"] == "missing"
    assert person.get("/nothing").status_code == 404
    header = {"X-CSRFToken": token_of(person)}
    assert person.browser.delete("/account/", headers=header).status_code == 405
    assert "您没有此操作的权限。" in person.get("/admin/user/").text


def test_the_language_can_be_chosen_before_login(client):
    assert (
        client.post(
            "/language", {"locale": "en"}, headers={"Referer": "http://localhost/login"}
        ).location
        == "/login"
    )
    assert 'lang="en"' in client.get("/login").text
    client.post("/language", {"locale": "xx"})
    assert 'lang="en"' in client.get("/login").text


def test_password_managers_find_the_page(visit):
    """PWD-10"""
    assert visit("sales1").get("/.well-known/change-password").location == "/account/password"


def test_denials_are_written_down(visit):
    """AUD-1"""
    answer = visit("sales1").get("/admin/user/")
    assert answer.status_code == 403
    assert "用户 · 查看" in answer.text
    forget()
    entry = db.session.scalars(select(Audit).where(Audit.action == "access.denied")).one()
    assert (entry.entity, entry.changes["permission"], entry.actor) == (
        "user",
        "user.see",
        "sales1先生",
    )


def test_a_lost_database_is_a_moment_to_wait(visit, monkeypatch):
    """REL-6, SQL-4"""
    person = visit("sales1")

    def lost(*_arguments, **_options):
        raise OperationalError("SELECT secret", {}, Exception("down"))

    monkeypatch.setattr(device_session, "find", lost)
    for path, is_data in (("/admin/", False), ("/admin/?format=json", True)):
        answer = person.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "secret" not in answer.text
        assert answer.is_json == is_data
    assert person.get("/livez").status_code == 200
    assert person.get("/static/app.css").status_code == 200


def test_the_unforeseen_is_a_page_with_an_id_and_nothing_else(visit, monkeypatch):
    """SQL-4"""
    person = visit("sales1")
    monkeypatch.setattr(device_session, "find", lambda *_a, **_o: 1 / 0)
    answer = person.get("/admin/")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    assert "ZeroDivision" not in answer.text


def test_too_much_is_413(app, visit, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10_000)
    answer = visit("sales1").post("/account/", {"name": "x" * 20_000})
    assert answer.status_code == 413
    assert "提交的内容太大" in answer.text


def test_administrators_may_be_kept_to_their_addresses(app, visit, monkeypatch):
    """CFG-10"""
    house = app.extensions["settings"]
    monkeypatch.setitem(house.__dict__, "admin_addresses", ("10.1.0.0/16",))
    admin, sales = visit("admin"), visit("sales1")
    assert admin.get("/admin/").status_code == 403
    assert admin.get("/admin/", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200
    assert sales.get("/admin/").status_code == 200
    assert admin.post("/logout").status_code == 302
