"""Where somebody is signed in, as the pages of sessions show it."""

from typing import Any

from flask_login import current_user

from app.core import clock
from app.core.db import reading
from app.services import device_session
from app.web.actor import limits


def sessions_of(user_id: int) -> list[dict[str, Any]]:
    """Return the living sessions of a user: id, device, address, started, seen (texts), current."""
    found = device_session.of_user(reading(), user_id, now=clock.now(), limits=limits())
    return [
        {
            "id": one.id,
            "device": one.device,
            "address": one.address,
            "started": clock.minute_text(one.created_at),
            "seen": clock.minute_text(one.seen_at),
            "current": one.id == current_user.session_id,
        }
        for one in found
    ]
