"""What time it is. Instants are aware UTC; dates and wall-clock times belong to a zone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Zone = ZoneInfo | str

_ONE_DAY = timedelta(days=1)
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


class Clock:
    """The hands of the clock: running, or held still by ``freeze``; and the house's own zone."""

    def __init__(self) -> None:
        self.zone = ZoneInfo("Asia/Shanghai")
        self.held_at: datetime | None = None

    def advance(self, step: timedelta) -> None:
        """Let *step* pass at once; only while the clock is frozen."""
        self.held_at = now() + step

    def move_to(self, at: datetime) -> None:
        """Put the frozen clock to the aware instant *at*."""
        self.held_at = _aware(at).astimezone(UTC)


_clock = Clock()


def now() -> datetime:
    """Return this instant as aware UTC, to the microsecond."""
    return _clock.held_at or datetime.now(UTC)


def set_zone(zone: Zone) -> None:
    """Make *zone* the one meant wherever none is given (the setting ``TIMEZONE``)."""
    _clock.zone = _zone(zone)


def today(zone: Zone | None = None) -> date:
    """Return the date that people in *zone* read from the wall right now."""
    return to_local(now(), zone).date()


def to_local(at: datetime, zone: Zone | None = None) -> datetime:
    """Return the aware instant *at* as aware wall-clock time of *zone*; clamped to the calendar's ends."""
    try:
        return _aware(at).astimezone(_zone(zone))
    except OverflowError:
        end = _BEGINNING if at.year == _BEGINNING.year else _END
        return end.replace(tzinfo=_zone(zone))


def minute_text(at: datetime, zone: Zone | None = None) -> str:
    """Return the aware instant *at* as people in *zone* write it: ``2026-11-24 09:05``."""
    return to_local(at, zone).strftime("%Y-%m-%d %H:%M")


def from_local(wall: datetime, zone: Zone | None = None) -> datetime:
    """Return the UTC instant of the naive wall-clock time *wall* in *zone*.

    A time that the clocks skip counts from the old offset, so it lands that much later; a time that
    happens twice means the first. Instants outside the calendar are clamped to its ends.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall-clock time carries no zone")
    try:
        return wall.replace(tzinfo=_zone(zone), fold=0).astimezone(UTC)
    except OverflowError:
        return _BEGINNING if wall.year == _BEGINNING.year else _END


def day_bounds(day: date, zone: Zone | None = None) -> tuple[datetime, datetime]:
    """Return the half-open UTC interval [start, end) that *day* covers in *zone*.

    Usually 24 hours; 23 or 25 on the days when the clocks change.
    """
    start = from_local(datetime.combine(day, time.min), zone)
    if day == date.max:
        return start, _END
    return start, from_local(datetime.combine(day + _ONE_DAY, time.min), zone)


def month_key(at: datetime, zone: Zone | None = None) -> str:
    """Return year and month of the instant *at* in *zone*, such as ``202611``."""
    local = to_local(at, zone)
    return f"{local.year:04d}{local.month:02d}"


@contextmanager
def freeze(at: datetime) -> Iterator[Clock]:
    """Hold the clock at the aware instant *at*, for tests; the handle can advance it.

    Holds for the whole process, so that a server thread under test sees the same time.
    """
    before = _clock.held_at
    _clock.move_to(at)
    try:
        yield _clock
    finally:
        _clock.held_at = before


def _zone(zone: Zone | None) -> ZoneInfo:
    if zone is None:
        return _clock.zone
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return at
