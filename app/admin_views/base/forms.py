"""Forms made from what the model says about its attributes; a view only names the fields."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from wtforms import Form

from app.admin_views.base import fields as f
from app.admin_views.base.grants import GrantsField, GroupsField
from app.core.ids import as_id
from app.core.work import Actor
from app.models.attributes import Attribute, attributes_of
from app.models.base import Record
from app.services.masking import is_masked
from app.services.rows import ChildRow

ChoicesOf = Callable[[Attribute], Sequence[tuple[str, str]]]

_FIELDS: dict[str, type[f.HouseField]] = {
    "long": f.ProseField,
    "integer": f.NumberField,
    "money": f.NumberField,
    "price": f.NumberField,
    "percent": f.NumberField,
    "date": f.DateField,
    "instant": f.InstantField,
    "flag": f.FlagField,
    "relation": f.RelationField,
    "grants": GrantsField,
}
CHOSEN = frozenset({"enum", "dictionary"})
SEVERAL = {"relations": f.RelationsField, "groups": GroupsField}


@dataclass(frozen=True, slots=True)
class GridSpec:
    """The child rows of a form: collection, the attributes shown, and whether it is a sheet of lines."""

    name: str
    columns: tuple[str, ...]
    sheet: bool = False
    hint: str = ""
    wide: frozenset[str] = field(default_factory=frozenset)
    narrow: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class FormSpec:
    """What a form holds: attributes of *model*, grids of child rows, inputs for overrides."""

    model: type[Record]
    names: tuple[str, ...]
    grids: tuple[GridSpec, ...]
    overrides: Mapping[str, str]


def form_class(
    spec: FormSpec, closed: Iterable[str], actor: Actor, choices: ChoicesOf
) -> type[Form]:
    """Return the form for *actor*: without the attributes *closed* to it, masks instead of some values."""
    attributes = attributes_of(spec.model)
    shut = frozenset(closed)
    parts: dict[str, Any] = {
        name: field_for(attributes[name], choices, masked=is_masked(actor, attributes[name]))
        for name in spec.names
        if name not in shut
    }
    for grid in spec.grids:
        if grid.name not in shut:
            parts[grid.name] = f.rows_of(
                row_class(grid, attributes[grid.name], actor, choices), attributes[grid.name].label
            )
    for name, label in spec.overrides.items():
        kind = "flag" if name.endswith("_confirm") else "text"
        parts[name] = field_for(Attribute(name, label, kind, length=200), choices)
    for name in ("version", "form_token", "base"):
        parts[name] = f.PlainHidden()
    return type(f"{spec.model.__name__}Form", (Form,), parts)


def row_class(
    grid: GridSpec, collection: Attribute, actor: Actor, choices: ChoicesOf
) -> type[Form]:
    """Return the form of one row of *grid*."""
    attributes = attributes_of(collection.target)  # type: ignore[arg-type]
    parts: dict[str, Any] = {
        name: field_for(attributes[name], choices, masked=is_masked(actor, attributes[name]))
        for name in grid.columns
    }
    parts["id"] = f.PlainHidden()
    parts["delete"] = f.FlagField(Attribute("delete", "删除", "flag"))
    return type(f"{grid.name.title()}Row", (Form,), parts)


def field_for(attribute: Attribute, choices: ChoicesOf, *, masked: bool = False) -> Any:
    """Return the (unbound) field that edits *attribute*; *masked*: its value is kept from the reader."""
    if attribute.kind in SEVERAL:
        return SEVERAL[attribute.kind](attribute, choices=lambda: choices(attribute))
    first = {"default": attribute.default}
    if attribute.kind in CHOSEN:
        return f.ChoiceField(attribute, choices=lambda: choices(attribute), **first)
    kind = _FIELDS.get(attribute.kind, f.HouseField)
    return kind(attribute, masked=masked, **first)


def values_of(form: Form, *, new: bool) -> dict[str, Any]:
    """Return what was typed, by attribute; what the form did not say, or got wrong, is left out."""
    hidden = {"version", "form_token", "base"}
    values: dict[str, Any] = {}
    for one in form:
        if isinstance(one, f.Rows):
            values[one.name] = [_row(entry) for entry in one.entries if says_something(entry)]
        elif one.name not in hidden and one.given and not one.process_errors:
            if new and one.data is None:
                continue  # a new record takes the default instead
            values[one.name] = one.data
    return values


def _row(entry: Any) -> ChildRow:
    row = entry.form
    number = str(row["id"].data or "").strip()
    values = {
        one.short_name: one.data
        for one in row
        if one.short_name not in ("id", "delete") and one.given and not one.process_errors
    }
    known = (as_id(number) or 0) if number else None  # 0 is no row's id
    return ChildRow(entry.name, known, values, delete=bool(row["delete"].data))


def says_something(entry: Any) -> bool:
    """Tell whether anything was typed: an untouched empty row is no row."""
    row = entry.form
    if row["id"].data or row["delete"].data:
        return bool(row["id"].data)
    silent = ("id", "delete")
    return any(
        one.raw_data and str(one.raw_data[0]).strip() not in ("", one.preset)
        for one in row
        if one.short_name not in silent and one.kind != "flag"
    )


def unread_in(form: Form) -> list[str]:
    """Return the attributes of which something could not be read."""
    return [
        one.name
        for one in form
        if (
            any(cell.process_errors for entry in one.entries for cell in entry.form)
            if isinstance(one, f.Rows)
            else one.process_errors
        )
    ]


def show_errors(form: Form) -> None:
    """Put what could not be read beside its field; we never call WTForms' own validation."""
    for one in each_field(form):
        one.errors = [str(text) for text in one.process_errors]


def each_field(form: Form) -> Iterable[Any]:
    """Yield every field that can carry a message, those of child rows included."""
    for one in form:
        if isinstance(one, f.Rows):
            for entry in one.entries:
                yield from entry.form
        else:
            yield one


def problems_of(form: Form) -> list[tuple[str, str, str]]:
    """Return every message of the form: (field id, label, text), for the summary on top."""
    found = []
    for one in each_field(form):
        label = str(one.label.text)
        parts = one.name.split("-")
        if len(parts) > 2:  # noqa: PLR2004 - collection, number, attribute
            label = gettext("第 %(n)s 行 %(label)s", n=int(parts[1]) + 1, label=label)
        found += [(one.id, label, str(text)) for text in one.errors]
    return found
