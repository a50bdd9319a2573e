"""Codes to reset a password: how often they are sent and tried, and that nothing tells who exists."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.login_counter import LoginCounter
from tests.auth.conftest import alert
from tests.auth.factors import waiting, with_app
from tests.auth.phones import another, with_phone
from tests.auth.test_reset import SENT
from tests.auth.test_reset_sms import MINUTE, ask, give


@pytest.fixture(autouse=True)
def phone(app):
    """The person of this test has a phone."""
    return with_phone("sales1")


def test_unknown_people_are_judged_by_the_same_statements(client, phones):
    """ENU-2"""
    ask(client)
    phones.deliver()
    heard = []

    def note(_connection, _cursor, statement, *_rest):
        heard.append(statement.split(" WHERE ")[0])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        seen = []
        for identity in ("sales1", "nobody"):
            heard.clear()
            give(client, "12345x", identity)
            seen.append(list(heard))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert seen[0] == seen[1]
    assert any("UPDATE sms_codes" in statement for statement in seen[0])


def test_a_code_bears_five_tries(client, phones):
    """RST-1, LCK-13: though the counter of the name begins anew."""
    ask(client)
    code = phones.code()
    for _ in range(5):
        assert give(client, another(code)).status_code == 401
        with work_for(SYSTEM) as work:
            work.session.execute(update(LoginCounter).values(tries=0))
    assert give(client, code).status_code == 401


@pytest.mark.parametrize("identity", ["sales1", "nobody"])
def test_tries_are_limited_whoever_is_named(client, identity):
    """LCK-13, ENU-1"""
    for _ in range(5):
        assert give(client, "123456", identity).status_code == 401
    answer = give(client, "123456", identity.upper())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert alert(answer) == "尝试次数过多，请在 15 分钟后再试。"


def test_a_refused_try_is_not_judged(client, phones):
    """LCK-13: while it is too often, even the right code leads nowhere."""
    ask(client)
    code = phones.code()
    for _ in range(5):
        give(client, "000000" if code != "000000" else "111111")
    assert give(client, code).status_code == 429


def test_messages_are_limited_without_changing_the_answer(client, phones):
    """RST-12, MFA-13"""
    with clock.freeze(clock.now()) as hands:
        for _ in range(3):
            assert SENT in ask(client).text
        assert len(phones.deliver()) == 1
        for _ in range(8):
            hands.advance(MINUTE)
            assert SENT in ask(client).text
            phones.deliver()
        assert len(phones.deliver()) == 3


def test_strangers_leave_some_messages_for_signing_in(app, client, phones, try_door):
    """MFA-13, RST-12: whoever knows a name may ask for codes to reset, and uses up a part only."""
    with_app("sales1")
    with clock.freeze(clock.now()) as hands:
        for _ in range(3):
            for _ in range(4):
                ask(client)
                phones.deliver()
                hands.advance(MINUTE)
            hands.advance(timedelta(hours=1))
        assert len(phones.deliver()) == 5
        for sent in (6, 7):
            waiting(app, try_door).post("/login/sms/send")
            assert len(phones.deliver()) == sent
            hands.advance(MINUTE)
