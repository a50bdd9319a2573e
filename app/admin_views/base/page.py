"""What a page shows: plain values, ready for a template. Templates escape every text."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a record as people read it.

    *kind* is one of text, long, code, integer, money, price, percent, date, instant, enum, flag, relation, tags,
    phone, email, link; *tone* colours an enum pill: grey, blue, accent, amber, green, outline, red.
    *raw* is the value as a form field would hold it. *masked*: a mask stands for the value, which is
    shown at *unmask_url* to those who may.
    """

    name: str
    label: str
    text: str
    kind: str = "text"
    url: str | None = None
    tone: str | None = None
    raw: str = ""
    editable: bool = False
    masked: bool = False
    unmask_url: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go: a button or an entry of a menu. *style* is "", primary or danger."""

    label: str
    url: str
    icon: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class ActionButton:
    """A verb of the record, posted to ``action/``; *fields* (a reason) are asked on its confirmation page."""

    name: str
    label: str
    icon: str = ""
    style: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a list column; *sort* is asc, desc or "" and *sort_url* None where it cannot be sorted."""

    name: str
    label: str
    kind: str = "text"
    sort: str = ""
    sort_url: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a list."""

    id: int
    version: int
    title: str
    cells: list[Cell]
    url: str | None
    links: list[Link]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force; following *remove_url* takes it away. *remove_url* keeps everything else."""

    label: str
    op: str
    value: str
    remove_url: str
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class FilterField:
    """A column people may filter by: GET parameter ``flt_<name>_<op>``.

    *ops* are (op, label) pairs; *choices* (key, label) for enums, dictionaries and flags; *lookup* names
    the relation for ``ajax/lookup/``.
    """

    name: str
    label: str
    kind: str
    ops: list[tuple[str, str]]
    choices: list[tuple[str, str]] = field(default_factory=list)
    lookup: str | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list. *links* has the keys first, prev, next, last; None where there is nowhere to go.

    *keep* are the (name, value) parameters that a form on the page must carry along as hidden fields.
    *position* is the number of the first row shown, counted from 1; 0 when there are no rows.
    """

    entity: str
    title: str
    columns: list[Column]
    rows: list[Row]
    count: int
    count_kind: str
    count_text: str
    position: int
    search: str
    search_hint: str
    chips: list[Chip]
    filters: list[FilterField]
    links: dict[str, str | None]
    page_size: int
    page_sizes: tuple[int, ...]
    keep: list[tuple[str, str]]
    clear_url: str
    create: Link | None
    exports: list[Link]
    actions: list[ActionButton]
    action_url: str
    update_url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of form field names, in order; (name, span) with span 3, 6 or 12 of 12 columns."""

    title: str
    fields: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of a child grid in a form; *width* is narrow, middle or wide."""

    name: str
    label: str
    kind: str
    required: bool = False
    width: str = "middle"


@dataclass(frozen=True, slots=True)
class Grid:
    """Child rows edited with their parent: ``form[name]`` is a FieldList of row forms.

    *blank* is an unbound row whose field names contain ``__n__`` in place of the row's number.
    """

    name: str
    title: str
    columns: list[GridColumn]
    blank: Any
    sheet: bool = False


@dataclass(frozen=True, slots=True)
class FormPage:
    """Create or edit. *shown* are values people see but may not post; *problems* are (field id, label, text).

    It is sent to *post_url*, or to where it came from.
    """

    entity: str
    title: str
    form: Any
    sections: list[Section]
    grids: list[Grid]
    shown: list[Cell]
    problems: list[tuple[str, str, str]]
    cancel_url: str
    is_new: bool
    version: int | None = None
    stamp: str = ""
    overrides: list[str] = field(default_factory=list)
    status: Cell | None = None
    hint_url: str = ""
    error: str = ""
    post_url: str = ""
    tables: "list[Table]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """Child rows shown on a details page."""

    name: str
    title: str
    columns: list[Column]
    rows: list[Row]
    create: Link | None = None
    more: Link | None = None
    count_text: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a record's page; tabs are pages of their own."""

    label: str
    url: str
    count: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled group of values on a details page."""

    title: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a record's history; *changes* are (label, old, new)."""

    at: str
    actor: str
    action: str
    changes: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class File:
    """One attached file: its name, size and kind in words, who added it when, and where to get it."""

    id: int
    name: str
    size: str
    added: str
    url: str


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a record. Without *attach_url* they can be read only; *errors* are about the last try."""

    files: list[File]
    attach_url: str
    detach_url: str
    accept: str
    hint: str
    errors: list[str]


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """One record, whole."""

    entity: str
    id: int
    version: int
    title: str
    subtitle: list[Cell]
    status: Cell | None
    facts: list[Cell]
    tabs: list[Tab]
    panels: list[Panel]
    tables: list[Table]
    changes: list[Change]
    links: list[Link]
    actions: list[ActionButton]
    action_url: str
    stamp: str = ""
    files: Files | None = None


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """Asks before something is done.

    *goes* are sentences of what goes; *carry* the hidden (name, value) fields; *ask* the inputs;
    *error* and *problems* say why it was not done.
    """

    title: str
    warning: str
    goes: list[str]
    post_url: str
    carry: list[tuple[str, str]]
    cancel_url: str
    button: str
    style: str = "danger"
    ask: list[Any] = field(default_factory=list)
    error: str = ""
    problems: list[str] = field(default_factory=list)
    can_confirm: bool = True
    method: str = "post"
