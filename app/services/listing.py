"""Reading a list: ids by keyset, then the rows; a capped count; every page costs the same."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, inspect, null, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from app.core.work import Actor
from app.services.crud import Crud
from app.services.filtering import Condition, InvalidFilter, criterion
from app.services.keyset import Cursor, Order, page_of

COUNT_CAP = 10_000
BATCH = 500


@dataclass(frozen=True, slots=True)
class Sort:
    """The column a list is ordered by; the id always breaks ties, in the same direction."""

    column: str = "id"
    descending: bool = True

    def __str__(self) -> str:
        return f"-{self.column}" if self.descending else self.column


@dataclass(frozen=True, slots=True)
class Slice:
    """One page: its rows, and the keys of its first and last row; *before* and *after*: is there more?"""

    records: list[Any]
    first: tuple[Any, int] | None
    last: tuple[Any, int] | None
    before: bool
    after: bool


class Listing:
    """What one person sees of one kind of record, searched, filtered and sorted."""

    def __init__(  # noqa: PLR0913 - the parts of a list
        self,
        session: Session,
        service: Crud[Any],
        actor: Actor,
        *,
        term: str = "",
        conditions: Sequence[Condition] = (),
        sort: Sort = Sort(),
        load: Sequence[str] = (),
        verb: str = "see",
    ) -> None:
        """Raise InvalidFilter for a condition or sort column that this list does not have."""
        self.session = session
        self.service = service
        self.model = service.model
        self.sort = sort
        self.order = Order(self.model.id, self._sort_key(actor), sort.descending)
        self.options = options_for(service, load)
        known = service.attributes().items()
        attributes = {name: a for name, a in known if not service.hides(actor, a)}
        self.criteria: list[ColumnElement[bool]] = [
            *service.visible_to(actor, verb),
            *(criterion(condition, attributes, actor) for condition in conditions),
            *(service.matching(term, actor) if term else ()),
        ]

    def _sort_key(self, actor: Actor) -> Any:
        if self.sort.column == "id":
            return None
        attribute = self.service.attributes().get(self.sort.column)
        if attribute is None or attribute.column is None or self.service.hides(actor, attribute):
            raise InvalidFilter
        if self.service.masks(actor, attribute):
            raise InvalidFilter  # the order of masked values would tell them
        return attribute.column

    # -- counting ------------------------------------------------------------------------

    def count(self, cap: int | None = COUNT_CAP) -> tuple[int, bool]:
        """Return (number of rows, whether that is all); counting stops at *cap*."""
        rows = select(self.model.id).where(*self.criteria)
        limited = rows if cap is None else rows.limit(cap + 1)
        number = self.session.scalar(select(func.count()).select_from(limited.subquery())) or 0
        return (cap, False) if cap is not None and number > cap else (number, True)

    # -- pages ---------------------------------------------------------------------------

    def page(self, size: int, cursor: Cursor | None = None) -> Slice:
        """Return the page of *size* rows at *cursor* (None: the first)."""
        backwards = cursor is not None and cursor.backwards
        bounded = cursor is not None and bool(cursor.id)
        found = self._found(page_of(self.criteria, self.order, cursor, size + 1))
        more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        return self._slice(
            found, before=more if backwards else bounded, after=bounded if backwards else more
        )

    def page_after(self, offset: int, size: int) -> Slice:
        """Return the page that starts after *offset* rows: ids first, then the rows by their id."""
        order, key = self.order, self.order.key
        rows = select((null() if key is None else key).label("k"), self.model.id).where(
            *self.criteria
        )
        if key is not None:
            rows = rows.order_by(key.is_(None), order.directed(key))
        rows = rows.order_by(order.directed(order.id)).offset(offset).limit(size + 1)
        found = self._found(rows)
        return self._slice(found[:size], before=offset > 0, after=len(found) > size)

    def stream(self) -> Iterator[Any]:
        """Yield every record in order, *BATCH* at a time; memory stays flat."""
        cursor: Cursor | None = None
        while True:
            page = self.page(BATCH, cursor)
            yield from page.records
            if not page.after or page.last is None:
                return
            cursor = Cursor(*page.last)
            self.session.expunge_all()

    def _found(self, statement: Any) -> list[tuple[Any, int]]:
        return [(row[0], row[1]) for row in self.session.execute(statement)]

    def _slice(self, found: list[tuple[Any, int]], *, before: bool, after: bool) -> Slice:
        ids = [record_id for _, record_id in found]
        first, last = (found[0], found[-1]) if found else (None, None)
        return Slice(self._records(ids), first, last, before=before, after=after)

    def _records(self, ids: list[int]) -> list[Any]:
        if not ids:
            return []
        rows = select(self.model).where(self.model.id.in_(ids)).options(*self.options)
        records = {record.id: record for record in self.session.scalars(rows)}
        return [records[record_id] for record_id in ids if record_id in records]


def options_for(service: Crud[Any], names: Iterable[str]) -> list[Any]:
    """Return how to load the relations *names* in a constant number of statements."""
    options: list[Any] = []
    for name in names:
        attribute = service.attributes().get(name)
        if attribute is not None and attribute.kind == "relation":
            options.append(joinedload(getattr(service.model, name)))
        elif attribute is not None and attribute.kind in ("relations", "rows"):
            options.append(selectinload(getattr(service.model, name)))
        elif name in inspect(service.model).column_attrs:
            options.append(undefer(getattr(service.model, name)))
    return options
