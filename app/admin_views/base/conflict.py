"""Two people edited the same record: what was there, what they saved, what I typed – and a choice.

A form carries the values it was opened with (``base``), so that only what both changed needs a choice;
the rest is merged. Nothing that was typed is lost, and nothing of theirs is overwritten unseen.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from app.admin_views.base import fields as f
from app.admin_views.base.forms import says_something
from app.admin_views.base.meaning import meaning_of, words_of
from app.admin_views.base.opened import OWN, packed, unpacked
from app.domain.mask import HIDDEN

if TYPE_CHECKING:
    from app.admin_views.base.writing import Editor

OF_ROWS = frozenset({"id", "delete"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field as it was, as they saved it, as I typed it.

    *verdict*: ``clash`` – both changed it, the reader chooses; ``theirs`` or ``mine`` – that one is taken;
    ``locked`` – mine cannot be saved any more; ``part`` – goes with the choice about its row.
    """

    name: str
    label: str
    base: str
    theirs: str
    mine: str
    verdict: str
    theirs_raw: str = ""
    mine_raw: str = ""


@dataclass(slots=True)
class Group:
    """The differences of the record itself (no *title*), or of one child row; *whole* is about the row."""

    title: str = ""
    whole: Difference | None = None
    rows: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """What the conflict page shows; *carry* is everything that needs no choice."""

    title: str
    stamp: str
    groups: list[Group]
    choices: int
    is_locked: bool
    post_url: str
    carry: list[tuple[str, str]]
    cancel_url: str
    theirs_url: str


def _number(entry: Any) -> str:
    return str(entry.form["id"].typed or "")


def _cells(entry: Any) -> list[Any]:
    return [cell for cell in entry.form if cell.short_name not in OF_ROWS]


class Conflict:
    """Compares what *mine* typed with *record* as it is stored now."""

    def __init__(self, mine: "Editor", record: Any) -> None:
        self.view = mine.view
        self.record = record
        self.mine = mine.form
        self.stored = type(mine.form)(obj=record)
        self.base = unpacked(mine.form["base"].typed)
        self.locked = mine.view.service.locked(record)
        self.groups = [Group()]
        # Their version is what the merged form was made from.
        self.carry = [("version", str(self.view.version_of(record))), ("base", packed(self.stored))]

    def page(self) -> ConflictPage:
        """Return the page with every difference and everything typed."""
        for one in self.mine:
            if isinstance(one, f.Rows):
                self._judge_rows(one, self.stored[one.name])
            elif one.name not in OWN:
                theirs = self.stored[one.name].parts()
                for mine, other in zip(one.parts(), theirs, strict=True):
                    self._judge(
                        self.groups[0], mine.name, mine, other, shut=one.name in self.locked
                    )
        groups = [group for group in self.groups if group.rows or group.whole]
        shown = [one for group in groups for one in (group.whole, *group.rows) if one]
        details = self.view.address("details_view", id=self.record.id)
        return ConflictPage(
            title=f"{gettext('编辑')} {self.record}",
            stamp=self.view.stamp(self.record),
            groups=groups,
            choices=sum(one.verdict == "clash" for one in shown),
            is_locked=any(one.verdict == "locked" for one in shown),
            post_url=self.view.address("edit_view", id=self.record.id),
            carry=self.carry,
            cancel_url=details,
            theirs_url=details,
        )

    # -- one field -------------------------------------------------------------------------

    def _judge(self, group: Group, key: str, mine: Any, theirs: Any, *, shut: bool) -> None:
        """Merge one field by itself, or put it to the reader."""
        here, there = meaning_of(mine, mine.typed), meaning_of(mine, theirs.typed)
        was = self._was(key, mine)
        if not mine.given or here == there:
            verdict, kept = "", theirs.typed if not mine.given else mine.typed
        elif was == [here]:
            verdict, kept = "theirs", theirs.typed
        elif shut:
            verdict, kept = "locked", ""
        elif (
            was == [there] and not theirs.mask
        ):  # whether they changed what is masked, nobody can see
            verdict, kept = "mine", mine.typed
        else:
            verdict, kept = "clash", ""
        if verdict:
            self._show(group, key, mine, theirs.typed, mine.typed, verdict)
        if verdict != "clash" and not shut:
            self._keep(mine, kept)

    def _was(self, key: str, one: Any) -> list[Any]:
        """Return what the field meant when the form was opened; nothing where nobody knows."""
        return [] if self.base is None else [meaning_of(one, self.base.get(key, ""))]

    def _keep(self, one: Any, value: str) -> None:
        if value != "" or not isinstance(one, f.FlagField):
            self.carry.append((one.name, value))

    def _show(self, group: Group, key: str, one: Any, theirs: str, mine: str, verdict: str) -> None:
        texts = ((self.base or {}).get(key, ""), theirs, mine)
        was, there, here = (words_of(self.view, one, text) for text in texts)
        label = str(one.label.text)
        if one.mask:  # what is kept from the reader
            was, there = HIDDEN, one.mask
        group.rows.append(Difference(one.name, label, was, there, here, verdict, theirs, mine))

    # -- child rows ------------------------------------------------------------------------

    def _judge_rows(self, mine: f.Rows, theirs: f.Rows) -> None:
        """Compare row with row; rows that one side added or removed are shown as a whole."""
        shut = mine.name in self.locked
        stored = {_number(entry): entry for entry in theirs.entries}
        mentioned = {_number(entry) for entry in mine.entries}
        for entry in mine.entries:
            other = stored.get(_number(entry))
            if not _number(entry):
                continue
            if other is None:
                self._judge_gone(mine, entry, shut=shut)
            elif entry.form["delete"].data:
                self._judge_dropped(mine, entry, other, shut=shut)
            else:
                self._judge_both(mine, entry, other, shut=shut)
        known = {key.partition("-")[0] for key in self.base or ()}
        news = [
            entry
            for number, entry in stored.items()
            if number not in mentioned and f"{mine.name}#{number}" not in known
        ]
        for entry in news if self.base is not None else ():
            self._show_new(mine, entry)
        for entry in mine.entries:
            if not _number(entry) and says_something(entry):
                self._judge_added(mine, entry, shut=shut, is_alone=not news)

    def _judge_both(self, rows: f.Rows, entry: Any, other: Any, *, shut: bool) -> None:
        group = self._group(rows, other)
        for cell, there in zip(_cells(entry), _cells(other), strict=True):
            self._judge(group, self._key(rows, entry, cell), cell, there, shut=shut)
        if not shut:
            self.carry.append((entry.form["id"].name, _number(entry)))

    def _judge_gone(self, rows: f.Rows, entry: Any, *, shut: bool) -> None:
        """A row they deleted: gone for good if I left it alone, else mine comes back if I say so."""
        if entry.form["delete"].data:
            return
        changed = self._changed(rows, entry, entry)
        group = self._group(rows, entry)
        kept, gone = gettext("保留此行"), gettext("删除此行")
        if not changed:
            group.whole = Difference("", "", "", gone, "", "theirs")
            return
        for key, cell in changed:
            self._show(group, key, cell, "", cell.typed, "locked" if shut else "part")
        if shut:
            group.whole = Difference("", "", "", gone, kept, "locked")
            return
        name = entry.form["delete"].name
        group.whole = Difference(name, group.title, "", gone, kept, "clash", theirs_raw="1")
        for cell in _cells(entry):
            self._keep(cell, cell.typed)

    def _judge_dropped(self, rows: f.Rows, entry: Any, other: Any, *, shut: bool) -> None:
        """A row I deleted: if they changed it meanwhile, I say whether it still goes."""
        changed = self._changed(rows, entry, other)
        group = self._group(rows, other)
        kept, gone = gettext("保留此行"), gettext("删除此行")
        name = entry.form["delete"].name
        if shut:
            group.whole = Difference("", "", "", kept, gone, "locked")
            return
        self.carry.append((entry.form["id"].name, _number(entry)))
        if not changed and self.base is not None:
            group.whole = Difference("", "", "", kept, gone, "mine")
            self.carry.append((name, "1"))
            return
        group.whole = Difference(name, group.title, "", kept, gone, "clash", mine_raw="1")
        for key, cell in changed:
            self._show(group, key, cell, cell.typed, "", "part")
        for cell, there in zip(_cells(entry), _cells(other), strict=True):
            self._keep(cell, there.typed)

    def _judge_added(self, rows: f.Rows, entry: Any, *, shut: bool, is_alone: bool) -> None:
        """A row I added; where they added one, too, it may be the same one, so I say it again."""
        group = self._group(rows, entry)
        added, name = gettext("新增此行"), entry.form["delete"].name
        verdict = "locked" if shut else ("mine" if is_alone else "clash")
        none = "" if is_alone or shut else gettext("不新增")
        group.whole = Difference(name, group.title, "", none, added, verdict, theirs_raw="1")
        for cell in _cells(entry):
            if cell.typed:
                part = "locked" if shut else "part"
                self._show(group, "", cell, "", cell.typed, part)
            if not shut:
                self._keep(cell, cell.typed)

    def _show_new(self, rows: f.Rows, entry: Any) -> None:
        """A row they added stays; it is shown, for it may be the one I wanted to add."""
        group = self._group(rows, entry)
        group.whole = Difference("", "", "", gettext("新增此行"), "", "theirs")
        for cell in _cells(entry):
            if cell.typed:
                self._show(group, "", cell, cell.typed, "", "part")

    def _changed(self, rows: f.Rows, entry: Any, now: Any) -> list[tuple[str, Any]]:
        """Return the cells of *now* that are not as they were when the form was opened."""
        pairs = [(self._key(rows, entry, cell), cell) for cell in _cells(now)]
        return [
            (key, cell)
            for key, cell in pairs
            if self._was(key, cell) != [meaning_of(cell, cell.typed)]
        ]

    def _group(self, rows: f.Rows, entry: Any) -> Group:
        """Begin the group of one child row, named by the first thing that *entry* says."""
        said = (one for one in _cells(entry) if one.typed and one.kind != "flag")
        first = next(said, None)
        name = words_of(self.view, first, first.typed) if first else ""
        group = Group(f"{rows.label.text} · {name}" if name else str(rows.label.text))
        self.groups.append(group)
        return group

    @staticmethod
    def _key(rows: f.Rows, entry: Any, cell: Any) -> str:
        return f"{rows.name}#{_number(entry)}-{cell.short_name}"
