"""Which service keeps which kind of record: who may see a record decides who may refer to it."""

from typing import Any

from app.models.base import Record

#: Model → its Crud; filled as services are made.
SERVICES: dict[type[Record], Any] = {}
