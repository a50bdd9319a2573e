"""Instants are UTC, days and months belong to a zone (REL-17)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.core import clock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_now_is_aware_utc():
    assert clock.now().utcoffset() == timedelta(0)


def test_a_frozen_clock_stands_until_it_is_moved():
    with clock.freeze(NOON) as hands:
        assert clock.now() == clock.now() == NOON
        hands.advance(timedelta(minutes=5))
        assert clock.now() == NOON + timedelta(minutes=5)
        hands.move_to(NOON.astimezone(ZoneInfo("America/New_York")))
        assert clock.now().isoformat() == "2026-11-24T12:00:00+00:00"
    assert clock.now() != NOON


def test_freezing_within_freezing_restores_the_outer_time():
    with clock.freeze(NOON):
        with clock.freeze(NOON + timedelta(days=1)):
            pass
        assert clock.now() == NOON


def test_today_is_the_date_on_the_wall_of_the_zone():
    with clock.freeze(datetime(2026, 11, 24, 16, 30, tzinfo=UTC)):
        assert clock.today() == clock.today("Asia/Shanghai") == date(2026, 11, 25)
        assert clock.today("UTC") == date(2026, 11, 24)


def test_the_house_has_a_zone_of_its_own():
    try:
        clock.set_zone("America/New_York")
        assert clock.to_local(NOON).hour == 7
    finally:
        clock.set_zone("Asia/Shanghai")


@pytest.mark.parametrize("call", [clock.to_local, clock.month_key])
def test_a_naive_instant_is_refused(call):
    with pytest.raises(ValueError, match="zone"):
        call(NOON.replace(tzinfo=None))


def test_a_wall_clock_time_with_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        clock.from_local(NOON)


@pytest.mark.parametrize(
    ("wall", "zone", "expected"),
    [
        ("2026-11-24T08:00", "Asia/Shanghai", "2026-11-24T00:00"),
        ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:30"),  # skipped: 03:30 summer time
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),  # twice: the first
    ],
)
def test_wall_clock_times_find_their_instant(wall, zone, expected):
    instant = clock.from_local(datetime.fromisoformat(wall), zone)
    assert instant == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "zone", "start", "hours"),
    [
        ("2026-11-24", "Asia/Shanghai", "2026-11-23T16:00", 24),
        ("2026-03-08", "America/New_York", "2026-03-08T05:00", 23),
        ("2026-11-01", "America/New_York", "2026-11-01T04:00", 25),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00", 23),  # midnight itself is skipped
    ],
)
def test_a_day_is_half_open_and_as_long_as_the_clocks_say(day, zone, start, hours):
    bounds = clock.day_bounds(date.fromisoformat(day), zone)
    assert bounds[0] == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert bounds[1] - bounds[0] == timedelta(hours=hours)


def test_days_touch_without_gap_or_overlap():
    day = date(2026, 1, 1)
    for _ in range(400):
        following = day + timedelta(days=1)
        for zone in ("Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"):
            assert clock.day_bounds(day, zone)[1] == clock.day_bounds(following, zone)[0]
        day = following


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar_have_bounds_too(day, zone):
    start, end = clock.day_bounds(day, zone)
    assert start < end


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("end", ["0001-01-01T00:00Z", "9999-12-31T23:59Z"])
def test_the_ends_of_the_calendar_have_a_wall_clock_too(end, zone):
    at = datetime.fromisoformat(end)
    assert clock.to_local(at, zone).year == at.year


def test_a_month_begins_at_midnight_of_the_zone():
    before = datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)
    keys = [clock.month_key(before), clock.month_key(before + timedelta(seconds=1))]
    assert keys == ["202610", "202611"]
    assert clock.month_key(before, "UTC") == "202610"
