"""Passkeys that are no passkeys at all: how often, how large, of what shape."""

from datetime import timedelta

import pytest
from limits import parse
from sqlalchemy import delete

from app.core import clock
from app.core.work import SYSTEM, work_for
from app.models.rate_counter import RateCounter
from app.web.limits import LIMITS
from tests.auth.authenticator import (
    PRESENT,
    asked,
    come_in,
    encoded,
    refused,
    send,
    with_passkey,
)
from tests.auth.factors import code_of, prove, waiting, with_app
from tests.visitor import Visitor, forget


def test_tries_are_limited_with_those_of_the_other_factors(app, try_door):
    """MFA-4"""
    authenticator, device = with_app("sales1"), with_passkey("sales1")
    with clock.freeze(clock.now()) as hands:
        browser = waiting(app, try_door)
        for _ in range(5):
            refused(come_in(browser, device.sign(asked(browser), flags=PRESENT)))
        answer = come_in(browser, device.sign(asked(browser)))
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert answer.get_json()["message"] == "验证次数过多，请在 5 分钟后再试。"
        assert prove(browser, code_of(authenticator)).status_code == 429
        hands.advance(timedelta(minutes=5, seconds=1))
        assert come_in(browser, device.sign(asked(browser))).status_code == 200


def test_strangers_are_limited_by_address(app, client, monkeypatch):
    """LCK-13"""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(LIMITS, "passkey", parse("2 per minute"))
    assert [send(client, "/login/passkey/begin", {}).status_code for _ in range(3)] == [
        200,
        200,
        429,
    ]
    assert come_in(client, {}).status_code == 429


HOSTILE = [
    None,
    7,
    "x",
    [],
    {},
    {"id": {}, "rawId": {}, "type": "public-key", "response": {}},
    {"id": "a", "rawId": "a", "type": "public-key", "response": []},
    {"id": "AAAA", "rawId": "AAAA", "type": ["public-key"], "response": {}},
    {"id": "\ud800", "rawId": "\ud800", "type": "public-key", "response": {"signature": "\0"}},
]
ODD = [
    None,
    7,
    True,
    [],
    {},
    "",
    "*",
    "A",
    "\ud800",
    "好",
    "A" * 20_000,
    "AAAA",
    encoded(b"[" * 9_000),
]


def tried(browser, credential):
    """Send *credential*; how often is another question."""
    with work_for(SYSTEM) as work:
        work.session.execute(delete(RateCounter))
    refused(come_in(browser, credential))


def test_whatever_is_sent_is_refused(client):
    """SQL-3: never a 500, whatever the shape."""
    device = with_passkey("sales1")
    for credential in HOSTILE:
        tried(client, credential)
    for name in ("id", "rawId", "type", "response"):
        for value in ODD:
            tried(client, device.sign(asked(client)) | {name: value})
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for value in ODD:
            if name == "userHandle" and not value:
                continue
            signed = device.sign(asked(client))
            signed["response"][name] = value
            tried(client, signed)
    for told in (
        "[]",
        "null",
        "7",
        '{"challenge":7}',
        '{"challenge":{}}',
        '{"challenge":"\\ud800"}',
    ):
        signed = device.sign(asked(client))
        signed["response"]["clientDataJSON"] = encoded(told.encode())
        tried(client, signed)


@pytest.mark.parametrize(
    "body", ["", "[", "[]", "7", "null", "[" * 60_000, '{"credential":' * 4_000, "\xff"]
)
def test_what_is_no_object_is_refused(client, body):
    """SQL-3"""
    headers = {"X-CSRFToken": client.token, "Content-Type": "application/json"}
    for path in ("/login/passkey/finish", "/login/passkey/begin"):
        forget()
        answer = client.browser.post(path, data=body.encode("latin-1"), headers=headers)
        assert answer.status_code == (400 if path.endswith("finish") else 200)


def test_too_much_is_413(client):
    answer = come_in(client, "x" * 70_000)
    assert answer.status_code == 413
    assert answer.is_json


def test_nothing_is_begun_without_the_token_of_this_browser(app, client):
    """CSRF-1"""
    device = with_passkey("sales1")
    signed = device.sign(asked(client))
    for path in ("/login/passkey/begin", "/login/passkey/finish"):
        for token in ("", "x", Visitor(app).token):
            answer = send(client, path, {"credential": signed}, headers={"X-CSRFToken": token})
            assert (answer.status_code, answer.get_json()["error"]) == (400, "bad_request")
    foreign = {"Origin": "https://evil.example"}
    assert send(client, "/login/passkey/begin", {}, headers=foreign).status_code == 400
    assert come_in(client, signed).status_code == 200


def test_forged_answers_for_a_passkey_alone_cost_the_owner_nothing(app, client, try_door):
    """MFA-4, LCK-8: a stranger needs no password for them, so they must not lock anybody out."""
    authenticator, device = with_app("sales1"), with_passkey("sales1")
    for _ in range(6):
        refused(come_in(client, device.sign(asked(client), flags=PRESENT)))
    assert prove(waiting(app, try_door), code_of(authenticator)).status_code == 302
