"""Passwords are kept as argon2id hashes and judged in equal time."""

import threading
import time
import unicodedata
from statistics import median

import argon2
import pytest

from app.core import passwords
from app.core.errors import Unavailable
from app.core.invalid import InvalidValue

GOOD = "Tiger!Moon82lamp"


@pytest.fixture(scope="module")
def stored():
    return passwords.make_hash(GOOD)


def test_pwd_9_hashes_are_argon2id_of_at_least_the_owasp_minimum(stored):
    """PWD-9."""
    parameters = argon2.extract_parameters(stored)
    assert stored.startswith("$argon2id$")
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19_456, 2, 1)


def test_a_password_matches_its_hash_and_no_other(stored):
    assert passwords.match(stored, GOOD)
    assert not passwords.match(stored, GOOD.lower())
    assert not passwords.match(stored, GOOD + " ")


def test_the_same_password_never_hashes_the_same(stored):
    assert passwords.make_hash(GOOD) != stored


def test_pwd_9_a_weaker_hash_asks_to_be_renewed(stored):
    """PWD-9."""
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)
    assert passwords.match(weak, GOOD)
    assert [passwords.needs_rehash(h) for h in (weak, "junk", stored)] == [True, True, False]


def test_pwd_4_composed_and_decomposed_letters_are_the_same_password():
    """PWD-4."""
    stored = passwords.make_hash(unicodedata.normalize("NFC", "Café-Zürich 7"))
    assert passwords.match(stored, unicodedata.normalize("NFD", "Café-Zürich 7"))
    assert passwords.match(stored, "Ｃafé-Zürich 7")


def test_pwd_3_the_last_of_128_characters_counts():
    """PWD-3."""
    stored = passwords.make_hash("a" * 127 + "b")
    assert passwords.match(stored, "a" * 127 + "b")
    assert not passwords.match(stored, "a" * 127 + "c")


@pytest.mark.parametrize("absurd", ["a" * 129, "a" * 10_000_000, "\ufdfa" * 100])
def test_pwd_3_absurd_lengths_are_refused_cheaply(stored, absurd):
    """PWD-3."""
    begun = time.perf_counter()
    with pytest.raises(InvalidValue, match="最多 128 位"):
        passwords.make_hash(absurd)
    assert not passwords.match(stored, absurd)
    assert not passwords.match(None, absurd)
    assert time.perf_counter() - begun < 0.02


@pytest.mark.parametrize("odd", ["\ud800abc", "\0", "密码🔑" * 3, " " * 8])
def test_any_unicode_is_a_password(odd):
    stored = passwords.make_hash(odd)
    assert passwords.match(stored, odd)
    assert not passwords.match(stored, odd + "x")


def test_a_damaged_hash_matches_nothing():
    assert not any(passwords.match(damaged, GOOD) for damaged in ("", "junk", "$argon2id$v=19$m=1"))


def test_enu_2_an_unknown_user_takes_as_long_as_a_known_one(stored):
    """ENU-2."""

    def taken(kept):
        begun = time.perf_counter()
        passwords.match(kept, "Wrong!Guess77")
        return time.perf_counter() - begun

    rounds = [(taken(stored), taken(None)) for _ in range(15)]
    known, unknown = (median(times) for times in zip(*rounds, strict=True))
    assert abs(known - unknown) < max(0.015, known / 10)


def test_nobody_matches_the_dummy():
    assert not passwords.match(None, GOOD)


def test_former_passwords_are_recognised(stored):
    others = [passwords.make_hash("Other!Words81")]
    assert passwords.used_before(GOOD, [*others, stored])
    assert not passwords.used_before(GOOD, others)
    assert not passwords.used_before(GOOD, [])


def test_pwd_11_only_so_many_hashes_run_at_once(monkeypatch, stored):
    """PWD-11."""
    running, most, guard = 0, 0, threading.Lock()
    verify = argon2.PasswordHasher.verify

    def counting(self, *arguments):
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        try:
            return verify(self, *arguments)
        finally:
            with guard:
                running -= 1

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    threads = [threading.Thread(target=passwords.match, args=(stored, GOOD)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= passwords.AT_ONCE


def test_pwd_11_when_all_places_stay_taken_the_answer_is_not_now(monkeypatch, stored):
    """PWD-11."""
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(passwords, "_slots", full)
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    with pytest.raises(Unavailable):
        passwords.match(stored, GOOD)


def test_pwd_8_one_time_passwords_are_random_and_satisfy_the_composition():
    """PWD-8."""
    made = {passwords.one_time_password() for _ in range(300)}
    assert len(made) == 300
    for password in made:
        assert len(password) >= 15
        assert any(c.isalpha() for c in password)
        assert any(c.isdigit() for c in password)
        assert not password.isalnum()
        assert not set(password) & set("Il1O0o ")


def test_a_one_time_password_holds_no_piece_of_the_user_name():
    name = "zhangwei88"
    for _ in range(300):
        low = passwords.one_time_password(name.upper()).casefold()
        assert not any(name[i : i + 3] in low for i in range(len(name) - 2))
