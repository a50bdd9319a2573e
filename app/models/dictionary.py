"""Dictionaries: short lists of words that the factory edits itself, such as industries and sources."""

from sqlalchemy.orm import Mapped

from app.core.words import N_
from app.models.base import Code, Name, Record, column, unique_among_living


class Dictionary(Record):
    """One entry of one list: records keep its *key*, people read its *label*."""

    __tablename__ = "dictionaries"
    __table_args__ = (
        unique_among_living(
            "dictionaries",
            "kind",
            "key",
            field="key",
            message=N_("这个字典里已有相同的键。"),
            trash=False,
        ),
    )

    kind: Mapped[Code] = column(N_("字典"), help=N_("如 industry（行业）、source（来源）。"))
    key: Mapped[Code] = column(N_("键"))
    label: Mapped[Name] = column(N_("名称"))
    position: Mapped[int] = column(N_("顺序"), default=0)
    is_active: Mapped[bool] = column(N_("启用"), default=True)

    def __str__(self) -> str:
        return self.label
