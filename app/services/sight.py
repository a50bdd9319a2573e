"""Who may see which records and write which of their fields: asked by every page and every verb."""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session, object_session

from app.core.errors import Missing
from app.core.ids import as_id
from app.core.work import Actor
from app.domain.permissions import FIELD_VERBS, Scope, edit_doors
from app.models.attributes import Attribute, attributes_of
from app.models.base import Record
from app.services import search
from app.services.masking import is_masked, seen
from app.services.registry import SERVICES

R = TypeVar("R", bound=Record)


class Sight(Generic[R]):
    """What *model* shows to whom; the verbs that write it stand in ``Crud``.

    *search_through* names the relations by whose own words a record is found, too; *found_by* the kind
    of records below it by whose words it is found by those who may see them.
    """

    search_through: ClassVar[tuple[str, ...]] = ()
    found_by: ClassVar[str] = ""

    def __init__(self, model: type[R], entity: str) -> None:
        self.model = model
        self.entity = entity  # as in "customer.edit"
        self.field_verbs: Mapping[str, str] = FIELD_VERBS.get(entity, {})
        SERVICES[model] = self

    # -- records ---------------------------------------------------------------------------

    def living(self) -> list[ColumnElement[bool]]:
        """Say which rows are not in the trash."""
        model: Any = self.model
        return [model.deleted_at.is_(None)] if hasattr(model, "deleted_at") else []

    def visible_to(self, actor: Actor, verb: str = "see") -> list[ColumnElement[bool]]:
        """Say which rows *verb* reaches for *actor*; lists, exports, look-ups and edits all ask.

        Editing begins wherever any of its doors is open; ``closed_to`` says what is behind it.
        """
        if verb != "edit" or not self.field_verbs:
            return self._reached(actor, verb)
        open_doors = [door for door in sorted(edit_doors(self.entity)) if self._may(actor, door)]
        if any(actor.scope(self.entity, door) == Scope.ALL for door in open_doors):
            return self.living()
        return [or_(~true(), *(and_(true(), *self._reached(actor, door)) for door in open_doors))]

    def _reached(self, actor: Actor, verb: str) -> list[ColumnElement[bool]]:
        scope = actor.scope(self.entity, verb)
        if scope is None:
            return [~true()]
        return [*self.living(), *self.in_scope(actor, scope, verb)]

    def in_scope(self, actor: Actor, scope: str, verb: str) -> list[ColumnElement[bool]]:
        """Narrow to *scope*; records that belong to nobody are for all or for nobody."""
        return [] if scope == "all" else [~true()]

    def get(self, session: Session, actor: Actor, record_id: object, verb: str = "see") -> R:
        """Return the record; raise Missing if there is none within the reach of *verb*."""
        key = as_id(record_id)
        found = key and session.scalar(
            select(self.model).where(self.model.id == key, *self.visible_to(actor, verb))
        )
        if not found:
            raise Missing
        return found

    def matching(self, term: str, actor: Actor, *, own: bool = False) -> list[ColumnElement[bool]]:
        """Return the criteria for records that *term* finds, by their *own* words or their relations'.

        Whoever sees numbers masked finds by whole numbers only.
        """
        keys: dict[str, Any] = {self.entity: self.model.id}
        for name in () if own else self.search_through:
            attribute = self.attributes()[name]
            keys[SERVICES[attribute.target].entity] = attribute.column  # type: ignore[index]
        below = bool(self.found_by) and actor.may(f"{self.found_by}.see")
        return search.matching(
            term,
            keys,
            below={self.entity} if below and not own else frozenset(),
            whole="phones" in actor.hidden,
        )

    def referable_by(self, actor: Actor) -> list[ColumnElement[bool]]:
        """Say which records *actor* may choose for a relation of another record."""
        return self.visible_to(actor)

    # -- fields ----------------------------------------------------------------------------

    def attributes(self) -> dict[str, Attribute]:
        """Return the attributes of the model by name."""
        return attributes_of(self.model)

    def hides(self, actor: Actor, attribute: Attribute) -> bool:
        """Tell whether *attribute* is not there for *actor*, as part of records that they may not see."""
        return _is_out_of_sight(actor, attribute)

    def masks(self, actor: Actor, attribute: Attribute) -> bool:
        """Tell whether *actor* sees a mask instead of *attribute*."""
        return is_masked(actor, attribute)

    def seen(self, actor: Actor, attribute: Attribute, record: Any) -> Any:
        """Return *attribute* of *record* as *actor* may know it; every output asks here."""
        return seen(actor, attribute, record)

    def closed_to(self, actor: Actor, verb: str, record: R | None = None) -> frozenset[str]:
        """Return the attributes that *actor* may not write with *verb*, create or edit.

        Some need a permission of their own, which must reach *record*; who holds only that one may
        write nothing else.
        """
        asked = dict.fromkeys(self.attributes(), verb) | dict(self.field_verbs)
        verbs = {one for one in asked.values() if self._may(actor, one)}
        if record is not None and verb == "edit":
            verbs = self._reaching(actor, verbs, record)
        return frozenset(
            name
            for name, attribute in self.attributes().items()
            if asked[name] not in verbs or _is_out_of_sight(actor, attribute)
        )

    def _reaching(self, actor: Actor, verbs: set[str], record: R) -> set[str]:
        """Return which of *verbs* reach *record* as it is stored; of a single one its page has asked."""
        narrow = sorted(one for one in verbs if actor.scope(self.entity, one) != Scope.ALL)
        session = object_session(record)
        if not self.field_verbs or not narrow or session is None:
            return verbs
        answers = [and_(true(), *self._reached(actor, one)) for one in narrow]
        row = session.execute(select(*answers).where(self.model.id == record.id)).one()
        return verbs - {one for one, is_near in zip(narrow, row, strict=True) if not is_near}

    def unseen_among(self, actor: Actor, values: Mapping[str, Any]) -> list[str]:
        """Return which of *values*, rows included, would replace what *actor* sees masked."""
        known = self.attributes()
        given = [known[name] for name in values if name in known]
        return [a.name for a in given if is_masked(actor, a) or _types_unseen(actor, a, values)]

    def may_edit(self, actor: Actor) -> bool:
        """Tell whether *actor* may change anything at all."""
        return any(self._may(actor, verb) for verb in edit_doors(self.entity))

    def locked(self, record: R) -> frozenset[str]:
        """Return the attributes that nobody may change while *record* is in its present state."""
        return frozenset()

    def _may(self, actor: Actor, verb: str) -> bool:
        return actor.may(f"{self.entity}.{verb}")


def _is_out_of_sight(actor: Actor, attribute: Attribute) -> bool:
    """Tell whether *attribute* shows records of another kind that *actor* may not see."""
    service = SERVICES.get(attribute.target) if attribute.kind == "rows" else None  # type: ignore[arg-type]
    entity = service.entity if service else attribute.part_of
    return bool(entity) and not actor.may(f"{entity}.see")


def _types_unseen(actor: Actor, attribute: Attribute, values: Mapping[str, Any]) -> bool:
    """Tell whether *values* hold rows of *attribute* with something that *actor* sees masked."""
    if attribute.kind != "rows":
        return False
    inner = attributes_of(attribute.target)
    return any(
        is_masked(actor, inner[name]) for row in values[attribute.name] for name in row.values
    )
