"""Attachments: taking files in, giving them out in pieces, and letting them go with their record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.errors import Missing, Problem, RuleBroken, broken
from app.core.ids import as_id
from app.core.invalid import InvalidValue
from app.core.words import N_
from app.core.work import Actor, Work
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
from app.models.setting import Setting
from app.models.user import User
from app.services import audit, setting
from app.services.crud import Crud

FIELD = "file"
ROOM = "attachment_megabytes"  # the setting
PART = 256 * 1024  # bytes
NOTHING = N_("请选择要上传的文件。")
FULL = N_("附件空间已满（%(n)s MB），请联系系统管理员。")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends, looked through: what it is, how large, and its SHA-256."""

    name: str
    kind: str
    size: int
    digest: str
    stream: IO[bytes]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an upload: the file that the record has now, and whether it had it before."""

    attachment: Attachment
    was_there: bool


def look_through(files: Sequence[tuple[str, IO[bytes]]]) -> list[Upload]:
    """Return the *files* (name, bytes) as uploads; raise RuleBroken with every reason against one.

    Done before any work begins: reading 25 MB must not keep others from writing.
    """
    if not files:
        raise broken(FIELD, NOTHING)
    problems: list[Problem] = []
    uploads = []
    for given, stream in files:
        try:
            uploads.append(_looked_through(clean_name(given), stream))
        except InvalidValue as error:
            problems.append(Problem(FIELD, error.message, error.facts))
    if problems:
        raise RuleBroken(problems)
    return uploads


def attach(
    work: Work, service: Crud[Any], record_id: object, uploads: Sequence[Upload]
) -> list[Taken]:
    """Add *uploads* to a record: all of them, or none.

    A file that the record has already is not kept twice. Raises NotAllowed, Missing, RuleBroken.
    """
    work.require(f"{service.entity}.attach")
    record = service.get(work.session, work.actor, record_id, "attach")
    # Whoever else adds files waits here, so that what is counted below is still true at the end.
    work.session.execute(
        select(Setting.id).where(Setting.key == ROOM).with_for_update(key_share=True)
    )
    known = {
        one.digest: one
        for one in work.session.scalars(select(Attachment).where(*_of(service.entity, record.id)))
    }
    fresh = {one.digest: one for one in uploads if one.digest not in known}
    _check_room(work, len(known), list(fresh.values()))
    taken = []
    for upload in uploads:
        was_there = upload.digest in known
        if not was_there:
            known[upload.digest] = _keep(work, service.entity, record.id, upload)
        taken.append(Taken(known[upload.digest], was_there))
    return taken


def detach(work: Work, service: Crud[Any], record_id: object, attachment_id: object) -> None:
    """Remove a file of a record for good."""
    work.require(f"{service.entity}.attach")
    record = service.get(work.session, work.actor, record_id, "attach")
    found = get(work.session, work.actor, service.entity, record.id, attachment_id)
    audit.remember(
        work, f"{service.entity}.detach", service.entity, record.id, {FIELD: [found.name, None]}
    )
    work.session.execute(delete(Attachment).where(Attachment.id == found.id))


def are_seen_by(actor: Actor) -> bool:
    """Tell whether *actor* sees files: nobody masks what stands inside, so whoever sees masks does not."""
    return not actor.hidden


def of_records(
    session: Session, actor: Actor, entity: str, ids: Sequence[int]
) -> dict[int, list[tuple[Attachment, str]]]:
    """Return, by record, its files with the names of those who added them, the newest first."""
    found: dict[int, list[tuple[Attachment, str]]] = {number: [] for number in ids}
    if not are_seen_by(actor) or not ids:
        return found
    rows = session.execute(
        select(Attachment, User.name)
        .outerjoin(User, User.id == Attachment.created_by)
        .where(Attachment.entity == entity, Attachment.record_id.in_(ids))
        .order_by(Attachment.id.desc())
    )
    for attachment, name in rows:
        found[attachment.record_id].append((attachment, name or ""))
    return found


def get(
    session: Session, actor: Actor, entity: str, record_id: int, attachment_id: object
) -> Attachment:
    """Return a file of this very record; raise Missing if it has none of that id."""
    number = as_id(attachment_id)
    found = session.scalar(
        select(Attachment).where(Attachment.id == (number or 0), *_of(entity, record_id))
    )
    if found is None or not are_seen_by(actor):
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
    work.session.execute(delete(Attachment).where(*_of(entity, record_id)))


def _of(entity: str, record_id: int) -> tuple[Any, Any]:
    return Attachment.entity == entity, Attachment.record_id == record_id


def _looked_through(name: str, stream: IO[bytes]) -> Upload:
    head = stream.read(HEAD)
    if not head:
        raise InvalidValue(EMPTY, name=name)
    kind = kind_of(head, name)
    size, digest = 0, sha256()
    for piece in _pieces(stream):
        size += len(piece)
        digest.update(piece)
        if size > MAX_SIZE:
            raise InvalidValue(TOO_LARGE, name=name, n=MAX_SIZE // MEGABYTE)
    return Upload(name, kind, size, digest.hexdigest(), stream)


def _keep(work: Work, entity: str, record_id: int, upload: Upload) -> Attachment:
    attachment = Attachment(
        entity=entity,
        record_id=record_id,
        name=upload.name,
        kind=upload.kind,
        size=upload.size,
        digest=upload.digest,
        created_at=work.now,
        created_by=work.actor.user_id,
    )
    work.session.add(attachment)
    work.session.flush()
    for position, content in enumerate(_pieces(upload.stream)):
        part = AttachmentPart(attachment_id=attachment.id, position=position, content=content)
        work.session.add(part)
        work.session.flush()
        work.session.expunge(part)  # no more than one in memory
    audit.remember(work, f"{entity}.attach", entity, record_id, {FIELD: [None, upload.name]})
    return attachment


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(PART):
        yield piece


def _check_room(work: Work, known: int, fresh: Sequence[Upload]) -> None:
    """Raise RuleBroken where the record, or the house, has enough."""
    if not fresh:
        return
    if known + len(fresh) > MAX_FILES:
        raise broken(FIELD, TOO_MANY, n=MAX_FILES)
    room = setting.value_of(work.session, ROOM)
    used = work.session.scalar(select(func.coalesce(func.sum(Attachment.size), 0))) or 0
    if used + sum(one.size for one in fresh) > room * MEGABYTE:
        raise broken(FIELD, FULL, n=room)
