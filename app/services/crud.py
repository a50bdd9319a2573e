"""Create, change, trash: the verbs every record shares, in one place for every front door."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from app.core.errors import Blocked, Missing, NotAllowed, Obstacle, Problems, Stale
from app.core.ids import as_id
from app.core.words import N_, Phrase
from app.core.work import Actor, Work
from app.domain.mask import REFUSED, has_stars
from app.domain.permissions import ENTITIES
from app.models.attributes import Attribute, attribute_at
from app.models.base import Record, Trashed
from app.services import audit, rows, search, trash_entry
from app.services.registry import SERVICES
from app.services.sight import Sight

R = TypeVar("R", bound=Record)

SHOWN_REFERRERS = 20


class Crud(Sight[R]):
    """The default verbs for a kind of record. Subclass to add rules (``check``) and further verbs."""

    #: Name and label of the inputs that let a problem pass: ``duplicate_reason`` and its like.
    overrides: ClassVar[Mapping[str, str]] = {}
    #: What a copy begins with, such as ``customer`` and ``lines.quantity``; nothing: there are no copies.
    #: The model remembers the record it was copied from as ``source``.
    repeated: ClassVar[tuple[str, ...]] = ()

    # -- writing -------------------------------------------------------------------------

    def create(self, work: Work, values: Mapping[str, Any]) -> R:
        """Return a new record holding *values*; collections are given as lists of ChildRow."""
        work.require(f"{self.entity}.create")
        record = self.model()
        record.created_by = record.updated_by = work.actor.user_id
        record.created_at = record.updated_at = work.now
        self.prepare(work, record)
        work.session.add(record)
        self._assign(work, record, values, "create")
        return self._keep(work, record, "create", values)

    def copy(self, work: Work, original_id: object, values: Mapping[str, Any]) -> R:
        """Return a new record holding *values* that remembers the one it was copied from.

        Raises:
            Missing: there is no original within sight.
            Blocked: something that is repeated is kept from the actor.
        """
        work.require(f"{self.entity}.create")
        original = self.original(work.session, work.actor, original_id)
        return self.create(work, {**values, "source": original.id})

    def original(self, session: Session, actor: Actor, record_id: object) -> R:
        """Return the record that *actor* wants to copy; raise Missing or Blocked, see ``copy``."""
        if not self.repeated:
            raise Missing
        found = self.get(session, actor, record_id)
        hidden = self._kept_from(actor)
        if hidden:
            raise Blocked(N_("您看不到“%(field)s”，不能照此新建。"), field=Phrase(hidden[0]))
        return found

    def may_copy(self, actor: Actor) -> bool:
        """Tell whether *actor* may make a copy of what they see."""
        can = bool(self.repeated) and actor.may(f"{self.entity}.create")
        return can and not self._kept_from(actor)

    def _kept_from(self, actor: Actor) -> list[str]:
        """Return the labels of what a copy repeats and *actor* may not see: nobody promises it blindly."""
        attributes = [attribute_at(self.model, path) for path in self.repeated]
        return [
            one.label for one in attributes if one.group in actor.hidden or self.hides(actor, one)
        ]

    def values_to_repeat(self, original: R) -> dict[str, Any]:
        """Return what a copy of *original* begins with; rows as mappings, without their ids."""
        values: dict[str, Any] = {}
        for path in self.repeated:
            name, _, inner = path.partition(".")
            if not inner:
                values[name] = getattr(original, name)
                continue
            rows = getattr(original, name)
            new = values.setdefault(name, [{} for _ in rows])
            for row, begun in zip(rows, new, strict=True):
                begun[inner] = getattr(row, inner)
        return values

    def update(self, work: Work, record: R, values: Mapping[str, Any], *, version: int | None) -> R:
        """Change *record*, which the actor saw at *version*; raise Stale if it has moved on."""
        if not self.may_edit(work.actor):
            raise NotAllowed(f"{self.entity}.edit")
        if record.version != version:
            raise Stale
        self._assign(work, record, values, "edit")
        return self._keep(work, record, "edit", values)

    def delete(self, work: Work, record: R, *, version: int | None) -> None:
        """Put *record* in the trash, or delete it for good where there is none."""
        work.require(f"{self.entity}.delete")
        if record.version != version:
            raise Stale
        # Whoever refers to it right now is done first, and seen; whoever comes later finds it gone.
        this = select(self.model.id).where(self.model.id == record.id)
        work.session.execute(this.with_for_update())
        self.check_delete(work.session, record)
        changes = audit.farewell(record)
        also = list(record.search_also())
        if isinstance(record, Trashed):
            record.deleted_at, record.deleted_by = work.now, work.actor.user_id
            trash_entry.put_in(work, self.entity, record)
        else:
            work.session.delete(record)
        audit.remember(work, f"{self.entity}.delete", self.entity, record.id, changes)
        work.session.flush()
        search.forget(work.session, self.entity, record.id)
        for other in also:
            work.session.expire(other)
            self._index(work, other)

    # -- what a kind of record adds -------------------------------------------------------

    def prepare(self, work: Work, record: R) -> None:
        """Give a new record what the system gives it: a number, an owner."""

    def check(self, work: Work, record: R, values: Mapping[str, Any], problems: Problems) -> None:
        """Note in *problems* which rules *record* breaks; *values* also holds reasons for overrides."""

    def settle(self, work: Work, record: R) -> None:
        """Reckon what follows from the values, such as totals; called before ``check``."""

    def announce(self, work: Work, record: R, verb: str) -> None:
        """Tell others what happened to *record*, after it is stored."""

    def check_delete(self, session: Session, record: R) -> None:
        """Raise Blocked, with the list of what stands in the way, if *record* must stay.

        Whatever living record refers to it, other than its own rows, stands in the way.
        """
        own = {a.target for a in self.attributes().values() if a.kind == "rows"}
        for model, service in SERVICES.items():
            if model not in own:
                service.refuse_as_referrer(session, self.model, record.id)

    def goes_with(self, session: Session, record: R) -> list[tuple[str, int]]:
        """Return what goes together with *record* when it is deleted: (message with %(n)s, number)."""
        return []

    def refuse_as_referrer(self, session: Session, target: type[Record], record_id: int) -> None:
        """Raise Blocked if living records of this kind refer to the record *record_id* of *target*."""
        columns = [a.column for a in self.attributes().values() if _holds(a, target)]
        if not columns:
            return
        living = self.living()
        referring = (or_(*(column == record_id for column in columns)), *living)
        number = session.scalar(select(func.count()).select_from(self.model).where(*referring))
        if number:
            shown = select(self.model).where(*referring).order_by(self.model.id.desc())
            found = [
                Obstacle("%(name)s", {"name": str(record)}, self.entity, record.id)
                for record in session.scalars(shown.limit(SHOWN_REFERRERS))
            ]
            raise Blocked(self.blocks, found, n=number, label=Phrase(ENTITIES[self.entity].label))

    #: What people read when records of this kind keep another one from being deleted.
    blocks: ClassVar[str] = N_("不能删除：还有 %(n)s 条%(label)s。")

    # -- shared steps ---------------------------------------------------------------------

    def taken(self, work: Work, record: R, *same: ColumnElement[bool]) -> bool:
        """Tell whether another living record already matches *same*."""
        others = [self.model.id != record.id] if record.id else []
        living = self.living()
        return bool(work.session.scalar(exists().where(*others, *living, *same).select()))

    def _assign(self, work: Work, record: R, values: Mapping[str, Any], verb: str) -> None:
        problems = Problems()
        attributes = self.attributes()
        changed = record if verb == "edit" else None
        if self.closed_to(work.actor, verb, changed).intersection(values):
            raise NotAllowed(f"{self.entity}.{verb}")
        if (
            verb == "edit"
        ):  # what is masked is not compared first: that would tell whether it is the same
            self.refuse_locked(record, self.unseen_among(work.actor, values))
        for name, value in values.items():
            attribute = attributes.get(name)
            if attribute is None:
                continue  # a reason for an override; check() reads it
            if attribute.kind == "rows":
                rows.assign_rows(work, record, attribute, value, self.refer, problems)
            else:
                self.refer(work, record, attribute, value, name, problems)
        if verb == "edit":
            self.refuse_locked(record, [str(p.field).split("-")[0] for p in problems.found])
        problems.raise_if_any()

    def refer(
        self,
        work: Work,
        record: Record,
        attribute: Attribute,
        value: Any,
        field: str,
        problems: Problems,
    ) -> None:
        """Set *attribute*; of a relation only to what the actor may see."""
        if attribute.group and isinstance(value, str) and has_stars(value):
            problems.add(field, REFUSED)  # a mask that was copied is no value
            return
        if attribute.kind not in ("relation", "relations"):
            value = None if value == "" and attribute.nullable else value
            if value is not None or attribute.nullable or attribute.required:
                setattr(record, attribute.name, value)
            elif record.id is not None:  # a new record takes the default instead
                problems.add(field, N_("请填写%(field)s。"), field=Phrase(attribute.label))
            return
        before = getattr(record, attribute.name)
        many = attribute.kind == "relations"
        wanted = value if many else ([value] if value is not None else [])
        if not many and before is not None and before.id == value:
            return  # what was chosen before stays, even where the actor cannot see it
        found = [self._related(work, attribute, key) for key in wanted]
        if not all(found):
            problems.add(field, N_("请选择有效的%(field)s。"), field=Phrase(attribute.label))
        else:
            setattr(record, attribute.name, found if many else (found[0] if found else None))

    def _related(self, work: Work, attribute: Attribute, key: object) -> Any:
        service = SERVICES[attribute.target]  # type: ignore[index]
        number = as_id(key)
        this = select(service.model).where(
            service.model.id == number, *service.referable_by(work.actor)
        )
        if issubclass(service.model, Trashed):
            # Nobody may trash it until this work is done. No stronger lock, as the foreign key takes
            # this one anyway: two who both asked for more would wait for each other.
            this = this.with_for_update(read=True, key_share=True, of=service.model)
        return number and work.session.scalar(this)

    def _keep(self, work: Work, record: R, verb: str, values: Mapping[str, Any]) -> R:
        problems = Problems()
        self.settle(work, record)
        if verb == "edit":
            self.refuse_locked(record, audit.changes_of(record))
        rows.check_required(record, problems)
        self.check(work, record, values, problems)
        rows.check_rows(work, record, problems)
        problems.raise_if_any()
        changes = audit.changes_of(record)
        if not changes and verb == "edit":
            return record
        changes |= self._reasons(values)
        rows.require_rows(work, record, changes)
        record.updated_at, record.updated_by = work.now, work.actor.user_id
        found: list[Record] = [record, *record.search_also()]
        work.session.flush()
        audit.remember(work, f"{self.entity}.{verb}", self.entity, record.id, changes)
        rows.remember_rows(work, record, changes)
        for one in found:
            self._index(work, one)
        self.announce(work, record, verb)
        work.session.flush()
        return record

    def _reasons(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the reasons people gave, for the history: name → [nothing, reason]."""
        names = (*self.overrides, "reason")
        return {name: [None, str(values[name])] for name in names if values.get(name)}

    def refuse_locked(self, record: R, names: Iterable[str]) -> None:
        """Raise Blocked if one of *names* may not change in the present state of *record*."""
        stuck = [self.attributes()[name].label for name in names if name in self.locked(record)]
        if stuck:
            raise Blocked(N_("%(field)s现在不能修改。"), field=Phrase(stuck[0]))

    def _index(self, work: Work, record: Record) -> None:
        service = SERVICES.get(type(record))
        if service is not None:
            search.index(work.session, service.entity, record)


def _holds(attribute: Attribute, target: type[Record]) -> bool:
    """Tell whether *attribute* refers to *target* in a way that the database would not let go."""
    if attribute.kind != "relation" or attribute.target is not target:
        return False
    keys = attribute.column.property.columns[0].foreign_keys
    return any(key.ondelete == "RESTRICT" for key in keys)
