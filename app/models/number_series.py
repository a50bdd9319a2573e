"""Number series: the last number given, per kind and period."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code


class NumberSeries(Base):
    """The counter behind document numbers; its row lock makes them consecutive."""

    __tablename__ = "number_series"

    kind: Mapped[Code] = mapped_column(primary_key=True)
    period: Mapped[Code] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
