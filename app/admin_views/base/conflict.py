"""Two people edited the same record: what was there, what they saved, what I typed – and a choice.

A form carries the values it was opened with (``base``), so that only what both changed needs a choice;
the rest is merged. Nothing that was typed is lost.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from sqlalchemy import select
from wtforms import Form

from app.admin_views.base import fields as f
from app.core import clock
from app.core.db import reading
from app.core.ids import as_id
from app.models.audit import Audit

if TYPE_CHECKING:
    from app.admin_views.base.writing import Editor

MAX_BASE = 4_000_000  # characters; more is no form of ours
OWN = frozenset({"version", "form_token", "base", "csrf_token"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field as it was, as they saved it, as I typed it. *clash*: both changed it."""

    name: str
    label: str
    base: str
    theirs: str
    mine: str
    clash: bool
    theirs_raw: str = ""
    mine_raw: str = ""


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """What the conflict page shows; *carry* is everything that needs no choice."""

    title: str
    theirs_by: str
    theirs_at: str
    rows: list[Difference]
    post_url: str
    carry: list[tuple[str, str]]
    cancel_url: str
    theirs_url: str
    opened_at: str = ""
    problems: list[str] = field(default_factory=list)


def packed(form: Form) -> str:
    """Return the values of *form* as one short text, to be sent back with it."""
    values = {key: one.typed for key, one in _flat(form)}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def unpacked(text: str) -> dict[str, str] | None:
    """Return the values in *text*; None if it is not one of ours."""
    try:
        plain = zlib.decompressobj().decompress(urlsafe_b64decode(text.encode()), MAX_BASE)
        values = json.loads(plain)
    except (ValueError, RecursionError, zlib.error):
        return None
    if not isinstance(values, dict):
        return None
    return {str(key): str(value) for key, value in values.items()}


def _flat(form: Form) -> Iterator[tuple[str, Any]]:
    """Yield every field with a key that stays the same when rows move: ``lines#12-quantity``."""
    for one in form:
        if isinstance(one, f.Rows):
            for entry in one.entries:
                number = str(entry.form["id"].typed or "")
                row = f"{one.name}#{number}" if number else f"{entry.name}+"
                for cell in entry.form:
                    if cell.short_name != "id":
                        yield f"{row}-{cell.short_name}", cell
        elif one.name not in OWN:
            yield one.name, one


class Conflict:
    """Compares what *mine* typed with what is stored now."""

    def __init__(self, mine: "Editor", theirs: "Editor") -> None:
        self.mine = mine
        self.record = theirs.record
        self.theirs = dict(_flat(theirs.form))
        self.base = unpacked(mine.form["base"].typed)
        self.rows: list[Difference] = []
        self.carry: list[tuple[str, str]] = []
        self.gone = self._rows_gone()

    def page(self) -> ConflictPage:
        """Return the page with every difference and everything typed."""
        view, record = self.mine.view, self.record
        self.carry.append(("version", str(view.version_of(record))))
        self._carry_row_ids()
        for key, one in _flat(self.mine.form):
            self._judge(key, one)
        saved = self._last_entry()
        return ConflictPage(
            title=f"{gettext('编辑')} {record}",
            theirs_by=saved.actor if saved else "",
            theirs_at=clock.to_local(saved.at).strftime("%H:%M") if saved else "",
            rows=self.rows,
            post_url=view.address("edit_view", id=record.id),
            carry=self.carry,
            cancel_url=view.address("details_view", id=record.id),
            theirs_url=view.address("details_view", id=record.id),
        )

    def _rows_gone(self) -> set[str]:
        """Return the rows (``lines#12``) that I was shown and they have deleted."""
        known = {key.rpartition("-")[0] for key in self.theirs if "#" in key}
        mine = {key.rpartition("-")[0] for key, _ in _flat(self.mine.form) if "#" in key}
        return mine - known

    def _carry_row_ids(self) -> None:
        for one in self.mine.form:
            if isinstance(one, f.Rows):
                for entry in one.entries:
                    number = str(entry.form["id"].typed or "")
                    if number and f"{one.name}#{number}" not in self.gone:
                        self.carry.append((entry.form["id"].name, number))

    def _judge(self, key: str, one: Any) -> None:
        """Merge one field by itself, or put it to the reader."""
        row = key.rpartition("-")[0]
        if row in self.gone:
            self._judge_gone(key, one, row)
            return
        other = self.theirs.get(key)
        mine, theirs = one.typed, other.typed if other is not None else ""
        base = None if self.base is None else self.base.get(key, "")
        if other is None or theirs in (mine, base) or not one.given or one.kind == "grants":
            chosen = mine if other is None or one.given else theirs
            self._keep(one, chosen)
            if other is not None and chosen != theirs:
                self._note(one, base, theirs, chosen, clash=False)
        elif base == mine:
            self._keep(one, theirs)
            self._note(one, base, theirs, mine, clash=False)
        else:
            self._note(one, base, theirs, mine, clash=True)

    def _judge_gone(self, key: str, one: Any, row: str) -> None:
        """A row they deleted: gone for good if I left it alone, else mine comes back if I say so."""
        changed = any(
            cell.typed != (self.base or {}).get(name, cell.typed)
            for name, cell in _flat(self.mine.form)
            if name.startswith(f"{row}-")
        )
        if not changed:
            return
        if one.short_name == "delete":
            gone, kept = gettext("对方已删除此行"), gettext("保留我的这一行")
            label = gettext("第 %(n)s 行", n=int(one.name.split("-")[1]) + 1)
            self.rows.append(
                Difference(one.name, label, "", gone, kept, clash=True, theirs_raw="1")
            )
        else:
            self._keep(one, one.typed)

    def _keep(self, one: Any, value: str) -> None:
        if one.kind == "grants":
            cells = [cell for _, row in one.matrix for cell in row]
            self.carry += [(cell[0], cell[2]) for cell in cells]
        elif value != "" or not isinstance(one, f.FlagField):
            self.carry.append((one.name, value))

    def _note(self, one: Any, base: str | None, theirs: str, mine: str, *, clash: bool) -> None:
        label = str(one.label.text)
        parts = one.name.split("-")
        if len(parts) > 2:  # noqa: PLR2004 - collection, number, attribute
            label = gettext("第 %(n)s 行 %(label)s", n=int(parts[1]) + 1, label=label)
        was, there, here = (self._words(one, text) for text in (base or "", theirs, mine))
        self.rows.append(Difference(one.name, label, was, there, here, clash, theirs, mine))

    def _words(self, one: Any, text: str) -> str:
        """Return what a form value means to its reader."""
        if isinstance(one, f.FlagField):
            return gettext("是") if text else gettext("否")
        key = as_id(text) if isinstance(one, f.RelationField) else None
        if key is not None:
            return self.mine.view.names_of(one.attribute, [key])[0]
        names = dict(one.choices)
        return "、".join(names.get(part, part) for part in text.split(",")) if names else text

    def _last_entry(self) -> Audit | None:
        entries = select(Audit).where(
            Audit.entity == self.mine.view.entity, Audit.record_id == self.record.id
        )
        return reading().scalar(entries.order_by(Audit.id.desc()).limit(1))
