"""SMS codes under pressure: ten who ask at once, ten who try at once, and a gateway that fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.cli import jobs as worker
from app.core import clock
from app.core.db import db
from app.core.errors import TooMany
from app.core.tokens import box
from app.core.work import SYSTEM, work_for
from app.domain.job import JobState
from app.domain.sms_code import COUNTED, LIFE, Purpose, takes_messages
from app.models.job import Job
from app.models.sms_code import SmsCode
from app.models.user import User
from app.services import sms_code
from tests.auth.conftest import phones
from tests.auth.phones import PHONE, another, with_phone
from tests.core.gateways import Gateway, gateway
from tests.visitor import forget

__all__ = ["gateway", "phones"]


def send(username="sales1", purpose=Purpose.LOGIN, bound_to="try"):
    with work_for(SYSTEM) as work:
        user = work.session.scalars(select(User).where(User.username == username)).one()
        sms_code.send(work, user, purpose, bound_to=bound_to)


def accept(code, purpose=Purpose.LOGIN, bound_to="try"):
    with work_for(SYSTEM) as work:
        user = work.session.scalars(select(User).where(User.username == "sales1")).one()
        return sms_code.accept(work, user, code, purpose, bound_to=bound_to)


def at_once(app, number, do):
    """Let so many do it in threads of their own; return what came of it."""

    def one(_):
        with app.app_context():
            try:
                return do() or "done"
            except TooMany:
                return "refused"

    with ThreadPoolExecutor(number) as crowd:
        return list(crowd.map(one, range(number)))


def count(model):
    forget()
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("people", [("sales1",), ("sales1", "sales2")])
def test_of_ten_who_ask_at_once_one_is_served(app, people):
    """MFA-13: also when they are different people with one phone."""
    for username in people:
        with_phone(username)
    turns = iter(people * 10)
    outcomes = at_once(app, 10, lambda: send(next(turns)))
    assert sorted(outcomes) == ["done"] + ["refused"] * 9
    assert count(SmsCode) == count(Job) == 1


def test_of_ten_who_try_the_right_code_at_once_one_succeeds(app, phones):
    """MFA-13"""
    with_phone("sales1")
    send()
    code = phones.code()
    assert at_once(app, 5, lambda: accept(code)).count(True) == 1


def test_no_more_than_five_are_judged_at_once(app, phones):
    """MFA-13"""
    with_phone("sales1")
    send()
    wrong = another(phones.code())
    at_once(app, 10, lambda: accept(wrong))
    forget()
    assert db.session.scalars(select(SmsCode.tries)).one() == 5


@pytest.mark.parametrize(
    ("purpose", "bound_to"), [(Purpose.RESET, "try"), (Purpose.LOGIN, ""), (Purpose.LOGIN, "other")]
)
def test_a_code_is_good_for_its_purpose_and_attempt_only(app, phones, purpose, bound_to):
    """MFA-13"""
    with_phone("sales1")
    send()
    assert not accept(phones.code(), purpose, bound_to)
    assert accept(phones.code())


def test_the_database_keeps_keyed_digests_only(app, phones):
    """MFA-13, RST-4"""
    with_phone("sales1")
    send()
    payload = db.session.scalars(select(Job.payload)).one()
    assert PHONE not in payload
    assert PHONE in (box().open(payload) or "")
    phones.deliver()
    forget()
    assert db.session.scalars(select(Job.payload)).one() == ""
    row = db.session.scalars(select(SmsCode)).one()
    assert {len(row.digest), len(row.phone)} == {64}


def test_a_message_whose_code_is_dead_is_not_sent(app, phones):
    """MFA-13: superseded or too late, it would only confuse."""
    with_phone("sales1")
    with clock.freeze(clock.now()) as hands:
        send()
        hands.advance(timedelta(seconds=61))
        send()
        assert len(phones.deliver()) == 1
        hands.advance(timedelta(seconds=61))
        send()
        hands.advance(LIFE)
        assert len(phones.deliver()) == 1


def test_a_message_is_in_the_language_of_its_reader(app, phones):
    with_phone("sales1")
    with work_for(SYSTEM) as work:
        user = work.session.scalars(select(User).where(User.username == "sales1")).one()
        user.locale = "en"
    send()
    (message,) = phones.deliver()
    assert message["text"].startswith("【苏州彩箱】 ")
    assert message["code"] in message["text"]


def test_what_a_gateway_does_not_take_is_tried_again(app, gateway: Gateway):
    """MFA-13, REL-1: the same message, until the code is over; nothing of it is kept."""
    with_phone("sales1")
    app.extensions["settings"], kept = gateway.settings_for(app), app.extensions["settings"]
    try:
        with clock.freeze(clock.now()) as hands:
            send()
            gateway.answers = [500, 302, 200]
            for _ in range(3):
                assert worker.run_due() == 1
                hands.advance(timedelta(seconds=41))
            assert worker.run_due() == 0
    finally:
        app.extensions["settings"] = kept
    assert len(gateway.posts) == 3
    assert len({body for _, _, body in gateway.posts}) == 1
    forget()
    job = db.session.scalars(select(Job)).one()
    assert (job.state, job.payload, job.error) == (JobState.DONE, "", "")


def test_old_rows_are_forgotten_when_no_limit_counts_them(app, phones):
    with_phone("sales1")
    with clock.freeze(clock.now()) as hands:
        send()
        hands.advance(COUNTED - timedelta(seconds=1))
        worker.tidy_up()
        assert count(SmsCode) == 1
        hands.advance(timedelta(seconds=2))
        worker.tidy_up()
        assert count(SmsCode) == 0


@pytest.mark.parametrize(
    "phone", [None, "", "0512-65432109", "4008001234", "+8613812345678", "１38"]
)
def test_only_mainland_mobiles_take_messages(phone):
    assert not takes_messages(phone)
    assert takes_messages(PHONE)
