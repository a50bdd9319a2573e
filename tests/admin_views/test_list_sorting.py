"""Sorting and paging: every row exactly once, in one order, whichever way people walk."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.admin_views import MENU
from app.core.db import db
from app.models.customer import Customer
from tests.admin_views.markup import List
from tests.factories.contact import make_contacts
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import user_id
from tests.factories.order import ORDERED, make_orders

ROWS = 33
SIZE = 10
PROMISED = {
    "customer": "code name short_name level status city owner credit_limit last_order_at created_at",
    "contact": "name created_at",
    "order": "order_no order_date delivery_date amount status created_at",
}
SERVICE = {s.service.entity: s.service for group in MENU.values() for s in group}
START = datetime(2026, 11, 1, tzinfo=UTC)


def fill() -> None:
    """Make customers, contacts and orders with many equal and many empty values."""
    dice = Random(7)
    pick = dice.choice
    owners = [None, *map(user_id, ("sales1", "sales2", "sales3"))]
    many = [
        {
            "short_name": pick([None, "甲", "乙", "a", "B"]),
            "level": pick("ABCD"),
            "status": pick(["potential", "active", "frozen"]),
            "city": pick([None, "苏州市", "无锡市"]),
            "owner": pick(owners),
            "credit_limit": pick([None, Decimal(0), Decimal("0.10"), Decimal(9), Decimal(10)]),
            "last_order_at": pick(
                [None, START, START + timedelta(microseconds=dice.randint(1, 3))]
            ),
            "created_at": START + timedelta(minutes=dice.randint(0, 5)),
        }
        for _ in range(ROWS)
    ]
    customers = make_customers(*many)
    people = [{"name": pick(["王", "李", "a"]), "created_at": START} for _ in range(ROWS)]
    make_contacts(customers[0], *people)
    due = [None, ORDERED, ORDERED + timedelta(days=1)]
    placed = [
        {
            "delivery_date": pick(due),
            "order_date": pick(due[1:]),
            "amount": pick([Decimal(9), Decimal(10), Decimal("9.50")]),
            "status": pick(["draft", "confirmed"]),
        }
        for _ in range(ROWS)
    ]
    make_orders(customers[0], *placed)


def expected(entity: str, sort: str) -> list[int]:
    """Return the ids in the order of *sort*, empty keys last; the id breaks ties in its direction."""
    service, down = SERVICE[entity], sort.startswith("-")
    attribute = service.attributes()[sort.removeprefix("-")]
    records = [(r.id, attribute.stored(r)) for r in db.session.scalars(select(service.model))]
    keyed = sorted(((key, one) for one, key in records if key is not None), reverse=down)
    bare = sorted((one for one, key in records if key is None), reverse=down)
    return [*(one for _, one in keyed), *bare]


def walk(reader: Any, start: str, rel: str) -> list[List]:
    """Return the pages from *start* on, following the links *rel* to the end."""
    pages = [List(reader.get(start).text)]
    while rel in pages[-1].links:
        pages.append(List(reader.get(pages[-1].links[rel]).text))
        assert len(pages) < 20, "the walk has no end"
    return pages


def ids(pages: list[List]) -> list[int]:
    """Return the ids on *pages*."""
    return [one for page in pages for one in page.ids]


def data_walk(reader: Any, start: str, rel: str) -> list[dict[str, Any]]:
    """Return the same as data, which is quicker."""
    pages = [reader.get(start).get_json()]
    while pages[-1]["links"][rel]:
        pages.append(reader.get(pages[-1]["links"][rel]).get_json())
        assert len(pages) < 20, "the walk has no end"
    return pages


def data_ids(pages: list[dict[str, Any]]) -> list[int]:
    """Return the ids in *pages*."""
    return [row["id"] for page in pages for row in page["rows"]]


@pytest.mark.parametrize("entity", PROMISED)
def test_walking_gives_every_row_once_in_the_promised_order(visit, entity):
    """Lists: by every sortable column, both ways, with ties and empty keys last, forwards and backwards."""
    fill()
    reader = visit("manager")
    for column in PROMISED[entity].split():
        for sort in (column, f"-{column}"):
            start = f"/admin/{entity}/?page_size={SIZE}&sort={sort}&format=json"
            forwards, order = data_walk(reader, start, "next"), expected(entity, sort)
            assert data_ids(forwards) == order, sort
            assert [len(page["rows"]) for page in forwards] == [10, 10, 10, 3]
            backwards = data_walk(reader, forwards[0]["links"]["last"], "prev")
            assert data_ids(backwards[::-1]) == order, sort
            assert len(backwards[0]["rows"]) == SIZE
            before = reader.get(forwards[-1]["links"]["prev"]).get_json()
            assert data_ids([before]) == order[20:30], sort


@pytest.mark.parametrize("sort", ["", "&sort=city", "&sort=-credit_limit"])
def test_links_lead_where_their_names_say(visit, sort):
    """As markup: first and prev are missing on the first page, next and last on the last one."""
    make_customers(*({"city": "苏州市" if n % 2 else None} for n in range(ROWS)))
    reader = visit("manager")
    start = f"/admin/customer/?page_size={SIZE}{sort}"
    one, two, three, four = walk(reader, start, "next")
    assert set(one.links) == {"next", "last"}
    assert set(two.links) == set(three.links) == {"first", "prev", "next", "last"}
    assert set(four.links) == {"first", "prev"}
    for page in (two, three, four):
        assert List(reader.get(page.links["first"]).text).ids == one.ids
    assert List(reader.get(three.links["prev"]).text).ids == two.ids
    last = List(reader.get(one.links["last"]).text)
    assert (set(last.links), len(last.ids)) == ({"first", "prev"}, SIZE)


def test_the_json_view_has_the_same_links(visit):
    """As data: its links stay in the data, and walk the same rows."""
    make_customers(*({} for _ in range(ROWS)))
    reader = visit("manager")
    data = reader.json(f"/admin/customer/?page_size={SIZE}")
    seen = [row["id"] for row in data["rows"]]
    while data["links"]["next"]:
        data = reader.get(data["links"]["next"]).get_json()
        seen += [row["id"] for row in data["rows"]]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == len(seen) == ROWS


def test_page_n_goes_to_that_page(visit):
    """Lists: page=N goes to page N; beyond the end is the last page, before the start the first."""
    fill()
    reader = visit("manager")
    for sort in ("", "city", "-credit_limit"):
        start = f"/admin/customer/?page_size={SIZE}&sort={sort}"
        pages = walk(reader, start, "next")
        for number, page in enumerate(pages, 1):
            gone = List(reader.get(f"{start}&page={number}").text)
            assert gone.ids == page.ids, (sort, number)
            assert set(gone.links) == set(page.links), (sort, number)
        for text, page in (("0", 0), ("-1", 0), ("99", -1), (str(10**21), -1), ("x", 0)):
            assert List(reader.get(f"{start}&page={text}").text).ids == pages[page].ids, text
        beyond = List(reader.get(f"{start}&page=2").text)
        assert List(reader.get(beyond.links["next"]).text).ids == pages[2].ids
        assert List(reader.get(beyond.links["prev"]).text).ids == pages[0].ids


def test_a_row_that_comes_or_goes_meanwhile_shifts_nothing(visit):
    """Lists: a cursor continues after the last row seen, whatever happened before it."""
    made = make_customers(*({} for _ in range(ROWS)))
    reader = visit("manager")
    page = List(reader.get(f"/admin/customer/?page_size={SIZE}").text)
    assert page.ids == made[:-11:-1]
    make_customer()
    after = List(reader.get(page.links["next"]).text)
    assert after.ids == made[-11:-21:-1]


def test_the_count_is_capped(visit):
    """Lists: counting stops at a cap; the list says so, and still walks to its end."""
    made = make_customers(*({} for _ in range(ROWS)))
    reader = visit("manager")
    with (
        patch("app.services.listing.COUNT_CAP", 25),
        patch("app.services.listing.Listing.count.__defaults__", (25,)),
    ):
        pages = walk(reader, f"/admin/customer/?page_size={SIZE}", "next")
        assert ids(pages) == made[::-1]
        assert pages[0].count == (25, "capped")
        assert "超过" in pages[0].text
        data = reader.json("/admin/customer/")
        assert (data["count"], data["count_kind"]) == (25, "capped")
        last = List(reader.get(pages[0].links["last"]).text)
        assert last.ids == made[9::-1]


def test_a_list_address_is_a_bookmark(visit):
    """Lists: an address means the same view for whoever may see it, also in another session."""
    fill()
    one, other = visit("manager"), visit("admin")
    address = f"/admin/customer/?page_size={SIZE}&sort=-city&flt_level_in=A,B,C&search=纸"
    second = List(one.get(address).text).links["next"]
    assert List(one.get(second).text).ids == List(other.get(second).text).ids
    kept = parse_qs(urlsplit(second).query)
    assert kept["search"] == ["纸"]
    assert kept["flt_level_in"] == ["A,B,C"]
    assert (kept["sort"], kept["page_size"]) == (["-city"], [str(SIZE)])


def test_sorting_and_searching_begin_at_the_first_page(visit):
    """Lists: links that change the order or the filters carry no cursor of the old one."""
    fill()
    reader = visit("manager")
    page = List(reader.get(f"/admin/customer/?page_size={SIZE}&flt_level_in=A,B,C").text)
    page = List(reader.get(page.links["next"]).text)
    heads = [e["href"] for e in page.table.all("a", **{"class": "sort"})]
    assert len(heads) >= len(PROMISED["customer"].split())
    for url in [*heads, *(remove for _, remove in page.chips)]:
        assert "cursor=" not in url
        assert "page=" not in url.replace("page_size=", "")


def test_a_chip_takes_away_its_own_filter_only(visit):
    """Lists: following the cross of a chip keeps the search, the order and all other filters."""
    keep = make_customer(level="A", city="苏州市", name="恒达纸品")
    make_customer(level="B", city="苏州市", name="恒顺纸品")
    reader = visit("manager")
    address = "/admin/customer/?search=恒&sort=-name&flt_level_eq=A&flt_city_eq=苏州市"
    page = List(reader.get(address).text)
    assert page.ids == [keep]
    (level, without_level), (city, without_city) = page.chips
    assert "A 级" in level
    assert "苏州市" in city
    assert len(List(reader.get(without_level).text).ids) == 2
    assert List(reader.get(without_city).text).ids == [keep]
    kept = parse_qs(urlsplit(without_level).query)
    assert kept == {"search": ["恒"], "sort": ["-name"], "flt_city_eq": ["苏州市"]}


def test_a_day_in_a_chip_is_a_day(visit):
    """Lists: an instant compared with a date means that day, also where the condition is shown."""
    make_customer()
    reader = visit("manager")
    for op in ("eq", "ne", "in", "ge", "le"):
        page = List(reader.get(f"/admin/customer/?flt_created_at_{op}=2026-11-24").text)
        ((text, _),) = page.chips
        assert "2026-11-24" in text
        assert "00:00" not in text
    page = List(reader.get("/admin/customer/?flt_created_at_ge=2026-11-24T09:30").text)
    assert "2026-11-24 09:30" in page.chips[0][0]


def test_relations_in_chips_are_named(visit):
    """Lists: a filter by a person or a customer shows the name, not the number."""
    one = make_customer(name="恒达纸品")
    make_orders(one, {})
    reader = visit("manager")
    ((text, _),) = List(reader.get(f"/admin/order/?flt_customer_eq={one}").text).chips
    assert "恒达纸品" in text


def test_every_sortable_column_is_promised_or_more(app):
    """Lists: sortable at least what is promised."""
    for group in MENU.values():
        for screen in group:
            entity = screen.service.entity
            assert set(PROMISED.get(entity, "").split()) <= set(screen.sortable), entity
    assert Customer.__tablename__ == "customers"
