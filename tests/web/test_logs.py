"""Logs are lines of JSON that find every request, and tell nothing about people or secrets."""

import json
import logging
import re

import pytest
import structlog

from app.services import device_session
from app.web.logs import JsonLines, PlainLines, cleaned, lines_for
from tests.factories.customer import make_customer

PASSWORD = "Kalle-Renjia-123"
PHONE = "13812345678"
TOKEN = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v"


@pytest.fixture
def lines(app, monkeypatch):
    """Everything that is logged from now on, as it is written."""
    heard = []

    class Ear(logging.Handler):
        def emit(self, record):
            heard.append(self.format(record))

    ear = Ear()
    ear.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(ear)
    yield heard
    root.removeHandler(ear)


def requests_in(lines):
    facts = [json.loads(line) for line in lines]
    return [fact for fact in facts if fact["event"] == "request"]


def test_each_answer_is_one_line_with_who_what_and_how_long(visit, lines):
    """LOG-1, LOG-2"""
    person = visit("sales1")
    customer = make_customer()
    answer = person.get(f"/admin/customer/details/?id={customer}")
    (fact,) = requests_in(lines)
    assert fact["request_id"] == answer.headers["X-Request-ID"]
    assert fact["user_id"] == person.user_id
    assert (fact["method"], fact["path"], fact["id"]) == (
        "GET",
        "/admin/customer/details/",
        customer,
    )
    assert fact["status"] == 200
    assert fact["ms"] > 0


def test_neither_secrets_nor_people_are_logged(visit, client, lines):
    """LOG-1, PII-1: what people typed, sent or are called is in no line."""
    visit("sales1").get(f"/admin/customer/?search={PHONE}&flt_name_contains=王小明")
    client.post("/login", {"username": "王小明", "password": PASSWORD})
    client.get(f"/reset-password/{TOKEN}")
    client.get(f"/reset-password/{TOKEN}/")
    client.get(f"/nothing/{PHONE}/{TOKEN}?token={TOKEN}", headers={"Authorization": TOKEN})
    text = "\n".join(lines)
    assert len(requests_in(lines)) == 5
    for secret in (PHONE, PASSWORD, TOKEN, "王小明", "sales1"):
        assert secret not in text


@pytest.mark.parametrize("trick", ["%0d%0a", "%E2%80%A8", "%1b[31m", "%E2%80%AE", '"}%0a{"'])
def test_nobody_can_write_lines_of_their_own(client, lines, trick):
    """LOG-3: no new line, no colours of a terminal, no reversed text."""
    client.get(f"/x{trick}y")
    (line,) = lines
    assert line.isprintable()
    assert "y" in json.loads(line)["path"]


def test_an_error_tells_the_way_but_not_the_values(visit, lines, monkeypatch):
    """LOG-1, SQL-4: the id on the page finds the trace."""
    person = visit("sales1")

    def broken(*_arguments, **_options):
        raise LookupError(f"no {PHONE} of wang@example.com with {TOKEN}")

    monkeypatch.setattr(device_session, "find", broken)
    answer = person.get("/admin/")
    assert answer.status_code == 500
    failure = next(fact for fact in map(json.loads, lines) if fact["level"] == "error")
    assert failure["request_id"] == answer.headers["X-Request-ID"]
    assert any("broken" in step for step in failure["error"])
    assert failure["error"][-1] == "LookupError: no … of … with …"


def test_facts_named_like_secrets_are_left_out(app, lines):
    structlog.get_logger("app.jobs").warning("done", name="x", password=PASSWORD, job=3)
    (fact,) = map(json.loads, lines)
    assert (fact["event"], fact["name"], fact["job"]) == ("done", "x", 3)
    assert PASSWORD not in str(fact)


def test_health_is_asked_too_often_to_be_told(client, lines):
    client.get("/livez")
    client.get("/static/app.css")
    assert requests_in(lines) == []


def test_what_is_harmless_stays():
    assert cleaned("订单 SO202611-0001 已保存") == "订单 SO202611-0001 已保存"
    assert len(cleaned("a b" * 1000)) < 600


def test_a_terminal_in_development_gets_lines_for_people(app, visit, monkeypatch):
    """LOG-1: short lines where somebody watches, JSON everywhere else; static files are no news."""
    house = app.extensions["settings"]
    assert type(lines_for(house)) is JsonLines
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert type(lines_for(house)) is PlainLines
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record):
            heard.append(PlainLines().format(record))

    person, customer, ear = visit("sales1"), make_customer(), Ear()
    logging.getLogger().addHandler(ear)
    try:
        person.get("/static/app.css")
        person.get(f"/admin/customer/details/?id={customer}")
        logging.getLogger("app").warning("the disk is nearly full")
    finally:
        logging.getLogger().removeHandler(ear)
    asked, warned = heard
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d 200 GET  /admin/customer/details/\?id=\d+ [\d.]+ ms", asked
    )
    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING the disk is nearly full.*", warned)
