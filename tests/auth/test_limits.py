"""Costly things are limited, and counted where all processes see it."""

import pytest
from redis.exceptions import ConnectionError as Lost

from app.core.errors import TooMany
from app.web import limits
from tests.servers import start_redis
from tests.visitor import forget


@pytest.fixture(autouse=True)
def counting(app, monkeypatch):
    """Count, which the other tests do without."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)


def use(app, times, *, address="10.0.0.1"):
    """Return how many of so many look-ups are within the limit."""
    forget()
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        return sum(limits.within("lookup") for _ in range(times))


def test_the_limit_holds_per_address(app):
    """LCK-13, AZ-5"""
    assert use(app, 130) == 120
    assert use(app, 1) == 0
    assert use(app, 1, address="10.0.0.2") == 1


def test_one_person_commands_a_whole_network_of_addresses(app):
    """LCK-13: the 64 bits of one line of IPv6, however it is written; IPv4 stays what it is."""
    assert use(app, 120, address="2001:db8:1:2::1") == 120
    assert use(app, 1, address="2001:db8:1:2:ffff:0:0:9") == 0
    assert use(app, 1, address="2001:db8:1:3::1") == 1
    assert use(app, 120, address="::ffff:10.0.0.3") == 120
    assert use(app, 1, address="10.0.0.3") == 0


def test_the_refusal_says_how_long_to_wait(app):
    """LCK-13"""
    use(app, 120)
    with (
        app.test_request_context(environ_base={"REMOTE_ADDR": "10.0.0.1"}),
        pytest.raises(TooMany) as refusal,
    ):
        limits.count("lookup")
    assert 0 < refusal.value.retry_after <= 61


def test_a_lost_redis_is_replaced_by_the_database(app, monkeypatch):
    """REL-9"""

    class Redis:
        def hit(self, *_arguments):
            raise Lost

    monkeypatch.setattr(limits, "_main", Redis)
    assert use(app, 130) == 120
    app.extensions["limits_fallback"].redis_lost_until = 0.0


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_redis_counts_where_there_is_one(app, monkeypatch):
    """LCK-10"""
    from limits.storage import storage_from_string
    from limits.strategies import FixedWindowRateLimiter

    main = FixedWindowRateLimiter(storage_from_string(start_redis()))
    monkeypatch.setattr(limits, "_main", lambda: main)
    assert use(app, 130) == 120
    assert use(app, 1) == 0


def test_asking_for_links_too_often_reads_the_same(client, outbox):
    """RST-12"""
    for _ in range(21):
        answer = client.post("/forgot-password", {"identity": "nobody"})
        assert answer.status_code == 200
