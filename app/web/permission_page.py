"""What somebody may do, and why, as a page and as data: for administrators and for oneself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_login import current_user

from app.core.db import reading
from app.core.words import N_
from app.domain.permissions import ENTITIES, HIDDEN_LABELS, VERBS
from app.models.user import User
from app.services.permission_report import (
    Answer,
    Cell,
    Mask,
    Report,
    Source,
    answers_on,
    askable,
    record_for,
    report_on,
)
from app.web.actor import settings
from app.web.locale import say
from app.web.security import GUARDED_ROLES

#: The verbs with a column of their own; the others stand together in the last one.
COLUMNS = ("see", "create", "edit", "delete", "restore", "export", "import")
#: The address of a record, as people paste it instead of its number.
_ADDRESS = re.compile(r"/admin/(?P<entity>[a-z]+)/[a-z]+/\?(?:.*&)?id=(?P<id>\d{1,12})", re.ASCII)
TONES = {"own": "grey", "subordinates": "blue", "department": "accent", "all": "green"}


@dataclass(frozen=True, slots=True)
class Check:
    """The question about one record, and its answers."""

    entity: str
    record_id: str
    title: str
    answers: list[Answer]


class PermissionPage:
    """The rights of *user* as the person who is signed in may read them."""

    def __init__(self, user: User) -> None:
        self.report: Report = report_on(reading(), user)
        self.check = self._asked()

    def _asked(self) -> Check | None:
        """Return the answers on the record asked for; raise Missing if the reader cannot see it."""
        entity, key = request.args.get("entity", ""), request.args.get("record_id", "").strip()
        pasted = _ADDRESS.search(key)
        if pasted is not None:
            entity, key = pasted["entity"], pasted["id"]
        if not entity or not key:
            return None
        asker = current_user.actor
        record = record_for(reading(), asker, entity, key)
        answers = answers_on(reading(), asker, self.report.user, entity, record)
        return Check(entity, key, str(record), answers)

    # -- for the template ------------------------------------------------------------------

    @property
    def entities(self) -> list[tuple[str, str]]:
        """What can be asked about: (key, label)."""
        return [(name, say(ENTITIES[name].label)) for name in askable(current_user.actor)]

    @property
    def heads(self) -> list[tuple[str, str]]:
        """The columns of the table: (verb, label)."""
        return [(verb, say(VERBS[verb])) for verb in COLUMNS]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row per kind of record: the cells of the columns, and the other verbs."""
        return [
            {
                "entity": name,
                "label": say(ENTITIES[name].label),
                "cells": [
                    (verb, say(VERBS[verb]), self._cell(cells.get(verb))) for verb in COLUMNS
                ],
                "is_empty": not any(cell.scope or cell.taken for cell in cells.values()),
                "others": [
                    (verb, say(VERBS[verb]), self._cell(cell))
                    for verb, cell in cells.items()
                    if verb not in COLUMNS and (cell.scope or cell.taken)
                ],
            }
            for name, cells in self.report.cells.items()
        ]

    @staticmethod
    def _cell(cell: Cell | None) -> dict[str, Any] | None:
        """Return a permission as it is read; None where there is no such permission."""
        if cell is None:
            return None
        shown = cell.sources if cell.scope else cell.taken
        scope = cell.scope or max((s.scope for s in shown), key=lambda s: s.rank, default=None)
        return {
            "text": say(scope.label) if scope else "",
            "tone": TONES[scope.value] if scope and cell.scope else "grey",
            "is_taken": cell.scope is None and bool(cell.taken),
            "why": say(N_("三权分立取消")) if not cell.scope and cell.taken else _roles(shown),
        }

    @property
    def notes(self) -> list[tuple[str, str, str]]:
        """What holds beside the table: (key, label, sentence)."""
        report = self.report
        return [
            ("export", say(N_("导出")), self._export()),
            *((f"mask-{m.group}", say(HIDDEN_LABELS[m.group]), _mask(m)) for m in report.masks),
            ("pool", say(N_("公海")), self._pool()),
            ("team", say(N_("客户团队")), say(TEAM, report.teams)),
            ("people", say(N_("下属")), say(N_("%(n)s 人"), {"n": report.subordinates})),
            ("factor", say(N_("两步验证")), self._factor()),
            ("address", say(N_("登录地址")), self._address()),
            ("duties", say(N_("三权分立")), say(N_("开启") if report.is_separated else N_("关闭"))),
        ]

    def answer_of(self, answer: Answer) -> tuple[str, str]:
        """Return the verb and the reason of *answer* in words."""
        return say(VERBS[answer.verb]), say(answer.reason, answer.facts)

    def _export(self) -> str:
        if not self.report.export_rows:
            return say(N_("不能导出"))
        return say(N_("每次最多 %(n)s 行"), {"n": f"{self.report.export_rows:,}"})

    def _pool(self) -> str:
        return say(
            N_("看得到：可以领取客户，或查看范围是“全部”")
            if self.report.sees_pool
            else N_("看不到")
        )

    def factor_roles(self) -> list[str]:
        """Return the labels of the roles that demand a second factor."""
        return self._labels(settings().mfa_required_roles or ())

    def address_roles(self) -> list[str]:
        """Return the labels of the roles that are kept to certain addresses."""
        return self._labels(GUARDED_ROLES) if settings().admin_addresses else []

    def _labels(self, names: Iterable[str]) -> list[str]:
        return [role.label for role in self.report.roles if role.name in set(names)]

    def _factor(self) -> str:
        roles, is_on = "、".join(self.factor_roles()), self.report.has_factor
        if roles:
            message = (
                N_("已设置（角色%(roles)s要求）") if is_on else N_("必须先设置：角色%(roles)s要求")
            )
            return say(message, {"roles": roles})
        return say(N_("已设置，没有角色要求") if is_on else N_("未设置，没有角色要求"))

    def _address(self) -> str:
        roles = "、".join(self.address_roles())
        if not roles:
            return say(N_("不限"))
        return say(N_("只能从 ADMIN_ADDRESSES 列出的地址登录（角色%(roles)s）"), {"roles": roles})

    # -- as data ---------------------------------------------------------------------------

    def data(self) -> dict[str, Any]:
        """Return all of it as JSON shows it."""
        report = self.report
        found: dict[str, Any] = {
            "user": {
                "id": report.user.id,
                "username": report.user.username,
                "name": report.user.name,
                "is_active": report.user.is_active,
            },
            "roles": [{"name": role.name, "label": role.label} for role in report.roles],
            "permissions": {
                name: {verb: _cell_data(cell) for verb, cell in cells.items()}
                for name, cells in report.cells.items()
            },
            "masked": {m.group: {"masked": m.is_masked, "roles": m.roles} for m in report.masks},
            "export_rows": report.export_rows,
            "pool": report.sees_pool,
            "team": dict(report.teams),
            "subordinates": report.subordinates,
            "second_factor": {"set_up": report.has_factor, "required_by": self.factor_roles()},
            "addresses": {"limited_by": self.address_roles()},
            "separate_duties": report.is_separated,
        }
        if self.check is not None:
            found["check"] = {
                "entity": self.check.entity,
                "id": int(self.check.record_id),
                "answers": {
                    one.verb: {"allowed": one.is_allowed, "reason": self.answer_of(one)[1]}
                    for one in self.check.answers
                },
            }
        return found


TEAM = N_("可编辑 %(write)s 家，可查看 %(read)s 家")


def _roles(sources: list[Source]) -> str:
    """Return the roles behind a permission; with their scopes where there are several."""
    if len(sources) == 1:
        return sources[0].label
    return "、".join(f"{one.label}（{say(one.scope.label)}）" for one in sources)


def _mask(mask: Mask) -> str:
    facts = {"roles": "、".join(mask.roles)}
    if mask.is_masked:
        return say(N_("隐藏：角色%(roles)s要求"), facts)
    if mask.roles:
        return say(N_("可见：另一角色的查看范围不比%(roles)s小，并且不隐藏"), facts)
    return say(N_("可见：没有角色要求隐藏"))


def _cell_data(cell: Cell) -> dict[str, Any]:
    return {
        "scope": cell.scope.value if cell.scope else None,
        "roles": [{"role": one.role, "scope": one.scope.value} for one in cell.sources],
        "taken": [one.role for one in cell.taken],
    }
