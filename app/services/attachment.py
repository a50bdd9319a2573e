"""Attachments: taking files in, giving them out in pieces, and letting them go with their record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.errors import Missing, NotAllowed, RuleBroken, broken
from app.core.ids import as_id
from app.core.invalid import InvalidValue
from app.core.words import N_
from app.core.work import Work
from app.domain.attachment import (
    EMPTY,
    HEAD,
    MAX_FILES,
    MAX_SIZE,
    MEGABYTE,
    TOO_LARGE,
    TOO_MANY,
    clean_name,
    kind_of,
)
from app.models.attachment import Attachment, AttachmentPart
from app.models.base import Record
from app.models.user import User
from app.services import audit, setting
from app.services.crud import Crud

FIELD = "file"
PART = 256 * 1024  # bytes
NOTHING = N_("请选择要上传的文件。")
FULL = N_("附件空间已满（%(n)s MB），请联系系统管理员。")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends: the name it has there, and its bytes."""

    name: str
    stream: IO[bytes]


def attach(
    work: Work, service: Crud[Any], record_id: object, uploads: Sequence[Upload]
) -> list[Attachment]:
    """Add *uploads* to a record that the actor may edit: all, or none with every reason.

    A file that the record has already is not kept twice. Raises NotAllowed, Missing, RuleBroken.
    """
    record = _editable(work, service, record_id)
    if not uploads:
        raise broken(FIELD, NOTHING)
    problems, added = [], []
    for upload in uploads:
        try:
            added.append(_take(work, service.entity, record, upload))
        except InvalidValue as error:
            problems += broken(FIELD, error.message, **error.facts).problems
    if problems:
        raise RuleBroken(problems)
    _check_room(work, service.entity, record)
    return added


def detach(work: Work, service: Crud[Any], record_id: object, attachment_id: object) -> None:
    """Remove a file for good from a record that the actor may edit."""
    record = _editable(work, service, record_id)
    found = get(work.session, service.entity, record.id, attachment_id)
    audit.remember(
        work, f"{service.entity}.detach", service.entity, record.id, {FIELD: [found.name, None]}
    )
    work.session.execute(delete(Attachment).where(Attachment.id == found.id))


def of_record(session: Session, entity: str, record_id: int) -> list[tuple[Attachment, str]]:
    """Return the files of a record with the names of those who added them, the newest first."""
    rows = session.execute(
        select(Attachment, User.name)
        .outerjoin(User, User.id == Attachment.created_by)
        .where(Attachment.entity == entity, Attachment.record_id == record_id)
        .order_by(Attachment.id.desc())
    )
    return [(attachment, name or "") for attachment, name in rows]


def get(session: Session, entity: str, record_id: int, attachment_id: object) -> Attachment:
    """Return a file of this very record; raise Missing if it has none of that id."""
    found = session.scalar(
        select(Attachment).where(
            Attachment.id == (as_id(attachment_id) or 0),
            Attachment.entity == entity,
            Attachment.record_id == record_id,
        )
    )
    if found is None:
        raise Missing
    return found


def parts(session: Session, attachment_id: int) -> Iterator[bytes]:
    """Yield the content piece by piece: never more than one is in memory."""
    position = 0
    while True:
        part = session.scalar(
            select(AttachmentPart.content).where(
                AttachmentPart.attachment_id == attachment_id, AttachmentPart.position == position
            )
        )
        if part is None:
            return
        yield bytes(part)
        position += 1


def forget(work: Work, entity: str, record_id: int) -> None:
    """Remove every file of a record that is deleted for good."""
    work.session.execute(
        delete(Attachment).where(Attachment.entity == entity, Attachment.record_id == record_id)
    )


def _editable(work: Work, service: Crud[Any], record_id: object) -> Any:
    if not service.may_edit(work.actor):
        raise NotAllowed(f"{service.entity}.edit")
    return service.get(work.session, work.actor, record_id, "edit")


def _take(work: Work, entity: str, record: Record, upload: Upload) -> Attachment:
    """Store one file; raise InvalidValue if it is none of ours."""
    name = clean_name(upload.name)
    head = upload.stream.read(HEAD)
    if not head:
        raise InvalidValue(EMPTY, name=name)
    kind = kind_of(head, name)
    upload.stream.seek(0)
    size, digest = _measure(upload.stream, name)
    known = work.session.scalar(
        select(Attachment).where(
            Attachment.entity == entity,
            Attachment.record_id == record.id,
            Attachment.digest == digest,
        )
    )
    if known is not None:
        return known
    attachment = Attachment(
        entity=entity,
        record_id=record.id,
        name=name,
        kind=kind,
        size=size,
        digest=digest,
        created_at=work.now,
        created_by=work.actor.user_id,
    )
    work.session.add(attachment)
    work.session.flush()
    for position, content in enumerate(_pieces(upload.stream)):
        part = AttachmentPart(attachment_id=attachment.id, position=position, content=content)
        work.session.add(part)
        work.session.flush()
        work.session.expunge(part)
    audit.remember(work, f"{entity}.attach", entity, record.id, {FIELD: [None, name]})
    return attachment


def _measure(stream: IO[bytes], name: str) -> tuple[int, str]:
    """Return size and digest; stop reading what is too large."""
    size, digest = 0, sha256()
    for piece in _pieces(stream):
        size += len(piece)
        digest.update(piece)
        if size > MAX_SIZE:
            raise InvalidValue(TOO_LARGE, name=name, n=MAX_SIZE // MEGABYTE)
    return size, digest.hexdigest()


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(PART):
        yield piece


def _check_room(work: Work, entity: str, record: Record) -> None:
    """Raise RuleBroken where the record, or the house, has enough."""
    mine = (Attachment.entity == entity, Attachment.record_id == record.id)
    if (work.session.scalar(select(func.count()).where(*mine)) or 0) > MAX_FILES:
        raise broken(FIELD, TOO_MANY, n=MAX_FILES)
    room = setting.value_of(work.session, "attachment_megabytes")
    used = work.session.scalar(select(func.coalesce(func.sum(Attachment.size), 0))) or 0
    if used > room * MEGABYTE:
        raise broken(FIELD, FULL, n=room)
