"""Changing keys: nobody is thrown out, nothing becomes unreadable, the newest key signs and seals."""

import pytest
from cryptography.fernet import Fernet
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature

from app import create_app
from app.core.config import load_settings
from app.core.tokens import Box
from app.models.user import User
from tests.visitor import Visitor

OLD = "an-old-secret-key-0123456789-abcdefgh"
NEW = "a-newer-secret-key-9876543210-hgfedcba"


@pytest.fixture
def keys(app):
    """Change the signing keys of the application: ``keys(newest, *fallbacks)``."""
    kept = app.config["SECRET_KEY"], app.config["SECRET_KEY_FALLBACKS"]

    def change(newest, *fallbacks):
        app.config["SECRET_KEY"], app.config["SECRET_KEY_FALLBACKS"] = newest, list(fallbacks)

    yield change
    change(kept[0], *kept[1])


def opens(app, cookie, key):
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    serializer.secret_keys = [key.encode()]
    try:
        serializer.loads(cookie)
    except BadSignature:
        return False
    return True


def test_a_new_key_throws_nobody_out(app, visit, keys):
    """SES-17: the old key is believed as a fallback, the new one signs."""
    keys(OLD)
    person = visit("sales1")
    keys(NEW, OLD)
    assert person.get("/admin/").status_code == 200
    assert person.submit("/account/", name="新的名字").status_code == 302
    cookie = person.browser.get_cookie("sid").value
    assert opens(app, cookie, NEW)
    assert not opens(app, cookie, OLD)
    keys(NEW)
    assert person.get("/admin/").status_code == 200


def test_a_key_that_was_given_up_opens_nothing(visit, keys):
    """SES-17"""
    keys(OLD)
    person = visit("sales1")
    keys(NEW)
    assert person.get("/admin/").status_code == 302


def test_the_settings_reach_the_application(tmp_path):
    """SES-17"""
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    house = load_settings(
        tmp_path, warn=False, database_url=url, secret_key=NEW, secret_key_fallbacks=(OLD,)
    )
    app = create_app(house)
    assert (app.config["SECRET_KEY"], app.config["SECRET_KEY_FALLBACKS"]) == (NEW, [OLD])


def test_what_an_old_data_key_sealed_stays_readable():
    """PII-9: the first key seals, all of them open; a key that was given up opens nothing."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Box([old]).close("JBSWY3DPEHPK3PXP")
    assert Box([new, old]).open(sealed) == "JBSWY3DPEHPK3PXP"
    again = Box([new, old]).close("JBSWY3DPEHPK3PXP")
    assert Box([new]).open(again) == "JBSWY3DPEHPK3PXP"
    assert Box([old]).open(again) is None
    assert Box([new]).open(sealed) is None


def test_no_answer_lets_another_site_read_it(app, visit):
    """CSRF-7"""
    person = visit("admin")
    for rule in app.url_map.iter_rules():
        if "<" in rule.rule:
            continue
        for method in ("GET", "OPTIONS"):
            asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
            answer = person.browser.open(rule.rule, method=method, headers=asked)
            allowed = [name for name, _ in answer.headers if "access-control" in name.lower()]
            assert allowed == [], rule.rule


def test_https_is_demanded_for_a_year(tmp_path):
    """HDR-4, SES-9: over https every answer says so, subdomains included; over http none does."""
    for url, wanted in (
        ("https://panel.example.cn", "max-age=31536000; includeSubDomains"),
        ("http://localhost:8000", None),
    ):
        database = f"sqlite:///{tmp_path / 'tls.db'}"
        house = load_settings(tmp_path, warn=False, database_url=database, public_url=url)
        app = create_app(house)
        browser = Visitor(app).browser
        for path in ("/livez", "/login", "/static/app.css", "/nothing"):
            answer = browser.get(path, base_url=url)
            assert answer.headers.get("Strict-Transport-Security") == wanted, path


def test_nobody_is_asked_for_hints_or_questions(app):
    """PWD-13: there is no such column, and no such page."""
    words = ("hint", "question", "answer")
    names = [*User.__table__.columns.keys(), *(rule.rule for rule in app.url_map.iter_rules())]
    assert [name for name in names if any(word in name for word in words)] == []
