"""The list as a file: exactly its rows, in its order, guarded against formulas, in flat memory."""

import csv
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

import xlsxwriter
from flask import Response, request, stream_with_context
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.admin_views.base.listing import count_guess, open_listing
from app.admin_views.base.query import Query
from app.admin_views.base.values import raw_of, text_of
from app.core import clock
from app.core.db import db, reading
from app.core.errors import Missing, broken
from app.core.words import N_
from app.domain.mask import Masked
from app.domain.phone import masked_phone
from app.domain.searching import words_of
from app.models.attributes import DAYS, NUMBERS, Attribute
from app.services import audit
from app.services.filtering import PREFIX, InvalidFilter
from app.services.listing import Listing
from app.web.working import working

if TYPE_CHECKING:
    from app.admin_views.base.screen import Screen

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
MAX_REASON = 200
PHONE_DIGITS = 7  # what is shorter is the end of a number at most
CHUNK = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def guarded(text: str) -> str:
    """Return *text* so that no spreadsheet takes it for a formula: one ``'`` in front where needed.

    What only looks guarded gets one, too: taking one off always gives back what was there.
    """
    return f"'{text}" if text.lstrip("'").startswith(TRIGGERS) else text


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Return *text*."""
        return text


def export(view: "Screen", query: Query, kind: str) -> Response:
    """Return the list that *query* describes as a csv or xlsx file; raise RuleBroken for what cannot be."""
    if kind not in KINDS:
        raise Missing
    columns = _columns(view)
    count_guess(view, query)
    listing = _listing(view, query, reading())
    number, complete = listing.count(cap=view.actor.export_rows)
    if not complete:
        most = f"{view.actor.export_rows:,}"
        raise broken(None, N_("最多导出 %(n)s 条，请先筛选。"), n=most)
    if request.method != "HEAD":  # which takes nothing away
        _remember(view, query, columns, number)
    by_name = request.args.get("header") == "name"
    heads = [a.name if by_name else gettext(a.label) for a in columns]
    stamp = clock.to_local(clock.now()).strftime("%Y%m%d_%H%M")
    name = quote(f"{gettext(view.noun or view.title)}_{stamp}.{kind}")
    write, mimetype = KINDS[kind]
    body = stream_with_context(write(heads, columns, _rows(view, query, columns), view.labels()))
    disposition = f"attachment; filename=\"export.{kind}\"; filename*=UTF-8''{name}"
    return Response(body, mimetype=mimetype, headers={"Content-Disposition": disposition})


def _remember(view: "Screen", query: Query, columns: list[Attribute], number: int) -> None:
    changes = {
        "rows": number,
        "columns": [a.name for a in columns],
        "filter": [[name, _masked(view, name, value)] for name, value in query.pairs],
        "reason": request.args.get("reason", "")[:MAX_REASON],
    }
    with working() as work:
        audit.remember(work, f"{view.entity}.export", view.entity, changes=changes)


def _masked(view: "Screen", name: str, value: str) -> str:
    """Return a parameter as the audit keeps it: without a telephone number in clear."""
    column = name.removeprefix(PREFIX).rpartition("_")[0] if name.startswith(PREFIX) else ""
    attribute = view.service.attributes().get(column)
    if attribute is not None and attribute.group == "phones":
        return f"{value[:1]}****"
    words = words_of(value) if name == "search" else []
    if not any(_is_phone(word) for word in words):
        return value
    return " ".join(masked_phone(word) if _is_phone(word) else word for word in words)


def _is_phone(word: str) -> bool:
    return word.isdecimal() and len(word) >= PHONE_DIGITS


def _columns(view: "Screen") -> list[Attribute]:
    wanted = [name for name in request.args.get("columns", "").split(",") if name]
    attributes = view.service.attributes()
    unknown = [name for name in wanted if not _exportable(attributes.get(name), view)]
    if unknown:
        raise broken(None, N_("没有可导出的列：%(names)s"), names="、".join(unknown))
    return [attributes[name] for name in wanted] if wanted else view.listed()


def _exportable(attribute: Attribute | None, view: "Screen") -> bool:
    return (
        attribute is not None
        and attribute.readable
        and attribute.kind not in ("rows", "json", "grants")
        and not view.service.hides(view.actor, attribute)
    )


def _listing(view: "Screen", query: Query, session: Session) -> Listing:
    names = [a.name for a in _columns(view)]
    try:
        return open_listing(view, query, session, load=names, verb="export")
    except InvalidFilter as error:
        raise broken(None, N_("筛选条件无效")) from error


def _rows(view: "Screen", query: Query, columns: list[Attribute]) -> Iterator[list[Any]]:
    """Yield the values of every record, all of them from one snapshot of the database."""
    options = {} if db.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with Session(db.engine.execution_options(**options), autoflush=False) as session:
        for record in _listing(view, query, session).stream():
            yield [view.seen(a, record) for a in columns]


# -- the two formats ----------------------------------------------------------------------


def csv_lines(
    heads: list[str], columns: list[Attribute], rows: Iterator[list[Any]], labels: Any
) -> Iterator[str]:
    """Yield a CSV file line by line: byte-order mark, CRLF, raw decimals, ISO dates."""
    writer: Any = csv.writer(Echo(), lineterminator="\r\n")
    yield "\ufeff"
    yield writer.writerow([guarded(head) for head in heads])
    for row in rows:
        cells = zip(columns, row, strict=True)
        yield writer.writerow([_csv_cell(a, value, labels) for a, value in cells])


def _csv_cell(attribute: Attribute, value: Any, labels: Any) -> str:
    if (attribute.kind in NUMBERS or attribute.kind in DAYS) and not isinstance(value, Masked):
        return raw_of(value).replace("T", " ")
    return guarded(_text(attribute, value, labels))


def _text(attribute: Attribute, value: Any, labels: Any) -> str:
    """Return *value* as text; phones as they are stored, since they are read back."""
    if attribute.kind == "phone" and not isinstance(value, Masked):
        return raw_of(value)
    return text_of(attribute, value, labels)


def xlsx_chunks(
    heads: list[str], columns: list[Attribute], rows: Iterator[list[Any]], labels: Any
) -> Iterator[bytes]:
    """Yield a workbook; text stays text, so that codes and phones keep every digit."""
    with TemporaryFile() as file:
        _write_workbook(file, heads, columns, rows, labels)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write_workbook(
    file: IO[bytes],
    heads: list[str],
    columns: list[Attribute],
    rows: Iterator[list[Any]],
    labels: Any,
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, {**options, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        formats = [book.add_format({"num_format": _number_format(a)}) for a in columns]
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, bold)
        for line, row in enumerate(rows, start=1):
            for place, (attribute, value) in enumerate(zip(columns, row, strict=True)):
                if value is None:
                    continue
                if attribute.kind in NUMBERS and not isinstance(value, Masked):
                    sheet.write_number(line, place, value, formats[place])
                else:
                    text = raw_of(value).replace("T", " ") if attribute.kind in DAYS else None
                    sheet.write_string(line, place, text or _text(attribute, value, labels))


def _number_format(attribute: Attribute) -> str:
    places = {"money": 2, "price": 4, "percent": 2}.get(attribute.kind)
    return f"#,##0.{'0' * places}" if places else "0"


KINDS: dict[str, tuple[Callable[..., Iterator[Any]], str]] = {
    "csv": (csv_lines, "text/csv"),
    "xlsx": (xlsx_chunks, XLSX),
}
