"""Dictionaries: the lists of words that the factory edits itself."""

from collections.abc import Iterable

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session, object_session

from app.core.errors import Blocked
from app.core.words import N_
from app.core.work import Work
from app.models.attributes import attributes_of
from app.models.base import Base, Record
from app.models.dictionary import Dictionary
from app.services import search
from app.services.crud import Crud

#: What every factory starts with: kind → (key, label).
FIRST_ENTRIES: dict[str, tuple[tuple[str, str], ...]] = {
    "industry": (
        ("food", N_("食品饮料")),
        ("cosmetics", N_("日化美妆")),
        ("electronics", N_("电子电器")),
        ("medicine", N_("医药保健")),
        ("toys", N_("玩具文具")),
        ("apparel", N_("服饰鞋帽")),
        ("gifts", N_("礼品工艺")),
        ("hardware", N_("五金家居")),
        ("other", N_("其他")),
    ),
    "source": (
        ("referral", N_("老客户介绍")),
        ("visit", N_("上门拜访")),
        ("fair", N_("展会")),
        ("web", N_("网络询价")),
        ("phone", N_("电话开发")),
        ("other", N_("其他")),
    ),
}


class Dictionaries(Crud[Dictionary]):
    """Entries are added and switched off; what records hold is the key."""

    def locked(self, record: Dictionary) -> frozenset[str]:
        """The key that records hold, and the list it stands in, stay as they are."""
        session = object_session(record)
        is_used = session is not None and record.id and _uses(session, record)
        return frozenset({"kind", "key"}) if is_used else frozenset()

    def check_delete(self, session: Session, record: Dictionary) -> None:
        """An entry that records hold can be switched off, no more."""
        number = _uses(session, record)
        if number:
            raise Blocked(N_("不能删除：已有 %(n)s 条记录使用，可以停用。"), n=number)
        super().check_delete(session, record)


def _uses(session: Session, entry: Dictionary) -> int:
    """Return how many records, those in the trash included, hold *entry* as it is stored."""
    kind, key = (_stored(entry, name) for name in ("kind", "key"))
    columns = [
        attribute.column
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Record)
        for attribute in attributes_of(mapper.class_).values()
        if attribute.dictionary == kind
    ]
    counts = (select(func.count()).where(column == key).scalar_subquery() for column in columns)
    return sum(session.execute(select(*counts)).one()) if columns else 0


def _stored(entry: Dictionary, name: str) -> str:
    history = inspect(entry).attrs[name].history
    return str(history.deleted[0] if history.deleted else getattr(entry, name))


dictionaries = Dictionaries(Dictionary, "dictionary")


def entries(session: Session, kinds: Iterable[str]) -> list[Dictionary]:
    """Return the entries of *kinds* in their order, switched-off ones included."""
    rows = select(Dictionary).where(Dictionary.kind.in_(list(kinds)))
    return list(session.scalars(rows.order_by(Dictionary.kind, Dictionary.position, Dictionary.id)))


def ensure_dictionaries(work: Work) -> None:
    """Fill an empty dictionary table with the first entries."""
    if work.session.scalar(select(Dictionary.id).limit(1)) is not None:
        return
    for kind, words in FIRST_ENTRIES.items():
        for position, (key, label) in enumerate(words):
            entry = Dictionary(kind=kind, key=key, label=label, position=position)
            work.session.add(entry)
            work.session.flush()
            search.index(work.session, "dictionary", entry)
