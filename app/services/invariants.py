"""What is always true of a healthy house: asked of every backup, and after every accident.

Everything here only reads, works on both databases, and says in words what is wrong. The words are
for whoever runs the house, on the command line.
"""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Integer, String, Table, cast, func, literal_column, or_, select, text
from sqlalchemy.orm import Session, aliased

from app.core import revisions
from app.models.attachment import Attachment, AttachmentPart
from app.models.attributes import attributes_of
from app.models.audit import Audit, AuditHead
from app.models.base import Base, Record, Trashed
from app.models.customer import Customer
from app.models.number_series import NumberSeries
from app.models.order import Order, OrderLine
from app.models.search_entry import SearchEntry
from app.models.trash_entry import TrashEntry
from app.models.user import User
from app.services.registry import SERVICES

#: Kind of series → the column that holds its numbers, and how to read period and number there.
NUMBERED: dict[str, tuple[Any, re.Pattern[str]]] = {
    "C": (Customer.code, re.compile(r"C()(\d+)")),
    "SO": (Order.order_no, re.compile(r"SO(\d{6})-(\d+)")),
}
AMOUNTS = ("net_amount", "tax_amount", "amount")

_SHOWN = 5  # examples in one sentence
_BATCH = 10_000


def violations(session: Session) -> Iterator[str]:
    """Yield everything that is not as it must be.

    Of a database of an older revision only this is said, if it is known: its tables may lack what
    the questions are about.
    """
    found = revisions.found_in(session.connection())
    if not found:
        yield "数据库没有建立过表"
        return
    unknown = sorted(revision for revision in found if not revisions.is_known(revision))
    if unknown:
        yield f"备份来自更新的版本（{'、'.join(unknown)}），请先升级系统"
        return
    if found != revisions.newest():
        return
    checks = (_users, _totals, _numbers, _search, _trash, _files, _history, _chain, _counters)
    for check in checks:
        yield from check(session)


def _files(session: Session) -> Iterator[str]:
    """Every file belongs to a record that is there, and all of it is."""
    for service in SERVICES.values():
        kept = select(service.model.id).where(service.model.id == Attachment.record_id)
        lost = select(Attachment.id).where(Attachment.entity == service.entity, ~kept.exists())
        for number in session.scalars(lost.limit(_SHOWN)):
            yield f"附件 {number} 所属的记录不存在"
    stored = (
        select(func.coalesce(func.sum(func.length(AttachmentPart.content)), 0))
        .where(AttachmentPart.attachment_id == Attachment.id)
        .scalar_subquery()
    )
    for number in session.scalars(
        select(Attachment.id).where(Attachment.size != stored).limit(_SHOWN)
    ):
        yield f"附件 {number} 的内容不完整"


def _users(session: Session) -> Iterator[str]:
    if session.scalar(select(User.id).limit(1)) is None:
        yield "没有任何用户"


def _totals(session: Session) -> Iterator[str]:
    """An order is the sum of its lines, and gross is net and tax, everywhere."""
    sums = (
        select(OrderLine.order_id, *(func.sum(getattr(OrderLine, n)).label(n) for n in AMOUNTS))
        .group_by(OrderLine.order_id)
        .subquery()
    )
    differs = (getattr(Order, name) != func.coalesce(sums.c[name], 0) for name in AMOUNTS)
    orders = select(Order.order_no).outerjoin(sums, sums.c.order_id == Order.id)
    yield from _examples(session, orders.where(or_(*differs)), "订单金额不等于明细之和")
    for model in (Order, OrderLine):
        crooked = select(model.id).where(model.amount != model.net_amount + model.tax_amount)
        yield from _examples(session, crooked, f"{model.__tablename__} 含税金额不等于未税加税额")


def _numbers(session: Session) -> Iterator[str]:
    """Numbers are unique, and none is above the last one given."""
    last = {(row.kind, row.period): row.last for row in session.scalars(select(NumberSeries))}
    for kind, (column, pattern) in NUMBERED.items():
        living = [column.class_.deleted_at.is_(None)] if kind == "C" else []
        twice = select(column).where(*living).group_by(column).having(func.count() > 1)
        yield from _examples(session, twice, "编号重复")
        highest: dict[str, int] = {}
        for number in session.scalars(select(column).execution_options(yield_per=_BATCH)):
            read = pattern.fullmatch(number)
            if read:
                period, position = read.groups()
                highest[period] = max(highest.get(period, 0), int(position))
        for period, position in highest.items():
            given = last.get((kind, period), 0)
            if position > given:
                yield f"编号 {kind}{period} 用到 {position}，而编号簿只到 {given}"


def _searched() -> set[type[Record]]:
    """Return what people find by searching: whatever has a trash, and the rows that are records, too."""
    kept = {model for model in SERVICES if issubclass(model, Trashed)}
    rows = {a.target for m in kept for a in attributes_of(m).values() if a.kind == "rows"}
    return kept | {model for model in SERVICES if model in rows}


def _search(session: Session) -> Iterator[str]:
    """Whatever lives is found, and nothing else."""
    for model in _searched():
        service = SERVICES[model]
        entry = aliased(
            SearchEntry, select(SearchEntry).filter_by(entity=service.entity).subquery()
        )
        living = select(model.id).where(*service.living())
        lost = living.outerjoin(entry, entry.record_id == model.id).where(entry.record_id.is_(None))
        yield from _examples(session, lost, f"{service.entity} 搜索不到")
        gone = select(entry.record_id).where(entry.record_id.not_in(living))
        yield from _examples(session, gone, f"{service.entity} 已不存在却仍能搜索到")


def _trash(session: Session) -> Iterator[str]:
    """The list of the trash is what lies in it."""
    for model, service in SERVICES.items():
        if not issubclass(model, Trashed):
            continue
        table: Any = model
        listed = select(TrashEntry.record_id).filter_by(entity=service.entity)
        trashed = select(table.id).where(table.deleted_at.is_not(None))
        name = service.entity
        yield from _examples(session, trashed.where(table.id.not_in(listed)), f"{name} 不在回收站")
        alive = listed.where(TrashEntry.record_id.not_in(trashed))
        yield from _examples(session, alive, f"{name} 没有删除却在回收站")


def _history(session: Session) -> Iterator[str]:
    """Nothing was made twice."""
    twice = (
        select(Audit.entity + " " + cast(Audit.record_id, String))
        .where(Audit.action == Audit.entity + ".create")
        .group_by(Audit.entity, Audit.record_id)
        .having(func.count() > 1)
    )
    yield from _examples(session, twice, "操作记录中重复新建")


def _chain(session: Session) -> Iterator[str]:
    """The audit ends where its head says; what its entries say takes the key to verify."""
    last = session.execute(
        select(Audit.id, Audit.digest).order_by(Audit.id.desc()).limit(1)
    ).first()
    head = session.execute(select(AuditHead.last_id, AuditHead.digest)).first()
    if head is None or (last is not None and tuple(last) != tuple(head)):
        yield "操作记录与链头不符"


def _counters(session: Session) -> Iterator[str]:
    """No table will give an id a second time; the ids of the audit come from its chain."""
    for table in Base.metadata.tables.values():
        key = table.primary_key.columns.values()
        if [column.name for column in key] != ["id"] or not isinstance(key[0].type, Integer):
            continue
        if table.autoincrement_column is None:
            continue
        highest = session.scalar(select(func.max(key[0]))) or 0
        given = _last_id(session, table)
        if highest > given:
            yield f"{table.name} 的编号已到 {highest}，计数器只到 {given}"


def _last_id(session: Session, table: Table) -> int:
    """Return the last id that *table* gave."""
    if session.get_bind().dialect.name == "sqlite":
        counter = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return session.scalar(counter, {"name": table.name}) or 0
    name = session.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    if name is None:
        return 0
    last = literal_column("CASE WHEN is_called THEN last_value ELSE 0 END", Integer)
    return session.scalar(select(last).select_from(text(name))) or 0


def _examples(session: Session, wrong: Any, words: str) -> Iterator[str]:
    """Yield one sentence with some of the rows that *wrong* finds."""
    found = [str(value) for value in session.scalars(wrong.limit(_SHOWN + 1))]
    if found:
        more = "……" if len(found) > _SHOWN else ""
        yield f"{words}：{'、'.join(found[:_SHOWN])}{more}"
