"""``demo``: fill a house with invented customers and orders, to look around and to measure."""

import sys

import click
from flask import Flask, current_app

from app.core.db import db
from app.core.work import SYSTEM, Origin, work_for
from app.services.demo import DemoLoad, has_customers

ORIGIN = Origin(address="command line")
FIRST_CUSTOMERS = 200
ORDERS_PER_CUSTOMER = 4
MOST_CUSTOMERS = 1_000_000
MOST_ORDERS = 10_000_000


@click.group("demo")
def commands() -> None:
    """Load demo data."""


@commands.command()
@click.option(
    "--customers",
    type=click.IntRange(1, MOST_CUSTOMERS),
    default=FIRST_CUSTOMERS,
    show_default=True,
    help="How many customers.",
)
@click.option(
    "--orders",
    type=click.IntRange(0, MOST_ORDERS),
    help=f"How many orders.  [default: {ORDERS_PER_CUSTOMER} per customer]",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same data."
)
@click.option("--append", is_flag=True, help="Add to the customers there are.")
def load(*, customers: int, orders: int | None, seed: int, append: bool) -> None:
    """Load invented customers, their people and their orders."""
    if current_app.extensions["settings"].production:
        raise click.ClickException("生产环境不能载入演示数据。")
    if not append and has_customers(db.session()):
        raise click.ClickException("已有客户，没有载入演示数据；要追加请用 --append。")
    demo = DemoLoad(customers, ORDERS_PER_CUSTOMER * customers if orders is None else orders, seed)
    _carry_out(demo)
    click.echo(f"已载入 {demo.customers} 个客户、{demo.people} 个联系人、{demo.orders} 张订单。")


def load_first(app: Flask) -> None:
    """Fill the house on its first start."""
    with app.app_context():
        _carry_out(DemoLoad(FIRST_CUSTOMERS, ORDERS_PER_CUSTOMER * FIRST_CUSTOMERS, 1))


def _carry_out(demo: DemoLoad) -> None:
    """Write everything, one transaction after another; on a terminal with a progress bar."""
    is_seen = sys.stderr.isatty()
    with click.progressbar(
        length=demo.size, label="载入演示数据", file=sys.stderr, hidden=not is_seen, show_pos=True
    ) as bar:
        while demo.done < demo.size:
            with work_for(SYSTEM, ORIGIN) as work:
                written = demo.step(work)
            bar.update(written)
