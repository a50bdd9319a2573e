"""Loading demo data: many rows at a time, and as if people had typed them in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from app.core import bulk, clock
from app.core.work import Work
from app.domain.company_name import folded_name
from app.domain.demo import Firm, Story
from app.domain.order import order_number
from app.models.base import Base
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.number_series import NumberSeries
from app.models.role import Role, user_roles
from app.models.user import User
from app.services import audit, search
from app.services.demo_customer import PEOPLE_SHARES, CustomerRows, NewCustomer, Rows
from app.services.demo_order import Buyer, NewOrder, OrderRows
from app.services.dictionary import ensure_dictionaries
from app.services.number_series import reserve_numbers
from app.services.setting import ensure_settings

#: Parents first.
TABLES = ("customers", "contacts", "customer_addresses", "invoice_titles", "orders", "order_lines")
CHUNK = 2_000  # customers
ORDER_CHUNK = 5_000
BLOCK = 500  # ids asked for at once
#: While SQLite takes many rows at once, it keeps more pages in memory and writes them back less often.
ROOM = ("cache_size = -65536", "wal_autocheckpoint = 20000")  # KiB; pages
#: Who looks after demo customers, if they exist; otherwise whoever has the role.
OWNERS = ("sales1", "sales2", "sales3")
OWNER_ROLE = "sales"
#: One customer in so many is in the pool.
POOL = 20


def has_customers(session: Session) -> bool:
    """Tell whether anybody was ever entered, the trash included."""
    return session.scalar(select(Customer.id).limit(1)) is not None


class DemoLoad:
    """One loading of demo data; each step belongs into one piece of work, in order."""

    def __init__(self, customers: int, orders: int, seed: int) -> None:
        self.customers, self.orders, self.seed = customers, orders, seed
        self.done = 0
        self.people = 0
        self._ids: list[int] = []  # the first id of each chunk of customers

    @property
    def size(self) -> int:
        """How many customers and orders there are to write."""
        return self.customers + self.orders

    def step(self, work: Work) -> int:
        """Write the next rows, and return how many customers and orders that were."""
        before = self.done
        _make_room(work.session)
        if not before:
            self._begin(work)
        while self.done < self.size and self.done - before < CHUNK:
            if self.done < self.customers:
                self._write_customers(work, self.done)
            else:
                self._write_orders(work, self.done - self.customers)
        return self.done - before

    def _begin(self, work: Work) -> None:
        ensure_settings(work)
        ensure_dictionaries(work)
        counter = select(NumberSeries.last).where(
            NumberSeries.kind == "C", NumberSeries.period == ""
        )
        self._owners = _owners(work.session)
        self._story = Story(
            self.seed,
            self.customers,
            self.orders,
            first=work.session.scalar(counter) or 0,
            today=clock.to_local(work.now).date(),
        )
        self._firms = self._story.firms()
        numbers = {"customers": self.customers, "orders": self.orders, "seed": self.seed}
        audit.remember(work, "demo.load", changes={name: [None, n] for name, n in numbers.items()})

    # -- customers -------------------------------------------------------------------------

    def _write_customers(self, work: Work, start: int) -> None:
        count = min(CHUNK, self.customers - start)
        dice = self._story.dice("customers", start)
        rows = CustomerRows(self._story, dice)
        sizes = dice.choices((1, 2, 3), PEOPLE_SHARES, k=count)
        ids = _reserve_ids(work.session, "customers", count)
        people = iter(_reserve_ids(work.session, "contacts", sum(sizes)))
        numbers = reserve_numbers(work, "C", "", count)
        firms = self._new_firms(work.session, count)
        for nth, (firm, size) in enumerate(zip(firms, sizes, strict=True)):
            is_pooled = not self._owners or dice.randrange(POOL) == 0
            owner = None if is_pooled else dice.choice(self._owners)
            mine = list(islice(people, size))
            rows.add(firm, NewCustomer(start + nth, ids[nth], numbers[nth], owner, mine))
        _store(work.session, rows)
        self._ids.append(ids[0])
        self.people += sum(sizes)
        self.done += count

    def _new_firms(self, session: Session, count: int) -> list[Firm]:
        """Return firms that nobody entered yet."""
        found: list[Firm] = []
        while len(found) < count:
            batch = list(islice(self._firms, count - len(found)))
            names = [folded_name(firm.name) for firm in batch]
            codes = [firm.credit_code for firm in batch]
            same = or_(Customer.name_folded.in_(names), Customer.credit_code.in_(codes))
            known: set[str | None] = set()
            for customer in session.execute(
                select(Customer.name_folded, Customer.credit_code).where(same)
            ):
                known.update(customer)
            pairs = zip(batch, names, strict=True)
            found += [f for f, name in pairs if known.isdisjoint((name, f.credit_code))]
        return found

    # -- orders ----------------------------------------------------------------------------

    def _write_orders(self, work: Work, start: int) -> None:
        count = min(ORDER_CHUNK, self.orders - start)
        dice = self._story.dice("orders", start)
        rows = OrderRows(self._story, dice)
        span = range(start, start + count)
        ids = _reserve_ids(work.session, "orders", count)
        moments = [self._story.ordered(at) for at in span]
        months = [f"{day:%Y%m}" for day, _ in moments]
        numbers = {
            month: iter(reserve_numbers(work, "SO", month, n))
            for month, n in Counter(months).items()
        }
        buyers = [self._customer_id(self._story.buyers[at]) for at in span]
        known, people = _buyers(work.session, buyers), _people(work.session, buyers)
        for at, id, (day, moment), month, buyer in zip(
            span, ids, moments, months, buyers, strict=True
        ):
            contacts = people.get(buyer, [])
            contact = contacts[at % len(contacts)] if contacts else None
            order_no = order_number(month, next(numbers[month]))
            rows.add(known[buyer], NewOrder(at, day, moment, id, order_no, contact))
        _store(work.session, rows)
        self.done += count

    def _customer_id(self, position: int) -> int:
        chunk, nth = divmod(position, CHUNK)
        return self._ids[chunk] + nth


def _make_room(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        for pragma in ROOM:
            session.execute(text(f"PRAGMA {pragma}"))


def _owners(session: Session) -> list[int]:
    """Return the salespeople of the first start, or whoever else sells."""
    active = select(User.id).where(User.is_active).order_by(User.id)
    named = list(session.scalars(active.where(User.username_folded.in_(OWNERS))))
    selling = select(user_roles.c.user_id).join(Role, Role.id == user_roles.c.role_id)
    return named or list(
        session.scalars(active.where(User.id.in_(selling.where(Role.name == OWNER_ROLE))))
    )


def _buyers(session: Session, ids: Sequence[int]) -> dict[int, Buyer]:
    columns = [getattr(Customer, name) for name in Buyer._fields]
    found: dict[int, Buyer] = {}
    for block in _blocks(ids):
        rows = session.execute(select(*columns).where(Customer.id.in_(block)))
        found.update((row[0], Buyer(*row)) for row in rows)
    return found


def _people(session: Session, customers: Sequence[int]) -> dict[int, list[int]]:
    """Return the ids of the contacts of each of *customers*."""
    found: dict[int, list[int]] = {}
    columns = select(Contact.customer_id, Contact.id).order_by(Contact.id)
    for block in _blocks(customers):
        for customer, contact in session.execute(columns.where(Contact.customer_id.in_(block))):
            found.setdefault(customer, []).append(contact)
    return found


def _blocks(ids: Sequence[int]) -> Iterator[list[int]]:
    """Yield *ids* in blocks of one size, the last filled up, so that one statement serves them all."""
    distinct = sorted(set(ids))
    for start in range(0, len(distinct), BLOCK):
        block = distinct[start : start + BLOCK]
        yield block + block[-1:] * (BLOCK - len(block))


def _reserve_ids(session: Session, table: str, count: int) -> range:
    """Return *count* new ids of *table* in a row; nobody else gets one of them meanwhile."""
    if session.get_bind().dialect.name == "sqlite":  # this piece of work is the only writer
        last = session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :t"), {"t": table})
        first = (last or 0) + 1
    else:
        session.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
        series = func.pg_get_serial_sequence(table, "id")
        first = session.scalar(select(func.nextval(series))) or 1
        session.execute(select(func.setval(series, first + count - 1)))
    return range(first, first + count)


def _store(session: Session, rows: Rows) -> None:
    """Write all *rows* and what they are found by."""
    for name in TABLES:
        bulk.insert_rows(session, Base.metadata.tables[name], rows.tables.get(name, []))
    for entity, found in rows.found.items():
        search.index_many(session, entity, found)
