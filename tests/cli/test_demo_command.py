"""``demo load`` as a command: when it comes, when it does not, and what it shows meanwhile."""

import io

import pytest
from sqlalchemy import select

from app.cli import demo
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.number_series import NumberSeries
from app.models.order import Order
from tests.cli.test_demo import all_of, load
from tests.factories.customer import make_customer


def test_nothing_comes_where_customers_are(app):
    make_customer()
    result = load(app)
    assert result.exit_code != 0
    assert "--append" in result.stderr
    assert result.stdout == ""
    assert len(all_of(Customer)) == 1


@pytest.mark.parametrize("seed", ["1", "2"])
def test_more_can_be_appended_with_any_seed(app, seed):
    load(app, "--customers", "20")
    assert load(app, "--customers", "20", "--append", "--seed", seed).exit_code == 0
    found = all_of(Customer)
    assert len({one.name_key for one in found}) == len({one.code for one in found}) == 40
    numbers = [order.order_no for order in all_of(Order)]
    assert len(numbers) == len(set(numbers)) == 160
    for month, last in db.session.execute(
        select(NumberSeries.period, NumberSeries.last).where(NumberSeries.kind == "SO")
    ):
        positions = [int(no[-4:]) for no in numbers if no.startswith(f"SO{month}")]
        assert sorted(positions) == list(range(1, last + 1))


def test_names_that_people_entered_are_left_out(app, house):
    load(app, "--customers", "3")
    taken = all_of(Customer)[1].name
    house.tidy_up()
    make_customer(name=taken)
    with work_for(SYSTEM) as work:
        work.session.query(NumberSeries).delete()
        work.session.query(Customer).update({Customer.code: "X1"})
    assert load(app, "--customers", "3", "--append").exit_code == 0
    assert len({one.name for one in all_of(Customer)}) == 4


def test_production_is_left_alone(app, monkeypatch):
    """CFG-1"""
    monkeypatch.setattr(type(app.extensions["settings"]), "production", True)
    result = load(app, "--append")
    assert result.exit_code != 0
    assert "生产环境" in result.stderr
    assert all_of(Customer) == []


@pytest.mark.parametrize(
    "wrong", [("--customers", "0"), ("--customers", "1000001"), ("--orders", "-1")]
)
def test_impossible_numbers_are_refused(app, wrong):
    assert load(app, *wrong).exit_code != 0
    assert all_of(Customer) == []


def test_the_first_start_loads_200_customers(app):
    demo.load_first(app)
    assert (len(all_of(Customer)), len(all_of(Order))) == (200, 800)
    entry = db.session.scalars(select(Audit).where(Audit.action == "demo.load")).one()
    assert entry.changes == {"customers": [None, 200], "orders": [None, 800], "seed": [None, 1]}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_how_far_it_is(app, monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    demo.load_first(app)
    assert "载入演示数据" in screen.getvalue()
    assert "1000/1000" in screen.getvalue()


def test_a_log_shows_no_bar(app):
    assert load(app, "--customers", "2").stderr == ""
