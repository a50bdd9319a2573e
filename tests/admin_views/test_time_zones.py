"""A house in a zone whose clocks change: forms, filters and pages mean the wall clock there (REL-17)."""

from datetime import UTC, datetime

import pytest

from app.core import clock
from app.models.activity import Activity
from app.models.customer import Customer
from tests.factories.customer import make_customer
from tests.factories.making import change, load

NEW_YORK, BERLIN, CAIRO = "America/New_York", "Europe/Berlin", "Africa/Cairo"


@pytest.fixture
def zone():
    """Return what moves the house to another zone, until the end of the test."""
    yield clock.set_zone
    clock.set_zone("Asia/Shanghai")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "typed", "stored", "shown"),
    [
        (NEW_YORK, "2026-03-08T01:59", "2026-03-08T06:59", "2026-03-08T01:59"),
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T07:30", "2026-03-08T03:30"),  # skipped
        (NEW_YORK, "2026-03-08T03:00", "2026-03-08T07:00", "2026-03-08T03:00"),
        (NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T01:30"),  # the first of two
        (NEW_YORK, "2026-11-01T02:00", "2026-11-01T07:00", "2026-11-01T02:00"),
        (BERLIN, "2026-03-29T02:30", "2026-03-29T01:30", "2026-03-29T03:30"),
        (BERLIN, "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T02:30"),
        (BERLIN, "2026-10-25T03:00", "2026-10-25T02:00", "2026-10-25T03:00"),
    ],
)
def test_a_typed_time_is_the_wall_clock_of_the_house(visit, zone, name, typed, stored, shown):
    """REL-17: skipped times land that much later, repeated ones mean the first; both come back readable."""
    zone(name)
    writer = visit("clerk")
    answer = writer.submit(
        "/admin/activity/new/",
        customer=make_customer(),
        kind="call",
        content="报价",
        happened_at=typed,
    )
    assert answer.status_code == 302
    one = int(answer.headers["Location"].split("id=")[1])
    assert load(Activity, one).happened_at == utc(stored)
    path = f"/admin/activity/edit/?id={one}"
    assert writer.form(path)["happened_at"] == shown


def test_the_second_of_two_equal_times_stays_where_it_was(visit, zone):
    """REL-17: an instant that nobody touched is not moved by an hour, nor loses its seconds."""
    zone(NEW_YORK)
    writer = visit("clerk")
    made = writer.submit(
        "/admin/activity/new/", customer=make_customer(), kind="call", content="报价"
    )
    one = int(made.headers["Location"].split("id=")[1])
    second = datetime(2026, 11, 1, 6, 30, 12, tzinfo=UTC)  # 01:30:12 for the second time
    change(Activity, one, happened_at=second)
    path = f"/admin/activity/edit/?id={one}"
    assert writer.form(path)["happened_at"] == "2026-11-01T01:30"
    assert writer.submit(path, content="改过").status_code == 302
    assert load(Activity, one).happened_at == second


#: Zone, day, its first and last instant, and the instants just outside.
DAYS = [
    (NEW_YORK, "2026-03-08", "2026-03-08T05:00:00", "2026-03-09T03:59:59"),  # 23 hours
    (NEW_YORK, "2026-11-01", "2026-11-01T04:00:00", "2026-11-02T04:59:59"),  # 25 hours
    (BERLIN, "2026-03-29", "2026-03-28T23:00:00", "2026-03-29T21:59:59"),
    (BERLIN, "2026-10-25", "2026-10-24T22:00:00", "2026-10-25T22:59:59"),
    (CAIRO, "2026-04-24", "2026-04-23T22:00:00", "2026-04-24T20:59:59"),  # begins at 01:00
    ("Asia/Shanghai", "2026-11-24", "2026-11-23T16:00:00", "2026-11-24T15:59:59"),
]


@pytest.mark.parametrize(("name", "day", "first", "last"), DAYS)
def test_a_day_in_a_filter_is_that_day_on_the_wall(visit, zone, name, day, first, last):
    """REL-17: eq, ge and le take in the first and the last instant of a day of 23, 24 or 25 hours."""
    zone(name)
    reader = visit("manager")
    moments = {
        "前一秒": utc(first).timestamp() - 1,
        "第一秒": utc(first).timestamp(),
        "最后一秒": utc(last).timestamp(),
        "后一秒": utc(last).timestamp() + 1,
    }
    for text, at in moments.items():
        one = make_customer(name=f"{text}纸业")
        change(Customer, one, created_at=datetime.fromtimestamp(at, UTC))

    def found(op):
        rows = reader.json(f"/admin/customer/?flt_created_at_{op}={day}&sort=created_at")["rows"]
        return [row["name"].removesuffix("纸业") for row in rows]

    order = list(moments)
    assert found("eq") == order[1:3]
    assert found("ge") == order[1:]
    assert found("le") == order[:3]
    assert found("ne") == [order[0], order[3]]


def test_lists_pages_and_data_say_the_same_instant(visit, zone):
    """REL-17: people read the wall clock, data is UTC."""
    one = make_customer()
    change(Customer, one, created_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
    reader = visit("manager")
    for name, shown in ((NEW_YORK, "2026-11-01 01:30"), (BERLIN, "2026-11-01 07:30")):
        zone(name)
        assert shown in reader.get("/admin/customer/").text
    saved = reader.json(f"/admin/customer/details/?id={one}")
    assert saved["values"]["created_at"] == "2026-11-01T06:30:00Z"


@pytest.mark.parametrize(
    ("name", "now", "month"),
    [(NEW_YORK, "2026-12-01T04:30", "202611"), (BERLIN, "2026-11-30T23:30", "202612")],
)
def test_numbers_belong_to_the_month_on_the_wall(visit, zone, name, now, month):
    """REL-17: the month of an order number is the month of the house."""
    zone(name)
    writer, customer = visit("clerk"), make_customer()
    with clock.freeze(utc(now)):
        writer = visit("clerk")
        made = writer.submit("/admin/order/new/", customer=customer)
        assert made.status_code == 302
        saved = writer.json(made.headers["Location"])
    assert saved["values"]["order_no"] == f"SO{month}-0001"
    assert (
        saved["values"]["order_date"]
        == f"{month[:4]}-{month[4:]}-{'30' if name == NEW_YORK else '01'}"
    )
