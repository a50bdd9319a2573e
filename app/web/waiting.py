"""This browser between two factors: the password was right, the second factor is still to come."""

from flask import session

from app.core import clock
from app.core.db import db
from app.services import pending_login
from app.services.pending_login import Pending
from app.web.actor import SESSION_KEY

KEY = "pending"  # what the signed cookie calls the token of the waiting


def begin(token: str) -> None:
    """Let this browser wait with *token*; whoever was signed in here no longer is."""
    session.pop(SESSION_KEY, None)
    session[KEY] = token


def is_over() -> bool:
    """Tell, once, that this browser waited and no longer does: too long, or somebody ended it."""
    if KEY not in session or found():
        return False
    session.pop(KEY)
    return True


def found() -> Pending | None:
    """Return who waits in this browser, None if nobody does."""
    token = session.get(KEY)
    if not isinstance(token, str):
        return None
    return pending_login.find(db.session(), token, now=clock.now())
