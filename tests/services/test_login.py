"""Counting tries: parallel guesses, and the time that answers take."""

import statistics
import time
from threading import Barrier, Thread

import pytest

from app.core.work import SYSTEM, Origin, work_for
from app.services import login, login_counter
from tests.conftest import PASSWORD

STEPS = (1, 5, 15, 60)


def attempt(username, address="10.0.0.1"):
    with work_for(SYSTEM, Origin(address)) as work:
        return login.open_attempt(
            work, username=username, device="", known_device=None, steps=STEPS
        )


def test_parallel_guesses_cannot_exceed_the_limit(app):
    """LCK-11, LCK-6"""
    allowed, start = [], Barrier(12)

    def guess(number):
        start.wait()
        with app.app_context():
            if attempt("sales1", f"10.0.0.{number}").charge.is_allowed:
                allowed.append(number)

    threads = [Thread(target=guess, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == 5


def test_a_lock_of_the_name_is_no_failure_of_the_address(app):
    """LCK-5"""
    for _ in range(30):
        attempt("sales1")
    assert attempt("sales2").charge.is_allowed


def test_a_blocked_address_charges_no_name(app):
    """LCK-4, LCK-5"""
    for number in range(20):
        attempt(f"user{number}")
    for _ in range(10):
        assert not attempt("sales1").charge.is_allowed
    assert attempt("sales1", "10.0.0.2").charge.left == 4


def test_one_person_commands_a_whole_network_of_addresses(app):
    """LCK-5"""
    for number in range(20):
        attempt(f"user{number}", f"2001:db8:1:2::{number:x}")
    assert not attempt("user99", "2001:db8:1:2:ffff::1").charge.is_allowed
    assert attempt("user99", "2001:db8:1:3::1").charge.is_allowed


def test_a_password_changed_meanwhile_does_not_let_in(app):
    """RST-5"""
    judged = attempt("sales1")
    assert login.matches(judged, PASSWORD)
    with work_for(SYSTEM) as work:
        login.conclude(work, judged, is_right=True, renewed="another hash")
    with work_for(SYSTEM) as work:
        verdict, user = login.conclude(work, judged, is_right=True)
    assert (verdict.result.value, user) == ("wrong", None)


def test_quiet_counters_are_removed(app):
    attempt("sales1")
    with work_for(SYSTEM) as work:
        login_counter.forget_quiet(work)
    assert attempt("sales1").charge.left == 3


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_unknown_people_take_as_long(app):
    """ENU-2"""

    def median(username):
        times = []
        for _ in range(9):
            began = time.perf_counter()
            login.matches(attempt(username), "wrong")
            times.append(time.perf_counter() - began)
            with work_for(SYSTEM) as work:
                login_counter.unlock(work, login.identity_of(username))
                login_counter.forgive(work, "address:10.0.0.1")
        return statistics.median(times)

    assert abs(median("sales1") - median("nobody")) < 0.015
