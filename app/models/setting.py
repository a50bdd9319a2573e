"""Settings: the knobs of the business, turned in the panel."""

from sqlalchemy.orm import Mapped

from app.core.words import N_
from app.models.base import Code, Line, Name, Record, column, unique_among_living


class Setting(Record):
    """One knob: *kind* says how *value* is read (boolean, integer, decimal, text)."""

    __tablename__ = "settings"
    __table_args__ = (
        unique_among_living("settings", "key", message=N_("已有这个设置。"), trash=False),
    )

    key: Mapped[Code] = column(N_("设置项"))
    label: Mapped[Name] = column(N_("名称"))
    kind: Mapped[Code] = column(N_("类型"))
    value: Mapped[Line] = column(N_("值"))
    help: Mapped[Line] = column(N_("说明"), default="")

    def __str__(self) -> str:
        return self.label
