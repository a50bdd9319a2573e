"""Keyset paging: the next ids after a given row, read from an index, at the same cost at any depth."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, null, select, tuple_, union_all

Statement = Select[Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: just after (or, *backwards*, before) the row with this *key* and *id*.

    *id* 0 means the very end of the list. *position* numbers the first row of the page, from 1.
    """

    key: Any
    id: int
    backwards: bool = False
    position: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """By *key* (None: by id alone), then by id; empty keys always come last."""

    id: Any
    key: Any = None
    descending: bool = True

    def directed(self, column: Any, *, backwards: bool = False) -> Any:
        """Return *column* in the direction of walking."""
        return column.desc() if self.descending != backwards else column.asc()

    def beyond(self, cursor: Cursor, *, with_key: bool) -> ColumnElement[bool]:
        """Say which rows come after the cursor's row, within its half."""
        down = self.descending != cursor.backwards
        if not with_key:
            return self.id < cursor.id if down else self.id > cursor.id  # type: ignore[no-any-return]
        here = tuple_(literal(cursor.key, self.key.type), literal(cursor.id, self.id.type))
        row = tuple_(self.key, self.id)
        return row < here if down else row > here


def page_of(
    criteria: list[ColumnElement[bool]], order: Order, cursor: Cursor | None, limit: int
) -> Statement:
    """Return the statement for (key, id) of the next *limit* rows, in the direction of walking.

    Rows without a key are read by themselves: neither half has to sort the table.
    """
    backwards = cursor is not None and cursor.backwards
    at = cursor if cursor is not None and cursor.id else None
    if order.key is None:
        rows = select(null().label("k"), order.id.label("id")).where(*criteria)
        if at is not None:
            rows = rows.where(order.beyond(at, with_key=False))
        return rows.order_by(order.directed(order.id, backwards=backwards)).limit(limit)
    halves = [
        _half(criteria, order, at, bare, limit, backwards=backwards)
        for bare in _halves_ahead(at, backwards=backwards)
    ]
    if len(halves) == 1:
        return halves[0]
    return _in_turn(halves, order, limit, backwards=backwards)


def _halves_ahead(at: Cursor | None, *, backwards: bool) -> list[bool]:
    """Return which halves lie ahead, in order: False is the rows with a key, True those without."""
    turn = [True, False] if backwards else [False, True]
    return turn if at is None or (at.key is None) == turn[0] else turn[1:]


def _half(
    criteria: list[ColumnElement[bool]],
    order: Order,
    at: Cursor | None,
    bare: bool,
    limit: int,
    *,
    backwards: bool,
) -> Statement:
    rows = select(order.key.label("k"), order.id.label("id")).where(*criteria)
    rows = rows.where(order.key.is_(None) if bare else order.key.is_not(None))
    if at is not None and (at.key is None) == bare:
        rows = rows.where(order.beyond(at, with_key=not bare))
    if not bare:
        rows = rows.order_by(order.directed(order.key, backwards=backwards))
    return rows.order_by(order.directed(order.id, backwards=backwards)).limit(limit)


def _in_turn(halves: list[Statement], order: Order, limit: int, *, backwards: bool) -> Statement:
    parts = []
    for number, half in enumerate(halves):
        rows = half.subquery()
        parts.append(select(literal(number).label("part"), rows.c.k, rows.c.id))
    both = union_all(*parts).subquery()
    directed = [order.directed(c, backwards=backwards) for c in (both.c.k, both.c.id)]
    return select(both.c.k, both.c.id).order_by(both.c.part, *directed).limit(limit)
