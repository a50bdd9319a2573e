"""What a screen declares, and what follows from it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import inspect, select

from app.admin_views.base.forms import FormSpec, GridSpec
from app.admin_views.base.values import Labels
from app.core.db import db, reading
from app.core.errors import NotAllowed
from app.core.words import N_
from app.core.work import Actor
from app.domain.permissions import ENTITIES, HIDDEN_LABELS
from app.models.attributes import Attribute
from app.models.base import Record
from app.models.dictionary import Dictionary
from app.services.crud import Crud
from app.services.dictionary import entries
from app.services.filtering import ops_of
from app.services.listing import Sort
from app.services.masking import check_groups
from app.services.registry import SERVICES


class Declared(ModelView):
    """What a view declares, and what follows from it: columns, fields, permissions, addresses."""

    service: ClassVar[Crud[Any]]
    icon: ClassVar[str] = "list"
    title: ClassVar[str] = ""
    search_hint: ClassVar[str] = N_("搜索")
    #: The same for those who see phones masked; "" where it makes no difference.
    search_hint_masked: ClassVar[str] = ""

    column_list: ClassVar[tuple[str, ...]] = ()
    column_filters: ClassVar[tuple[str, ...]] = ()
    column_editable_list: ClassVar[tuple[str, ...]] = ()
    sortable: ClassVar[tuple[str, ...]] = ()
    default_sort: ClassVar[Sort] = Sort("id", True)  # noqa: FBT003

    sections: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()
    grids: ClassVar[tuple[GridSpec, ...]] = ()
    facts: ClassVar[tuple[str, ...]] = ()
    status_column: ClassVar[str] = ""
    wide_fields: ClassVar[frozenset[str]] = frozenset()
    half_fields: ClassVar[frozenset[str]] = frozenset()
    subtitle: ClassVar[tuple[str, ...]] = ()
    noun: ClassVar[str] = ""
    #: Of what nobody writes – the logs – the pages for writing answer 403 like any verb that one does
    #: not have: no role can be granted it, and one gate with one order of answers serves all screens.
    writable: ClassVar[bool] = True

    named_filter_urls = False
    can_export = True

    def __init__(self, **options: Any) -> None:
        model = self.service.model
        self.entity = self.service.entity
        check_declaration(self)
        super().__init__(model, db, name=lazy_gettext(self.title), endpoint=self.entity, **options)

    # Flask-Admin would scaffold forms, filters and search of its own: ours are made per person.

    def get_create_form(self) -> None:
        return None

    get_edit_form = get_delete_form = get_action_form = get_list_form = get_create_form

    def _validate_form_class(self, *_arguments: Any, **_options: Any) -> None:
        return None

    def _refresh_filters_cache(self) -> None:
        self._filters = self._filter_groups = self._filter_args = None

    def init_search(self) -> bool:
        """Searching goes through services/search.py."""
        return True

    def scaffold_sortable_columns(self) -> dict[str, str]:
        return {}

    # -- who ------------------------------------------------------------------------------

    @property
    def actor(self) -> Actor:
        """The person asking."""
        return current_user.actor  # type: ignore[no-any-return]

    def may(self, verb: str) -> bool:
        """Tell whether the person may *verb* records of this kind."""
        if verb == "edit":
            return self.writable and self.service.may_edit(self.actor)
        return self.actor.may(f"{self.entity}.{verb}")

    def demand(self, verb: str) -> None:
        """Raise NotAllowed unless the person may *verb*."""
        if not self.may(verb):
            raise NotAllowed(f"{self.entity}.{verb}")

    def is_accessible(self) -> bool:
        """The menu shows what may be seen."""
        return bool(current_user.is_authenticated and self.may("see"))

    def find(self, record_id: object, verb: str = "see") -> Any:
        """Return the record for reading, or raise Missing; the verb's scope decides."""
        return self.service.get(reading(), self.actor, record_id, verb)

    # -- attributes -----------------------------------------------------------------------

    def attribute(self, name: str) -> Attribute:
        """Return the attribute *name*."""
        return self.service.attributes()[name]

    def shown(self, names: Sequence[str]) -> list[Attribute]:
        """Return the attributes *names* that the person may see."""
        found = [self.attribute(name) for name in names]
        return [a for a in found if not self.service.hides(self.actor, a)]

    def masks(self, attribute: Attribute) -> bool:
        """Tell whether the person sees a mask instead of *attribute*."""
        return self.service.masks(self.actor, attribute)

    def seen(self, attribute: Attribute, record: Any) -> Any:
        """Return *attribute* of *record* as the person may know it; every output asks here."""
        return self.service.seen(self.actor, attribute, record)

    def hint_of_search(self) -> str:
        """Return what the person may search by."""
        is_masked = self.search_hint_masked and "phones" in self.actor.hidden
        return self.search_hint_masked if is_masked else self.search_hint

    def listed(self) -> list[Attribute]:
        """Return the columns of the list."""
        return self.shown(self.column_list)

    def filterable(self) -> list[Attribute]:
        """Return what the list can be filtered by: its columns, and every relation, date and enum."""
        always = [
            name
            for name, attribute in self.service.attributes().items()
            if attribute.kind in ("relation", "enum", "date", "instant", "dictionary", "flag")
            and attribute.label != name
        ]
        names = dict.fromkeys((*self.column_list, *self.column_filters, *always))
        return [
            a for a in self.shown(tuple(names)) if a.column is not None and ops_of(a, self.actor)
        ]

    def loaded_names(self) -> list[str]:
        """Return the relations that the list shows, to be loaded with its rows."""
        kinds = ("relation", "relations", "rows")
        return [a.name for a in self.listed() if a.kind in kinds]

    def editable_now(self) -> frozenset[str]:
        """Return the columns that the person may change within the list."""
        if not self.may("edit"):
            return frozenset()
        seen = {a.name for a in self.shown(self.column_editable_list)}
        return frozenset(seen) - self.service.closed_to(self.actor, "edit")

    def spec(self) -> FormSpec:
        """Return what the form holds."""
        names = tuple(name for _, fields in self.sections for name in fields)
        return FormSpec(self.model, names, self.grids, self.service.overrides)

    def choices_of(self, attribute: Attribute) -> list[tuple[str, str]]:
        """Return what can be chosen for an enum, a dictionary, a flag or a short list of records."""
        if attribute.words is not None:
            return [(key, gettext(label)) for key, label in attribute.words.choices()]
        if attribute.kind == "flag":
            return [("1", gettext("是")), ("0", gettext("否"))]
        if attribute.kind == "groups":
            return [(key, gettext(label)) for key, label in HIDDEN_LABELS.items()]
        if attribute.kind == "relations":
            service = SERVICES[attribute.target]  # type: ignore[index]
            rows = select(service.model).where(*service.referable_by(self.actor))
            return [(str(one.id), str(one)) for one in reading().scalars(rows.limit(200))]
        used = [one for one in self.entries() if one.kind == attribute.dictionary]
        return [(one.key, one.label) for one in used if one.is_active]

    def labels(self) -> Labels:
        """Return the labels of the dictionaries that this kind of record uses."""
        return {(one.kind, one.key): one.label for one in self.entries()}

    def entries(self) -> list[Dictionary]:
        """Return the entries of those dictionaries, read once a request."""
        kinds = {a.dictionary for a in self.service.attributes().values() if a.dictionary}
        if not kinds:
            return []
        cache: dict[str, list[Dictionary]] = request.__dict__.setdefault("_house_entries", {})
        if self.entity not in cache:
            cache[self.entity] = entries(reading(), sorted(kinds))
        return cache[self.entity]


def check_declaration(view: Declared) -> None:
    """Refuse at start-up what a view declares but its model does not have."""
    attributes = view.service.attributes()
    fields = [name for _, names in view.sections for name in names]
    names = (*view.column_list, *view.column_filters, *view.sortable, *fields, *view.facts)
    names = (*names, *(("source",) if view.service.repeated else ()))
    unknown = [name for name in names if name not in attributes]
    if unknown or not view.column_list or view.entity not in ENTITIES:
        raise TypeError(f"{type(view).__name__} declares what does not exist: {unknown}")
    check_groups(view.service.model)
    for name in view.sortable:
        if not is_indexed(view.service.model, attributes[name]):
            raise TypeError(f"{type(view).__name__}: {name} is sortable without an index")


def is_indexed(model: type[Record], attribute: Attribute) -> bool:
    """Tell whether an index of the table begins with the column of *attribute*."""
    key = attribute.column.key
    table: Any = inspect(model).local_table
    return any(next(iter(index.columns)).key == key for index in table.indexes)
