"""What was typed into a form while the password is asked again: sealed, in this browser alone."""

import json
from collections.abc import Mapping
from typing import Any

from flask import session
from flask_login import current_user

from app.core.tokens import box

KEY = "unsaved"
MOST = 2_000  # characters; a cookie holds four thousand, and others need some
PATIENCE = 600  # seconds


def keep(form: str, values: Mapping[str, Any]) -> None:
    """Keep *values* until the page of *form* is shown again; too much of it is not kept."""
    sealed = box().close_for(_purpose(form), json.dumps(values, ensure_ascii=False))
    if len(sealed) <= MOST:
        session[KEY] = sealed


def take(form: str) -> dict[str, Any] | None:
    """Return, once, what was typed into *form* by whoever is signed in; None if nothing was."""
    text = box().open_for(_purpose(form), str(session.pop(KEY, "")), max_age=PATIENCE)
    return json.loads(text) if text else None


def _purpose(form: str) -> str:
    return f"{KEY}-{form}-{current_user.user_id}"
