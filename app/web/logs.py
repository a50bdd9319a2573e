"""Logs as JSON, one line per event, on standard error: for machines first, without secrets or people.

In development a terminal gets shorter lines, for people. A line of a request says who (the user's
number), what (method, pattern of the address, record), how it ended and how long it took. What people
typed is not in it: no query, no header, no address, no name. Whatever else is logged during the request
carries its id, so that the id on an error page finds every line. Errors keep the way through the code;
of their words only what tells nothing.
"""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request
from sqlalchemy.exc import DBAPIError

from app.core.config import Settings

LONGEST_WORD = 20  # characters of a part of an unknown address: longer ones may be tokens
LONGEST_TEXT = 500  # characters of a message
FRAMES = 30
#: What a terminal or a viewer of logs could take for a new line, a command or a change of direction.
_TRICKS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
#: Numbers of phones, cards and companies; mail addresses; whatever is as long as a key or a token.
_PRIVATE = re.compile(r"\d{7,}|[^\s@<>'\"]+@[^\s@<>'\"]+|[A-Za-z0-9_\-+=]{32,}")
_SECRET = re.compile(
    r"pass|secret|token|cookie|authorization|csrf|session|key\b|phone|email|mobile"
)

_HEALTH = frozenset({"/livez", "/readyz", "/metrics"})

REQUESTS = "app.request"

answers = structlog.get_logger(REQUESTS)


def install(app: Flask) -> None:
    """Log in JSON at LOG_LEVEL, and one line per answer; call it before anything else asks to."""
    house: Settings = app.extensions["settings"]
    _configure(house)
    app.before_request(_start)
    app.after_request(_note)


def lines_for(house: Settings) -> "JsonLines":
    """Return how lines are written: as JSON, but readable for who develops in front of a terminal."""
    is_watched = not house.production and sys.stderr.isatty()
    return PlainLines() if is_watched else JsonLines()


def _configure(house: Settings) -> None:
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonLines) for handler in root.handlers):
        handler = logging.StreamHandler(_StandardError())
        handler.setFormatter(lines_for(house))
        root.addHandler(handler)
    logging.getLogger("app").setLevel(house.log_level)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _as_record],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _as_record(_log: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Hand what structlog collected to the standard library, whose records have names of their own."""
    how = {name: event.pop(name) for name in ("exc_info", "stack_info") if name in event}
    return {"msg": event.pop("event"), "extra": {"facts": event}, **how}


class _StandardError:
    """Standard error as it is now: servers and tests replace it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


# -- one line per answer ------------------------------------------------------------------


def _start() -> None:
    g.asked_at = time.perf_counter()


def _note(response: Response) -> Response:
    """Log the answer; what only asks whether we live is worth a line when it fails."""
    is_quiet = request.endpoint == "static" or request.path in _HEALTH
    log = answers.debug if is_quiet and response.status_code < 500 else answers.info  # noqa: PLR2004
    facts: dict[str, Any] = {
        "method": _short(request.method, LONGEST_WORD),
        "path": path_of_request(),
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("asked_at", time.perf_counter())) * 1000, 1),
    }
    record = request.args.get("id", "")
    if record.isascii() and record.isdigit() and len(record) < LONGEST_WORD:
        facts["id"] = int(record)
    log("request", **facts)
    return response


def path_of_request() -> str:
    """Return the pattern of the address, without what was filled in; of an unknown one what is harmless."""
    if request.url_rule is not None:
        return request.url_rule.rule
    parts = request.path[:LONGEST_TEXT].split("/")
    return "/".join("…" if len(part) > LONGEST_WORD else cleaned(part) for part in parts)


# -- lines ----------------------------------------------------------------------------------


class JsonLines(logging.Formatter):
    """Writes every record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: when, how bad, who says it, what, and about which request."""
        event: MutableMapping[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": cleaned(record.getMessage()),
            **_about_request(),
            **_harmless(getattr(record, "facts", {})),
        }
        if record.exc_info and record.exc_info[1] is not None:
            event["error"] = trace_of(record.exc_info[1])
        text = self.written(event)
        return _TRICKS.sub(lambda found: f"\\u{ord(found.group()):04x}", text)

    def written(self, event: MutableMapping[str, Any]) -> str:
        """Return *event* as text."""
        return json.dumps(event, ensure_ascii=False, default=lambda value: cleaned(str(value)))


class PlainLines(JsonLines):
    """Writes the same for people: when, what, how it ended and how long it took."""

    def written(self, event: MutableMapping[str, Any]) -> str:
        """Return *event* as a short line; where things went wrong, with all that is known."""
        at = datetime.fromisoformat(event.pop("at")).astimezone().strftime("%H:%M:%S")
        level, logger, what = (event.pop(name) for name in ("level", "logger", "event"))
        if logger == REQUESTS and level == "info":
            record = f"?id={event['id']}" if "id" in event else ""
            path = f"{event.get('path')}{record}"
            return f"{at} {event.get('status')} {event.get('method'):4} {path} {event.get('ms')} ms"
        trace = [f"    {line}" for line in event.pop("error", ())]
        facts = " ".join(f"{name}={value}" for name, value in event.items())
        return "\n".join([f"{at} {level.upper()} {what} {facts}".rstrip(), *trace])


def _about_request() -> dict[str, Any]:
    if not has_request_context():
        return {}
    person = g.get("_login_user")
    facts = {"request_id": g.get("request_id"), "user_id": getattr(person, "user_id", None)}
    return {name: value for name, value in facts.items() if value is not None}


def _harmless(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said beside the message; secrets are left out by their names."""
    return {
        name: cleaned(value) if isinstance(value, str) else value
        for name, value in facts.items()
        if not _SECRET.search(name)
    }


def cleaned(text: str) -> str:
    """Return *text* without numbers, addresses and keys that could be somebody's; not too long."""
    return _PRIVATE.sub("…", _short(text, LONGEST_TEXT))


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def trace_of(error: BaseException) -> list[str]:
    """Return the way through the code, cause first; a database's words stay out: they quote values."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = trace_of(before) if before is not None else []
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return [*lines, f"{type(error).__name__}: {_words_of(error)}".removesuffix(": ")]


def _words_of(error: BaseException) -> str:
    if isinstance(error, DBAPIError):
        cause: Any = error.orig
        code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
        return f"{type(cause).__name__} {code or ''}".strip()
    if hasattr(error, "sqlstate") or hasattr(error, "sqlite_errorname"):
        return str(getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", ""))
    return cleaned(str(error).partition("\n")[0])
