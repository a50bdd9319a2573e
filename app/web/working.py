"""A piece of work for the person who is asking."""

from contextlib import AbstractContextManager

from flask import g, request
from flask_login import current_user

from app.core.work import Origin, Work, work_for

MAX_ADDRESS = 64


def origin() -> Origin:
    """Return where the request came from."""
    return Origin((request.remote_addr or "")[:MAX_ADDRESS], g.get("request_id", ""))


def working() -> AbstractContextManager[Work]:
    """Open a piece of work for the signed-in person; see work_for."""
    return work_for(current_user.actor, origin())
