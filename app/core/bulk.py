"""Many rows at once, the fast way of each database: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def insert_rows(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Write *rows*, which all have the keys of the first, in the transaction of *session*.

    Nothing is added: no default of Python's, no id in return, no history. Values must be hashable.
    """
    if not rows:
        return
    connection = session.connection()
    columns = [table.c[name] for name in rows[0]]
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in columns)
    target = f"{quote(table.name)} ({names})"
    prepared = zip(*(_prepared(session, column, rows) for column in columns), strict=True)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {target} FROM STDIN", prepared)
    else:
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {target} VALUES ({marks})"  # noqa: S608 - names of our own tables
        connection.exec_driver_sql(statement, list(prepared))


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Send *rows* past SQLAlchemy, which knows no COPY; errors look as if it had sent them."""
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.dbapi
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except errors.Error as error:
        wrapped = DBAPIError.instance(
            statement, None, error, errors.Error, dialect=connection.dialect
        )
        raise wrapped from error


def _prepared(session: Session, column: Column[Any], rows: Iterable[Row]) -> list[Any]:
    """Return the values of *column* as the driver takes them; equal ones are prepared once."""
    values = [row[column.name] for row in rows]
    dialect = session.connection().dialect
    process: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    known = {value: process(value) for value in set(values)}
    return [known[value] for value in values]
