"""The list as a file: exactly its rows and order, readable in Excel, never a formula, always audited."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from app.admin_views.base.exporting import guarded
from app.core import clock
from app.core.db import db
from app.domain.permissions import ENTITIES
from app.models.audit import Audit
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer, make_customers
from tests.factories.order import make_order, make_orders

BOM = b"\xef\xbb\xbf"
JSON = {"Accept": "application/json"}


def export(reader: Any, entity: str, **asked: Any) -> Any:
    """Ask for the list as CSV."""
    return reader.get(f"/admin/{entity}/export/csv/", query_string=asked)


def table(answer: Any) -> list[list[str]]:
    """Return the cells of a CSV answer."""
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_format(visit):
    """export/: UTF-8 BOM, CRLF, header=name gives attribute names, raw decimals, ISO dates."""
    at = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    one = make_customer(
        name="恒达", credit_limit=Decimal("1234567.5"), last_order_at=at, phone="13812345678"
    )
    make_order(one, delivery_date=date(2026, 12, 1))
    reader = visit("manager")
    answer = export(reader, "customer")
    assert answer.data.startswith(BOM)
    assert not answer.data[3:].startswith(BOM)
    assert answer.data.count(b"\n") == answer.data.count(b"\r\n") == 2
    assert answer.mimetype == "text/csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    names = "name,credit_limit,phone,level,owner,tax_rate"
    heads, row = table(export(reader, "customer", header="name", columns=names))
    assert heads == names.split(",")
    assert row == ["恒达", "1234567.50", "13812345678", "C 级", "sales1先生", "13.00"]
    assert table(export(reader, "customer", columns="name"))[0] == ["客户名称"]
    rows = table(export(reader, "order", columns="delivery_date,amount", header="name"))
    assert rows[1] == ["2026-12-01", "1145.14"]


def test_the_file_has_a_name(visit):
    """export/: filename*=UTF-8''客户_YYYYMMDD_HHMM.csv, by the wall clock of TIMEZONE."""
    reader = visit("manager")
    with clock.freeze(datetime(2026, 11, 24, 17, 5, tzinfo=UTC)):
        reader = visit("manager")
        disposition = export(reader, "customer").headers["Content-Disposition"]
    name = unquote(re.search(r"filename\*=UTF-8''(\S+)", disposition)[1])
    assert name == "客户_20261125_0105.csv"
    assert disposition.startswith("attachment;")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        *((f"{mark}1+1", f"'{mark}1+1") for mark in "=+-@＝＋－＠"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("'=1", "''=1"),
        *((text, text) for text in ("1=1", "a@b.cn", "恒达", "", "'abc", "(=1)", "0012")),
    ],
)
def test_no_cell_is_a_formula(text, safe):
    """CSV-1: one ' before = + - @ TAB CR and the full-width ones; taking one off gives back the text."""
    assert guarded(text) == safe
    back = safe[1:] if safe.startswith("'") and safe != text else safe
    assert back == text


def test_formulas_stay_text_in_every_column(visit):
    """CSV-1: names, relations, dictionary labels, headings and remarks are guarded; numbers are not."""
    bad = "=HYPERLINK(1)"
    one = make_customer(
        name=bad, short_name="＝1", address="+1", city="@a", remark="-1", tags="=a,b"
    )
    make_contact(one, name=bad)
    make_order(one, customer_po="=1", remark='=cmd|" /C calc"!A0')
    reader = visit("manager")
    (_, row) = table(
        export(reader, "customer", columns="name,short_name,address,city,remark,tags,contact_name")
    )
    assert row == [f"'{bad}", "'＝1", "'+1", "'@a", "'-1", "'=a,b", f"'{bad}"]
    (_, row) = table(export(reader, "order", columns="customer,customer_po,remark,amount"))
    assert row == [f"'{bad}", "'=1", """'=cmd|" /C calc"!A0""", "1145.14"]


def test_texts_survive(visit):
    """CSV-3: commas, quotes, line breaks, leading zeros and Chinese come back as they were."""
    texts = ['a,b"c', "第一行\n第二行", "007", "全角，。", "a;b\tc"]
    ids = make_customers(*({"remark": text} for text in texts))
    reader = visit("manager")
    rows = table(export(reader, "customer", columns="remark", sort="code", header="name"))
    assert [row[0] for row in rows[1:]] == texts
    assert len(ids) == 5


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sort": "name"},
        {"sort": "-credit_limit"},
        {"sort": "city", "search": "纸"},
        {"flt_level_in": "A,B", "sort": "-level"},
        {"flt_credit_limit_ge": "5", "flt_city_empty": "0"},
        {"search": "没有这样的"},
        {"page": "2", "page_size": "10", "cursor": "x", "sort": "code"},
    ],
)
def test_an_export_is_the_list(visit, asked):
    """export/, CSV-5: exactly the list's rows and order, all pages of it, for every filter and sort."""
    make_customers(
        *(
            {
                "level": "ABCD"[n % 4],
                "city": [None, "苏州市", "无锡市"][n % 3],
                "credit_limit": [None, Decimal(n), Decimal(5)][n % 3],
            }
            for n in range(14)
        )
    )
    make_customers({}, owner=None)
    reader = visit("manager")
    listed = {
        name: value for name, value in asked.items() if name not in ("page", "cursor", "page_size")
    }
    query = {**listed, "page_size": "200", "format": "json"}
    shown = reader.get("/admin/customer/", query_string=query).get_json()["rows"]
    rows = table(export(reader, "customer", columns="code,id", **asked))[1:]
    assert [row[0] for row in rows] == [row["code"] for row in shown]


def test_batches_join_without_gaps(visit):
    """export/: read in batches, every row stands in the file once, in order."""
    ids = make_customers(*({"city": ["苏州市", None][n % 2]} for n in range(23)))
    reader = visit("manager")
    with patch("app.services.listing.BATCH", 5):
        for sort in ("city", "-city", "id", "-id"):
            rows = table(export(reader, "customer", columns="id", sort=sort))[1:]
            found = [int(row[0]) for row in rows]
            assert sorted(found) == ids, sort
            listed = reader.json(f"/admin/customer/?page_size=200&sort={sort}")["rows"]
            assert found == [row["id"] for row in listed], sort


def test_columns_can_be_chosen(visit):
    """export/: columns= in this order; an unknown or forbidden one is 422 and nothing is written."""
    make_customer(name="恒达")
    reader = visit("manager")
    assert table(export(reader, "customer", columns="name,code"))[1] == ["恒达", "C000001"]
    for columns in (
        *("nothing", "name,nothing", "name_folded", "contacts", "password_hash", "owner.name", "*"),
        *("deleted", "name;code", "__class__"),
    ):
        answer = export(reader, "customer", columns=columns)
        assert answer.status_code == 422, columns
        assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert export(visit("admin"), "user", columns="username,password_hash").status_code == 422


def test_an_export_is_scoped(visit):
    """AZ-3, CSV-5: nobody exports what is not theirs; the pool is seen by claimers, not taken along."""
    make_customers({"name": "恒达"}, owner="sales1")
    make_customers({"name": "顺风"}, owner="sales3")
    make_customers({"name": "公海"}, owner=None)
    names = [row[0] for row in table(export(visit("sales1"), "customer", columns="name"))[1:]]
    assert names == ["恒达"]
    names = {row[0] for row in table(export(visit("clerk"), "customer", columns="name"))[1:]}
    assert names == {"恒达"}
    assert len(table(export(visit("manager"), "customer"))) == 4


def test_who_may_not_export_gets_nothing(visit):
    """CSV-5: without the permission 403, for every entity and kind; nothing is audited as an export."""
    make_order(make_customer())
    for who in ("viewer", "finance"):
        for entity in ("customer", "contact", "order"):
            assert export(visit(who), entity).status_code == 403
    assert export(visit("auditor"), "customer").status_code == 403
    assert export(visit("auditor"), "audit").status_code == 200
    assert visit("manager").get("/admin/customer/export/pdf/").status_code == 404
    done = db.session.scalars(select(Audit.action).where(Audit.action.like("%.export")))
    assert list(done) == ["audit.export"]


def test_above_the_limit_of_the_role_nothing_is_written(visit):
    """CSV-5: up to the role's limit; above it 422 with the reason, and no file."""
    from app.models.role import Role
    from tests.factories.making import change

    make_customers({}, {}, {})
    role = db.session.scalar(select(Role.id).where(Role.name == "sales"))
    change(Role, role, export_rows=2)
    reader = visit("sales1")
    answer = reader.get("/admin/customer/export/csv/", headers=JSON)
    assert answer.status_code == 422
    assert "最多导出 2 条" in answer.text
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    change(Role, role, export_rows=3)
    assert len(table(export(visit("sales1"), "customer"))) == 4


def test_exports_are_limited(visit, house):
    """LCK-13: ten an hour for each person; then 429 with Retry-After."""
    reader = visit("manager")
    with patch.dict(house.app.config, RATELIMIT_ENABLED=True):
        answers = [export(reader, "customer").status_code for _ in range(11)]
        assert answers == [200] * 10 + [429]
        assert export(visit("clerk"), "customer").status_code == 200


def test_the_page_offers_what_it_shows_as_a_file(visit):
    """export/: its links carry the search, filters and order of the list; not for those who may not."""
    make_orders(make_customer(), {}, {})
    page = visit("manager").get("/admin/order/?search=SO&sort=-amount&flt_status_eq=draft").text
    links = re.findall(r'href="(/admin/order/export/\w+/\?[^"]*)"', page)
    assert {link.split("/")[4] for link in links} == {"csv", "xlsx"}
    for link in links:
        assert "search=SO" in link
        assert "sort=-amount" in link
        assert "flt_status_eq=draft" in link
    assert "/export/" not in visit("viewer").get("/admin/order/").text
    assert "export" in ENTITIES["order"].verbs


def test_a_workbook_holds_text_as_text(visit):
    """CSV-1, CSV-3: XLSX keeps leading zeros, phones and formulas as strings, money as numbers."""
    import python_calamine

    make_customer(name="=1+1", phone="13812345678", city="007", credit_limit=Decimal("5.10"))
    reader = visit("manager")
    answer = reader.get(
        "/admin/customer/export/xlsx/?columns=name,phone,city,credit_limit&header=name"
    )
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    heads, row = book.get_sheet_by_index(0).to_python()
    assert heads == ["name", "phone", "city", "credit_limit"]
    assert row == ["=1+1", "13812345678", "007", 5.1]
