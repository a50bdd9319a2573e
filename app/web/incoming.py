"""A request as it comes in: what no browser sends is made harmless before anybody reads it."""

from typing import Any
from urllib.parse import quote_from_bytes

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

URLENCODED = "application/x-www-form-urlencoded"
PIECE = 65_536  # bytes read at once
#: What stands in a query as it is; all other bytes are percent-encoded.
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F))


class _Body:
    """What the sender has to say. Whatever goes wrong while it is read is the sender's fault, not ours."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes; raise OSError, which is answered with 400, for chunks that are none."""
        try:
            return bytes(self._stream.read(size))
        except Exception as error:  # each server has errors of its own
            raise OSError("the body cannot be read") from error


class Incoming(Request):
    """A request whose parameters can always be read."""

    def __init__(self, environ: Any, *arguments: Any, **named: Any) -> None:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        if environ.get("CONTENT_LENGTH") and not environ.get("HTTP_TRANSFER_ENCODING"):
            # The server would pass a body that was cut off as a whole one, and half a text be saved.
            environ.pop("wsgi.input_terminated", None)
        super().__init__(environ, *arguments, **named)
        # A query with bytes that should have been encoded would break at each reading.
        self.query_string = quote_from_bytes(self.query_string, safe=_PLAIN).encode()

    def _load_form_data(self) -> None:
        """Read the body; a part of it without a name is no field, and too many of them are no form."""
        if self.mimetype == URLENCODED:  # werkzeug measures the other kind of form only
            body = self._whole_body(self.max_form_memory_size or 0)
            if self.max_form_parts and body.count(b"&") >= self.max_form_parts:
                raise RequestEntityTooLarge
        super()._load_form_data()
        for kind in ("form", "files"):
            given = self.__dict__[kind]
            if None in given:
                named = [pair for pair in given.items(multi=True) if pair[0] is not None]
                self.__dict__[kind] = ImmutableMultiDict(named)

    def _whole_body(self, most: int) -> bytes:
        """Return the body; raise RequestEntityTooLarge as soon as it has more than *most* bytes."""
        if "_cached_data" not in self.__dict__:
            if (self.content_length or 0) > most:
                raise RequestEntityTooLarge
            pieces, size = [], 0
            while piece := self.stream.read(min(PIECE, most + 1 - size)):
                pieces.append(piece)
                size += len(piece)
                if size > most:
                    raise RequestEntityTooLarge
            self._cached_data = b"".join(pieces)
        return self._cached_data


def install(app: Flask) -> None:
    """Let every request come in this way."""
    app.request_class = Incoming
