"""Settings: typed knobs of the business, with their defaults in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import NotAllowed, Problems
from app.core.words import N_
from app.core.work import Work
from app.models.setting import Setting
from app.services import search
from app.services.crud import Crud


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting that exists: its label, kind (boolean, integer, decimal, text) and first value.

    A number is at least *least*.
    """

    label: str
    kind: str
    first: str
    help: str = ""
    least: int = 0


KNOBS: dict[str, Knob] = {
    "open_orders_use_credit": Knob(
        N_("未完成的订单占用信用额度"),
        "boolean",
        "1",
        N_("关闭后，只有已发货未收款的金额占用额度。"),
    ),
    "separate_duties": Knob(
        N_("三权分立"),
        "boolean",
        "0",
        N_("开启后，系统管理员看不到业务数据，角色只能由安全管理员授予。"),
    ),
    "attachment_megabytes": Knob(
        N_("附件总容量（MB）"),
        "integer",
        "10240",
        N_("所有附件加起来最多占用的空间，附件保存在数据库里。"),
    ),
}

_READERS: dict[str, Any] = {
    "boolean": lambda text: {"1": True, "0": False}[text],
    "integer": int,
    "decimal": Decimal,
    "text": str,
}


class Settings(Crud[Setting]):
    """Knobs are turned, neither added nor removed."""

    def check(
        self, work: Work, record: Setting, values: Mapping[str, Any], problems: Problems
    ) -> None:
        """The value must be of the setting's kind."""
        try:
            value = _READERS[record.kind](record.value)
        except (KeyError, ValueError, InvalidOperation):
            kinds = {"boolean": N_("请填写 1（是）或 0（否）。"), "integer": N_("请填写整数。")}
            problems.add("value", kinds.get(record.kind, N_("请填写数字。")))
            return
        least = KNOBS[record.key].least if record.key in KNOBS else 0
        if record.kind in ("integer", "decimal") and not value >= least:
            problems.add("value", N_("不能小于 %(least)s。"), least=least)

    def create(self, work: Work, values: Mapping[str, Any]) -> Setting:
        """Only the system adds settings, from KNOBS."""
        raise NotAllowed("setting.create")


settings = Settings(Setting, "setting")


def value_of(session: Session, key: str) -> Any:
    """Return the value of the setting *key*, or its first value where nobody turned it."""
    knob = KNOBS[key]
    text = session.scalar(select(Setting.value).where(Setting.key == key))
    return _READERS[knob.kind](knob.first if text is None else text)


def ensure_settings(work: Work) -> None:
    """Add the settings that the database does not have yet."""
    known = set(work.session.scalars(select(Setting.key)))
    for key, knob in KNOBS.items():
        if key not in known:
            made = Setting(
                key=key, label=knob.label, kind=knob.kind, value=knob.first, help=knob.help
            )
            work.session.add(made)
            work.session.flush()
            search.index(work.session, "setting", made)
