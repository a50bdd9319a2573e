"""What every record has, and the column types the house speaks in."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column

from app.core import clock
from app.core.words import N_
from app.core.work import UNIQUE
from app.models.types import ScaledDecimal, UTCDateTime, plain_text

Code = Annotated[str, mapped_column(plain_text(32))]
ShortText = Annotated[str, mapped_column(plain_text(64))]
Name = Annotated[str, mapped_column(plain_text(120))]
Line = Annotated[str, mapped_column(plain_text(255))]
Prose = Annotated[str, mapped_column(Text)]
Phone = Annotated[str, mapped_column(plain_text(32))]
Money = Annotated[Decimal, mapped_column(ScaledDecimal(18, 2))]  # CNY, two places
UnitPrice = Annotated[
    Decimal, mapped_column(ScaledDecimal(18, 4))
]  # CNY net per piece, four places
Percent = Annotated[Decimal, mapped_column(ScaledDecimal(7, 2))]  # 13 means 13 %
Quantity = Annotated[int, mapped_column(BigInteger)]  # pieces
Id = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"))]


def column(  # noqa: PLR0913 - a declaration reads best in one line
    label: str,
    *parts: Any,
    help: str = "",
    unit: str = "",
    kind: str = "",
    group: str = "",
    dictionary: str = "",
    tone: str = "",
    **options: Any,
) -> MappedColumn[Any]:
    """Declare a column together with the words people read.

    *kind* overrides what the type says (phone, email, link, tags, password); *group* names the field
    group (phones, money) that some roles do not see; *dictionary* the kind of dictionary whose keys it holds.
    """
    info = {
        "label": label,
        "help": help,
        "unit": unit,
        "kind": kind,
        "group": group,
        "dictionary": dictionary,
        "tone": tone,
    }
    return mapped_column(*parts, info=info, **options)


def refers(
    label: str, target: str, *, ondelete: str = "RESTRICT", **options: Any
) -> MappedColumn[Any]:
    """Declare a foreign key to *target*, such as ``"users.id"``, with an index that ends in the id."""
    return column(label, ForeignKey(target, ondelete=ondelete), **options)


def unique_among_living(
    table: str,
    *names: str,
    field: str = "",
    message: str = N_("已有相同的记录。"),
    trash: bool = True,
) -> Index:
    """Let no two records outside the trash agree on all of *names*; *field* shows the message."""
    living = text("deleted_at IS NULL") if trash else None
    title = f"uq_{table}_{'_'.join(names)}"
    UNIQUE[title] = UNIQUE[f"{table}.{names[0]}"] = (field or names[0], message)
    return Index(title, *names, unique=True, sqlite_where=living, postgresql_where=living)


class Base(DeclarativeBase):
    """Root of all tables. Constraint names are predictable, so migrations can drop them."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime, int: BigInteger}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@event.listens_for(Table, "after_parent_attach")
def _never_reuse_ids(table: Table, _parent: Any) -> None:
    """On SQLite, too, an id is never given twice: history speaks of records by their id."""
    table.dialect_options["sqlite"]["autoincrement"] = True


class Record(Base):
    """A business record: numbered, versioned and stamped."""

    __abstract__ = True

    #: Attributes that the audit masks: the record can be deleted for good, its history cannot.
    personal: ClassVar[frozenset[str]] = frozenset()
    #: What a child row is called in the form that is being saved, such as ``lines-3``.
    form_prefix = ""

    id: Mapped[Id] = mapped_column(primary_key=True, sort_order=-9)
    version: Mapped[int] = mapped_column(default=1, sort_order=9)
    created_at: Mapped[datetime] = column(N_("创建时间"), default=clock.now, sort_order=9)
    updated_at: Mapped[datetime] = column(N_("修改时间"), default=clock.now, sort_order=9)

    @declared_attr
    def created_by(cls) -> Mapped[int | None]:
        """Who made it; nobody, when the system did."""
        return refers(N_("创建人"), "users.id", ondelete="SET NULL", sort_order=9)

    @declared_attr
    def updated_by(cls) -> Mapped[int | None]:
        """Who changed it last."""
        return refers(N_("修改人"), "users.id", ondelete="SET NULL", sort_order=9)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    def search_values(self) -> Iterable[str | None]:
        """Return what people may type to find this record."""
        return (str(self),)

    def choice_text(self) -> str:
        """Return what people read when they choose this record for a relation."""
        return str(self)

    def search_phones(self) -> Iterable[str | None]:
        """Return the numbers and addresses it is found by; only whole ones by those who see them masked."""
        return ()

    def search_below(self) -> Iterable["Record"]:
        """Return the records below this one by whose words it is found, too, by those who may see them."""
        return ()

    def search_also(self) -> Iterable["Record"]:
        """Return the records whose search text holds something of this one."""
        return ()


class Trashed:
    """Mixin of records that go to the trash instead of going for good."""

    deleted_at: Mapped[datetime | None] = column(N_("删除时间"), index=True, sort_order=10)

    @declared_attr
    def deleted_by(cls) -> Mapped[int | None]:
        """Who put it into the trash."""
        return refers(N_("删除人"), "users.id", ondelete="SET NULL", sort_order=10)
