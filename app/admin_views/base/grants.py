"""Form fields of a role: its permissions as a table, and the field groups it does not see."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext

from app.admin_views.base.fields import HouseField, RelationsField
from app.domain.permissions import ENTITIES, VERBS


@dataclass(frozen=True, slots=True)
class Grant:
    """One cell of the table of permissions, as a field of its own."""

    name: str
    label: SimpleNamespace
    typed: str
    given: bool
    choices: list[tuple[str, str]]
    kind: str = "enum"
    mask: str = ""

    def read(self, text: str) -> str:
        """Return the scope."""
        return text


class GroupsField(RelationsField):
    """Field groups a role does not see, by their keys."""

    def process_data(self, value: Any) -> None:
        self.kind = "relations"
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        known = {key for key, _ in self.choices}
        if valuelist:
            self.data = sorted(set(self.chosen) & known)


class GrantsField(HouseField):
    """The permissions of a role: ``grants-<entity>-<verb>`` holds the scope, or nothing."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the whole table if the form holds any of it."""
        super().process(None, data or {}, extra_filters)
        self.raw_data = []
        if formdata is None:
            return
        cells = [(e, v) for e, entity in ENTITIES.items() for v in entity.verbs]
        given = {(e, v): formdata.get(f"{self.name}-{e}-{v}") for e, v in cells}
        if any(scope is not None for scope in given.values()):
            self.raw_data = ["given"]
            self.data = {}
            for (entity, verb), scope in given.items():
                if scope:
                    self.data.setdefault(entity, {})[verb] = scope

    @property
    def matrix(self) -> list[tuple[str, list[tuple[str, str, str, list[tuple[str, str]]]]]]:
        """The table as a page shows it: a row per entity, a choice of scope per verb."""
        rows = []
        for name, entity in ENTITIES.items():
            scopes = [("", "—"), *((s.value, gettext(s.label)) for s in entity.scopes)]
            chosen = (self.data or {}).get(name, {})
            cells = [
                (
                    f"{self.name}-{name}-{verb}",
                    gettext(VERBS[verb]),
                    str(chosen.get(verb, "")),
                    scopes,
                )
                for verb in entity.verbs
            ]
            rows.append((gettext(entity.label), cells))
        return rows

    def parts(self) -> Sequence[Grant]:
        """Return every permission: two people may well have changed different ones."""
        return [
            Grant(name, SimpleNamespace(text=f"{label} · {verb}"), scope, self.given, scopes)
            for label, cells in self.matrix
            for name, verb, scope, scopes in cells
        ]
