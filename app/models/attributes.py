"""What an attribute of a record is: its words, its kind and its unit, read off the model once.

Lists, filters, forms, exports, the JSON view and the history all ask here, so that they agree.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Integer, String, Text, inspect
from sqlalchemy.orm import ColumnProperty, RelationshipProperty
from sqlalchemy.types import JSON

from app.core.words import Word
from app.models.base import Record
from app.models.types import Key, ScaledDecimal, UTCDateTime

PERCENT_DIGITS = 7
PRICE_PLACES = 4
NUMBERS = frozenset({"integer", "money", "price", "percent"})
DAYS = frozenset({"date", "instant"})
#: Given by the house itself, never by a form.
KEPT = frozenset({"id", "version"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a model.

    *kind* is text, long, code, integer, money, price, percent, date, instant, enum, dictionary, flag,
    relation, relations, rows, tags, phone, email, link, password, grants, groups, json or internal.
    *column* is the SQL expression behind it (of a relation its foreign key, of several the relationship);
    None for child rows. *part_of* is the kind of record that it gives away, where that is another one.
    """

    name: str
    label: str
    kind: str
    column: Any = None
    help: str = ""
    unit: str = ""
    group: str = ""
    part_of: str = ""
    dictionary: str = ""
    required: bool = False
    nullable: bool = True
    length: int | None = None
    places: int = 0
    digits: int = 18
    words: type[Word] | None = None
    target: type[Record] | None = None
    default: Any = None
    filterable: bool = True

    @property
    def numeric(self) -> bool:
        """Whether it lines up on the right."""
        return self.kind in NUMBERS

    @property
    def readable(self) -> bool:
        """Whether people may ever see it."""
        return self.kind not in ("password", "internal")

    def stored(self, record: Any) -> Any:
        """Return its value on *record*; of a relation the id."""
        return getattr(record, self.column.key if self.kind == "relation" else self.name)


@cache
def attributes_of(model: Any) -> dict[str, Attribute]:
    """Return the attributes of *model* by name: columns, relations (named without ``_id``), collections."""
    mapper = inspect(model)
    found: dict[str, Attribute] = {}
    taken: set[str] = set()
    for relation in mapper.relationships:
        attribute = _relation(model, relation)
        found[attribute.name] = attribute
        if relation.direction.name == "MANYTOONE":
            taken.update(column.key for column in relation.local_columns)
    for prop in mapper.column_attrs:
        if prop.key not in taken:
            found[prop.key] = _plain(model, prop)
    return found


def attribute_at(model: Any, path: str) -> Attribute:
    """Return the attribute of *model* at *path*, such as ``lines.quantity``; KeyError if there is none."""
    name, _, inner = path.partition(".")
    attribute = attributes_of(model)[name]
    return attribute_at(attribute.target, inner) if inner else attribute


def _relation(model: type[Any], relation: RelationshipProperty[Any]) -> Attribute:
    name, target = relation.key, relation.mapper.class_
    if relation.direction.name == "MANYTOONE":
        (local,) = relation.local_columns
        info = local.info
        return Attribute(
            name,
            info.get("label", name),
            "relation",
            getattr(model, str(local.key)),
            help=info.get("help", ""),
            group=info.get("group", ""),
            required=not local.nullable,
            nullable=bool(local.nullable),
            target=target,
        )
    label, group = relation.info.get("label", name), relation.info.get("group", "")
    if relation.secondary is None:
        return Attribute(name, label, "rows", target=target, group=group)
    return Attribute(name, label, "relations", getattr(model, name), target=target, group=group)


def _plain(model: type[Any], prop: ColumnProperty[Any]) -> Attribute:
    expression = prop.columns[0]
    info = prop.info or expression.info
    kind = info.get("kind") or _kind(expression.type, info)
    nullable = bool(getattr(expression, "nullable", True))
    default = getattr(expression, "default", None)
    return Attribute(
        prop.key,
        info.get("label", prop.key),
        kind,
        getattr(model, prop.key),
        help=info.get("help", ""),
        unit=info.get("unit", ""),
        part_of=info.get("part_of", ""),
        group=info.get("group") or ("phones" if kind in ("phone", "email") else ""),
        dictionary=info.get("dictionary", ""),
        required=not nullable and default is None and kind != "flag" and prop.key not in KEPT,
        nullable=nullable,
        length=getattr(expression.type, "length", None),
        places=getattr(expression.type, "scale", None) or 0,
        digits=getattr(expression.type, "precision", None) or 18,
        words=getattr(expression.type, "kind", None),
        filterable=info.get("filterable", True),
        default=default.arg if default is not None and default.is_scalar else None,
    )


def _kind(type_: Any, info: dict[str, Any]) -> str:
    if info.get("dictionary"):
        return "dictionary"
    if isinstance(type_, ScaledDecimal):
        if type_.precision == PERCENT_DIGITS:
            return "percent"
        return "price" if type_.scale == PRICE_PLACES else "money"
    simple: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (Key, "enum"),
        (UTCDateTime, "instant"),
        (Date, "date"),
        (Boolean, "flag"),
        (Text, "long"),
        ((Integer, BigInteger), "integer"),
        (JSON, "json"),
        (String, "text"),
    )
    return next((kind for types, kind in simple if isinstance(type_, types)), "text")
