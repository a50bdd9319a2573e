"""A request as it comes in: what no browser sends is made harmless before anybody reads it."""

from typing import Any
from urllib.parse import quote_from_bytes

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict

#: What stands in a query as it is; all other bytes are percent-encoded.
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F))


class Incoming(Request):
    """A request whose parameters can always be read."""

    def __init__(self, environ: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(environ, *arguments, **named)
        # A query with bytes that should have been encoded would break at each reading.
        self.query_string = quote_from_bytes(self.query_string, safe=_PLAIN).encode()

    def _load_form_data(self) -> None:
        """Read the body; a part of it without a name is no field."""
        super()._load_form_data()
        for kind in ("form", "files"):
            given = self.__dict__[kind]
            if None in given:
                named = [pair for pair in given.items(multi=True) if pair[0] is not None]
                self.__dict__[kind] = ImmutableMultiDict(named)


def install(app: Flask) -> None:
    """Let every request come in this way."""
    app.request_class = Incoming
