"""What a request asks for: a page or data, and where it may lead on this site."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

MAX_PATH = 2_000
_TRICKS = re.compile(r"[\x00-\x20\x7f\\]")


def wants_json() -> bool:
    """Tell whether the answer is to be data rather than a page."""
    if request.args.get("format") == "json" or "/ajax/" in request.path:
        return True
    if request.headers.get("X-Requested-With") or request.is_json:
        return True
    accept = request.accept_mimetypes
    return accept["application/json"] > accept["text/html"]


def sent_json(most: int) -> dict[str, Any]:
    """Return the object that was sent as JSON, {} for whatever else it is; above *most* bytes is a 413."""
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    body = request.get_data() if request.is_json else b""
    if len(body) > most:  # sent in chunks, whose length nobody knows before
        raise RequestEntityTooLarge
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def here(url: str) -> str:
    """Return scheme and host of *url*, as an Origin header says them."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else url


def local_path(url: str) -> str:
    """Return *url* as a path of this very site, or "" if it leads anywhere else.

    Browsers read a backslash as a slash and skip control characters, so neither is let through.
    """
    if not url or len(url) > MAX_PATH or url.startswith("//") or _TRICKS.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if (parts.scheme or parts.netloc) and here(url) != here(request.host_url):
        return ""
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if path.startswith("/") and not path.startswith("//") else ""
