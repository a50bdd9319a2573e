"""What customers are found by is told apart: their own words, and those of their people.

Revision: 0006, after 0005. Whoever may not see contacts no longer finds a customer by a contact's name
or number, and nobody finds a contact or an order by the words of a colleague.
"""

import re
from itertools import islice

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BATCH = 1_000
NEW = ("below", "below_phones")

entries = sa.table(
    "search_entries",
    *(sa.column(name) for name in ("entity", "record_id", "text", "phones", *NEW)),
)
customers = sa.table("customers", sa.column("id"), sa.column("phone"))
contacts = sa.table("contacts", sa.column("id"), sa.column("customer_id"))


def upgrade() -> None:
    """Give every entry the words of the records below it, and take them from its own."""
    with op.batch_alter_table("search_entries") as table:
        for name in NEW:
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    mine = (entries.c.entity == "customer", entries.c.record_id > sa.bindparam("after"))
    page = (
        sa.select(entries.c.record_id, entries.c.text, customers.c.phone)
        .join(customers, customers.c.id == entries.c.record_id)
        .where(*mine)
        .order_by(entries.c.record_id)
        .limit(BATCH)
    )
    after = 0
    while rows := connection.execute(page, {"after": after}).all():
        below = _below(connection, [row.record_id for row in rows])
        put = (
            entries.update()
            .where(entries.c.entity == "customer", entries.c.record_id == sa.bindparam("key"))
            .values({name: sa.bindparam(f"new_{name}") for name in ("text", "phones", *NEW)})
        )
        connection.execute(put, [_split(row, *below.get(row.record_id, ([], []))) for row in rows])
        after = rows[-1].record_id
    with op.batch_alter_table("search_entries") as table:
        for name in NEW:
            table.alter_column(name, existing_type=sa.Text(), server_default=None)


def downgrade() -> None:
    """Put the words of the records below into the entries' own."""
    connection = op.get_bind()
    for own, below in (("text", "below"), ("phones", "below_phones")):
        both = entries.c[own] + "\n" + entries.c[below]
        has = entries.c[below] != ""
        connection.execute(entries.update().where(has).values({own: both}))
    with op.batch_alter_table("search_entries") as table:
        for name in NEW:
            table.drop_column(name)


def _below(connection: sa.Connection, ids: list[int]) -> dict[int, tuple[list[str], list[str]]]:
    """Return the lines of the people of the customers *ids*: words, numbers."""
    rows = connection.execute(
        sa.select(contacts.c.customer_id, entries.c.text, entries.c.phones)
        .join(entries, entries.c.record_id == contacts.c.id)
        .where(entries.c.entity == "contact", contacts.c.customer_id.in_(ids))
        .order_by(contacts.c.id)
    )
    found: dict[int, tuple[list[str], list[str]]] = {}
    for customer, words, numbers in rows:
        texts, phones = found.setdefault(customer, ([], []))
        texts += words.split("\n")
        phones += numbers.split("\n")
    return found


def _split(row: sa.Row, texts: list[str], phones: list[str]) -> dict[str, object]:
    """Return the columns of one customer: its people's words stood after its own."""
    lines, theirs = row.text.split("\n"), set(texts)
    at = len(lines)
    while at and lines[at - 1] in theirs:
        at -= 1
    number = row.phone or ""
    base = "-".join(islice(number.split("-"), 2 if number.startswith("0") else 1))
    return {
        "key": row.record_id,
        "new_text": "\n".join(lines[:at]),
        "new_phones": re.sub(r"\D", "", base),
        "new_below": "\n".join(dict.fromkeys(filter(None, texts))),
        "new_below_phones": "\n".join(dict.fromkeys(filter(None, phones))),
    }
