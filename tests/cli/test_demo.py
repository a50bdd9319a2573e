"""Demo data: a factory's year that fits together, the same for the same seed."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.company_name import folded_name, name_key
from app.domain.customer import CustomerStatus
from app.domain.email import canonical_email
from app.domain.identity import has_check_digit
from app.domain.order import DRAFT, OrderStatus, line_amounts, total
from app.domain.phone import canonical_phone
from app.models.base import Base
from app.models.contact import Contact
from app.models.customer import Customer, CustomerAddress, InvoiceTitle
from app.models.number_series import NumberSeries
from app.models.order import Order
from app.models.user import User
from app.services import demo as loading
from app.services import search
from app.services.contact import contacts
from app.services.customer import customers
from app.services.order import orders
from tests.factories.customer import make_customer
from tests.factories.order import make_order
from tests.visitor import forget

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
DATA = ("customers", "contacts", "customer_addresses", "invoice_titles", "orders", "order_lines")


@pytest.fixture(autouse=True)
def today():
    with clock.freeze(NOW) as hands:
        yield hands


def load(app, *words):
    forget()
    return app.test_cli_runner().invoke(args=["demo", "load", *words])


def all_of(model):
    forget()
    return db.session.scalars(select(model).order_by(model.id)).all()


def contents():
    """Return all rows by table; ids count from the first one of their table."""
    forget()
    first = {name: db.session.scalar(select(func.min(table(name).c.id))) for name in DATA}
    found = {name: {plain(row, name, first) for row in rows_of(name)} for name in DATA}
    for name in ("number_series", "search_entries"):
        found[name] = {tuple(row.values()) for row in rows_of(name, first)}
    return found


def table(name):
    return Base.metadata.tables[name]


def rows_of(name, first=None):
    for row in db.session.execute(select(table(name))).mappings():
        if name != "search_entries":
            yield dict(row)
        elif first.get(f"{row['entity']}s"):
            yield {**row, "record_id": row["record_id"] - first[f"{row['entity']}s"]}


def plain(row, name, first):
    parents = {key.parent.name: key.column.table.name for key in table(name).foreign_keys}
    above = {"id": first[name]} | {column: first.get(to) for column, to in parents.items()}
    return tuple(
        value - above[column] if value is not None and above.get(column) else value
        for column, value in row.items()
    )


def test_by_default_200_customers_and_800_orders_come(app):
    result = load(app)
    assert result.exit_code == 0, result.output
    people = len(all_of(Contact))
    assert result.stdout == f"已载入 200 个客户、{people} 个联系人、800 张订单。\n"
    assert (len(all_of(Customer)), len(all_of(Order))) == (200, 800)
    assert 260 < people < 340


def test_numbers_of_customers_and_orders_are_as_asked(app):
    assert load(app, "--customers", "30", "--orders", "7").exit_code == 0
    assert (len(all_of(Customer)), len(all_of(Order))) == (30, 7)


def test_no_orders_are_fine(app):
    assert load(app, "--customers", "1", "--orders", "0").exit_code == 0
    assert {one.status for one in all_of(Customer)} == {CustomerStatus.POTENTIAL}


def test_customers_are_such_as_a_form_would_take(app):
    load(app)
    found = all_of(Customer)
    assert [one.code for one in found] == [f"C{n:06d}" for n in range(1, 201)]
    assert len({one.name_key for one in found}) == 200  # not even a likely duplicate
    for one in found:
        assert (one.name_folded, one.name_key) == (folded_name(one.name), name_key(one.name))
        assert one.phone is None or canonical_phone(one.phone) == one.phone
        assert one.email is None or canonical_email(one.email) == one.email
        assert one.credit_code is None or has_check_digit(one.credit_code)
        assert all((one.city, one.address, one.industry, one.short_name))
    codes = [one.credit_code for one in found if one.credit_code]
    assert len(codes) == len(set(codes)) > 150
    assert {one.city for one in found} >= {"苏州市", "无锡市", "上海市"}
    assert {one.status for one in found} >= {"potential", "active", "lost"}
    assert {one.level for one in found} == set("ABCD")


def test_people_and_addresses_are_such_as_a_form_would_take(app):
    load(app)
    for person in all_of(Contact):
        assert person.mobile or person.phone
        for number in filter(None, (person.mobile, person.phone)):
            assert canonical_phone(number) == number
        assert person.email is None or canonical_email(person.email) == person.email
    primary = Counter(person.customer_id for person in all_of(Contact) if person.is_primary)
    assert set(primary.values()) == {1}
    assert len(primary) == 200
    assert all(canonical_phone(row.phone) == row.phone for row in all_of(CustomerAddress))
    assert all(row.title == row_name(row) for row in all_of(InvoiceTitle))


def row_name(row):
    return db.session.get(Customer, row.customer_id).name


def test_owners_are_the_three_salespeople_and_the_pool(app):
    load(app)
    names = dict(db.session.execute(select(User.id, User.username)).all())
    shares = Counter(names.get(one.owner_id) for one in all_of(Customer))
    assert set(shares) == {"sales1", "sales2", "sales3", None}
    assert 0 < shares[None] < 30
    assert min(shares["sales1"], shares["sales2"], shares["sales3"]) > 40


def test_orders_are_the_sums_of_their_lines(app):
    """REL-16"""
    load(app, "--customers", "60")
    for order in all_of(Order):
        lines = [line_amounts(one.quantity, one.unit_price, one.tax_rate) for one in order.lines]
        assert 1 <= len(lines) <= 8
        for one, amounts in zip(order.lines, lines, strict=True):
            assert (one.net_amount, one.tax_amount, one.amount) == amounts
        assert (order.net_amount, order.tax_amount, order.amount) == total(lines)


def test_orders_stand_all_along_the_workflow(app):
    load(app)
    found = all_of(Order)
    assert {order.status for order in found} == set(OrderStatus)
    for order in found:
        assert order.order_date == clock.to_local(order.created_at).date() < clock.today()
        assert order.delivery_date > order.order_date
        assert order.customer.created_at <= order.created_at
        assert order.contact.customer_id == order.customer_id
        assert order.status is not DRAFT or (clock.today() - order.order_date).days <= 7


def test_customers_know_their_last_order(app):
    load(app)
    last = dict(
        db.session.execute(
            select(Order.customer_id, func.max(Order.created_at)).group_by(Order.customer_id)
        ).all()
    )
    for one in all_of(Customer):
        assert one.last_order_at == last.get(one.id)
        assert (one.status is CustomerStatus.POTENTIAL) == (one.id not in last)


def test_order_numbers_count_each_month_in_the_order_of_creation(app):
    """REL-26"""
    load(app)
    months = Counter()
    for order in sorted(all_of(Order), key=lambda one: (one.created_at, one.id)):
        month = clock.month_key(order.created_at)
        months[month] += 1
        assert order.order_no == f"SO{month}-{months[month]:04d}"
    kept = select(NumberSeries.period, NumberSeries.last).where(NumberSeries.kind == "SO")
    assert dict(db.session.execute(kept).all()) == dict(months)


def test_what_people_enter_afterwards_goes_on_counting(app):
    """REL-26"""
    load(app)
    before = db.session.scalar(
        select(NumberSeries.last).where(NumberSeries.kind == "SO", NumberSeries.period == "202611")
    )
    last = all_of(Customer)[-1].id, all_of(Order)[-1].id
    customer = make_customer()
    order = make_order(customer)
    assert db.session.get(Customer, customer).code == "C000201"
    assert db.session.get(Order, order).order_no == f"SO202611-{before + 1:04d}"
    assert (customer, order) == (last[0] + 1, last[1] + 1)


def test_everything_is_found_as_if_it_had_been_typed(app):
    load(app, "--customers", "40")
    forget()
    before = contents()["search_entries"]
    assert len(before) == 40 + len(all_of(Contact)) + 160
    forget()
    with work_for(SYSTEM) as work:
        for service in (customers, contacts, orders):
            for record in work.session.scalars(select(service.model)):
                search.index(work.session, service.entity, record)
    assert contents()["search_entries"] == before


def test_the_same_seed_tells_the_same_story(app, house):
    first = run_and_forget(app, house, "--seed", "7")
    assert run_and_forget(app, house, "--seed", "7") == first
    other = run_and_forget(app, house, "--seed", "8")
    assert all(not first[name] & other[name] for name in DATA)


def run_and_forget(app, house, *words):
    assert load(app, "--customers", "25", *words).exit_code == 0
    found = contents()
    house.tidy_up()
    return found


def test_many_are_written_in_several_transactions(app, monkeypatch):
    monkeypatch.setattr(loading, "CHUNK", 10)
    monkeypatch.setattr(loading, "ORDER_CHUNK", 15)
    assert load(app, "--customers", "25").exit_code == 0
    numbers = [order.order_no for order in all_of(Order)]
    assert len(set(numbers)) == 100
    assert numbers == sorted(numbers)
    joined = [one.created_at for one in all_of(Customer)]
    assert len(joined) == 25
    assert joined == sorted(joined)
