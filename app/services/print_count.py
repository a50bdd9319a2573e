"""Counting prints, so that a second sheet cannot pass for the first."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.work import Work
from app.models.print_count import PrintCount
from app.services import audit


def prints_of(session: Session, entity: str, record_id: int, kind: str) -> int:
    """Return how often the document was printed so far."""
    found = select(PrintCount.prints).where(
        PrintCount.entity == entity, PrintCount.record_id == record_id, PrintCount.kind == kind
    )
    return session.scalar(found) or 0


def count_print(work: Work, entity: str, record_id: int, kind: str) -> int:
    """Count one more print, and return the number of it; two at the same time get two numbers."""
    dialect = work.session.get_bind().dialect.name
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    first = make(PrintCount).values(entity=entity, record_id=record_id, kind=kind, prints=1)
    step = first.on_conflict_do_update(
        index_elements=["entity", "record_id", "kind"], set_={"prints": PrintCount.prints + 1}
    ).returning(PrintCount.prints)
    number = int(work.session.execute(step).scalar_one())
    audit.remember(
        work, f"{entity}.print", entity, record_id, {"kind": [None, kind], "prints": [None, number]}
    )
    return number
