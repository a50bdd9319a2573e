"""Consecutive numbers: C000001, SO202611-0001."""

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from app.core.work import Work
from app.models.number_series import NumberSeries


def next_number(work: Work, kind: str, period: str = "") -> int:
    """Return the next number of *kind* in *period*, from 1.

    The counter's row stays locked until the work commits: numbers are consecutive under
    concurrency, and a refused piece of work gives its number back.
    """
    return reserve_numbers(work, kind, period, 1)[0]


def reserve_numbers(work: Work, kind: str, period: str, count: int) -> range:
    """Return the next *count* numbers of *kind* in *period*, at least one, in a row."""
    dialect = work.session.get_bind().dialect.name
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    start = make(NumberSeries).values(kind=kind, period=period, last=count)
    step: Insert = start.on_conflict_do_update(
        index_elements=["kind", "period"], set_={"last": NumberSeries.last + count}
    ).returning(NumberSeries.last)
    last = int(work.session.execute(step).scalar_one())
    return range(last - count + 1, last + 1)
