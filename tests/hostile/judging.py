"""What no answer may be or hold, whatever was asked."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.draft import Hostile
from tests.hostile.sending import Answer
from tests.hostile.values import MARK, PRODUCT

ROOT = Path(__file__).resolve().parents[2]
#: Words of the inside: of the database, of the code, of the machine.
LEAKS = (
    *("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", " FROM ", "WHERE "),
    *("UNIQUE constraint", "sqlalchemy", "psycopg", "sqlite3", "IntegrityError"),
    *("OperationalError", "DataError", "Traceback", 'File "/', "File &#34;/", "site-packages"),
    *(str(ROOT), "jinja2", "werkzeug", "<class '", "&lt;class &#39;", " object at 0x"),
    *("violates ", "syntax error", "codec can't"),
)
#: Markup as it must never stand in a page: values hold it, and pages only escaped.
RAW = re.compile(
    rf'<svg/onload|<{MARK}|" onmouseover={MARK}|\' onmouseover={MARK}|href="\s*javascript:',
    re.IGNORECASE,
)
SLOW = 60.0  # seconds; something that grows without end takes longer, a loaded machine never does
ERRORS = ("error", "critical")


def problems(request: Hostile, answer: Answer) -> Iterator[str]:
    """Yield everything that is wrong with *answer*, what tells most first."""
    yield from _log(answer)
    if answer.status >= 500:
        yield f"status {answer.status}"
    if answer.seconds > SLOW:
        yield f"took {answer.seconds:.1f} s"
    is_file = request.target.startswith((b"/static/", b"//static/")) and answer.status == 200
    if not is_file:
        yield from (f"tells {leak!r}" for leak in LEAKS if leak in answer.text)
    if answer.is_page and (found := RAW.search(answer.text)):
        yield f"markup is not escaped: …{answer.text[max(0, found.start() - 60) : found.end() + 40]}…"
    if PRODUCT in answer.text:
        yield "a template was evaluated"
    yield from _headers(answer)


def _headers(answer: Answer) -> Iterator[str]:
    given = answer.headers
    if given.get("X-Content-Type-Options") != "nosniff":
        yield "no nosniff"
    if "default-src 'none'" not in given.get("Content-Security-Policy", ""):
        yield "no content security policy"
    if given.get("X-Zqx"):
        yield "a header of the request's making"
    if given.get("Access-Control-Allow-Origin"):
        yield "another origin is let in"
    where = given.get("Location", "/")
    if not re.match(r"/(?![/\\])|http://localhost/(?![/\\])", where):
        yield f"leads to {where!r}"
    if any(ord(sign) < 32 or ord(sign) == 127 for _, value in given for sign in value):
        yield "control characters in a header"


def _log(answer: Answer) -> Iterator[str]:
    for line in answer.log:
        if any(f'"level": "{level}"' in line for level in ERRORS) or '"error": [' in line:
            yield f"logged {line[:3000]}"
        if any(ord(sign) < 32 for sign in line):
            yield f"the log can be forged: {line[:300]!r}"
