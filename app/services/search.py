"""Finding records by what people type. One door: what is behind it may change."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from app.core import bulk
from app.domain.searching import like_pattern, phone_text, search_text, words_of
from app.models.base import Record
from app.models.search_entry import SearchEntry


def index(session: Session, entity: str, record: Record) -> None:
    """Keep what *record* is found by, in the transaction that changed it."""
    entry = session.get(SearchEntry, (entity, record.id))
    if entry is None:
        entry = SearchEntry(entity=entity, record_id=record.id)
        session.add(entry)
    entry.text = search_text(*record.search_values())
    entry.phones = phone_text(*record.search_phones())
    session.flush()


Words = tuple[int, Iterable[str | None], Iterable[str | None]]


def index_many(session: Session, entity: str, words: Iterable[Words]) -> None:
    """Keep what many new records are found by: id, search values and search phones of each."""
    rows = [
        {
            "entity": entity,
            "record_id": record_id,
            "text": search_text(*values),
            "phones": phone_text(*phones),
        }
        for record_id, values, phones in words
    ]
    bulk.insert_rows(session, SearchEntry.metadata.tables[SearchEntry.__tablename__], rows)


def forget(session: Session, entity: str, record_id: int) -> None:
    """Drop the words of a record that is gone."""
    session.execute(
        delete(SearchEntry).where(SearchEntry.entity == entity, SearchEntry.record_id == record_id)
    )


def matching(term: str, keys: dict[str, Any], *, phones: bool = True) -> list[ColumnElement[bool]]:
    """Return the criteria that every word of *term* meets; *keys* maps entity → id column to look under."""
    return [
        or_(*(key.in_(_holders(entity, word, phones)) for entity, key in keys.items()))
        for word in words_of(term)
    ]


def _holders(entity: str, word: str, phones: bool) -> Any:
    pattern = like_pattern(word)
    columns = [SearchEntry.text, SearchEntry.phones] if phones else [SearchEntry.text]
    found = or_(*(column.like(pattern, escape="\\") for column in columns))
    return select(SearchEntry.record_id).where(and_(SearchEntry.entity == entity, found))
