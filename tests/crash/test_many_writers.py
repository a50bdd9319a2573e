"""Many at once, in several processes: numbers without gaps, and nobody is told of locks."""

from functools import partial

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import db
from app.domain.order import order_number
from app.models.audit import Audit
from app.models.order import Order
from app.services.audit_chain import Chain
from app.services.invariants import violations
from bench.writers import EVERY, furnish, is_order, write, write_together
from tests.crash.conftest import close


def only_orders(hand, writer, nth):
    """Write an order, whichever turn it is."""
    return write(hand, writer, (nth - 1) * EVERY + 1)


def numbers():
    return list(db.session.scalars(select(Order.order_no).order_by(Order.order_no)))


def assert_sound():
    with Session(db.engine) as session:
        assert list(violations(session)) == []
    settings = current_app.extensions["settings"]
    entries = Chain.of(settings.audit_key, settings.audit_head_file).verify_all()
    with Session(db.engine) as session:  # one after another, none missing
        assert session.scalar(select(func.max(Audit.id))) == entries


def test_forty_orders_at_the_same_moment_get_consecutive_numbers(shaken, hand):
    """REL-26, REL-2, AUD-6: two processes with twenty threads each, one order each."""
    month = clock.month_key(clock.now())
    with shaken.app.app_context():
        before = len(numbers())
    tally = write_together(shaken.app, partial(only_orders, hand), processes=2, threads=20, each=1)
    assert (tally.wrong, tally.refused, len(set(tally.made))) == ([], 0, 40)
    with shaken.app.app_context():
        wanted = [order_number(month, position + 1) for position in range(before + 40)]
        assert numbers() == wanted
        assert_sound()


def test_eight_writers_in_four_processes_never_hear_of_locks(shaken_sqlite):
    """REL-4, AUD-6: with a normal load everybody succeeds, and everything is there."""
    hand = furnish(shaken_sqlite.app)
    each = 15
    tally = write_together(
        shaken_sqlite.app, partial(write, hand), processes=4, threads=2, each=each
    )
    assert (tally.wrong, tally.refused) == ([], 0)
    assert len(tally.made) == 8 * each
    made = sum(is_order(nth) for nth in range(1, each + 1)) * 8
    with shaken_sqlite.app.app_context():
        assert len(numbers()) == made
        assert_sound()
    close(shaken_sqlite)
