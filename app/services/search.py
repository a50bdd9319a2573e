"""Finding records by what people type. One door: what is behind it may change."""

from collections.abc import Container, Iterable
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
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
    below = list(record.search_below())
    entry.text = search_text(*record.search_values())
    entry.phones = phone_text(*record.search_phones())
    entry.below = search_text(*chain.from_iterable(one.search_values() for one in below))
    entry.below_phones = phone_text(*chain.from_iterable(one.search_phones() for one in below))
    session.flush()


#: Of one record: id, its own search values and phones, those of the records below it.
Texts = Iterable[str | None]
Words = tuple[int, Texts, Texts, Texts, Texts]


def index_many(session: Session, entity: str, words: Iterable[Words]) -> None:
    """Keep what many new records are found by."""
    rows = [
        {
            "entity": entity,
            "record_id": record_id,
            "text": search_text(*values),
            "phones": phone_text(*phones),
            "below": search_text(*below),
            "below_phones": phone_text(*below_phones),
        }
        for record_id, values, phones, below, below_phones in words
    ]
    bulk.insert_rows(session, SearchEntry.metadata.tables[SearchEntry.__tablename__], rows)


def forget(session: Session, entity: str, record_id: int) -> None:
    """Drop the words of a record that is gone."""
    session.execute(
        delete(SearchEntry).where(SearchEntry.entity == entity, SearchEntry.record_id == record_id)
    )


def matching(
    term: str, keys: dict[str, Any], *, below: Container[str] = (), whole: bool = False
) -> list[ColumnElement[bool]]:
    """Return the criteria that every word of *term* meets; *keys* maps entity → id column to look under.

    Of the entities in *below*, the words of the records below count, too. *whole*: a number or address
    finds its record only if it is given whole, so that its parts cannot be tried one by one.
    """
    return [
        or_(
            *(
                key.in_(_holders(entity, word, below=entity in below, whole=whole))
                for entity, key in keys.items()
            )
        )
        for word in words_of(term)
    ]


def _holders(entity: str, word: str, *, below: bool, whole: bool) -> Any:
    texts = [SearchEntry.text, *([SearchEntry.below] if below else [])]
    numbers = [SearchEntry.phones, *([SearchEntry.below_phones] if below else [])]
    pattern = like_pattern(word)
    found: list[ColumnElement[bool]] = [column.like(pattern, escape="\\") for column in texts]
    if whole:
        found += [_is_line(column, word) for column in numbers]
    else:
        found += [column.like(pattern, escape="\\") for column in numbers]
    return select(SearchEntry.record_id).where(SearchEntry.entity == entity, or_(*found))


def _is_line(column: Any, word: str) -> ColumnElement[bool]:
    """Say that *word* is one whole line of *column*."""
    lines: ColumnElement[str] = "\n" + column + "\n"
    return lines.like(like_pattern(f"\n{word}\n"), escape="\\")
