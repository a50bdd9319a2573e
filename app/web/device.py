"""The device at the other end: what it is called, and whether it is known to us."""

import json
import re
import secrets
from dataclasses import dataclass

from flask import Response, request

from app.core import tokens
from app.domain.login import DEVICE_DAYS
from app.domain.second_factor import TRUSTED
from app.services import login
from app.web.actor import settings

COOKIE = "device"
TRUST = "trust"  # the cookie of a browser that is not asked for the second factor
MOST_USERS = 5  # who are remembered on one device
_MAX_AGE = DEVICE_DAYS * 24 * 3600  # seconds
_MAX_AGENT = 400

#: The first that fits names the browser; most of them claim to be several.
_BROWSERS = (
    ("Edge", r"Edg"),
    ("微信", r"MicroMessenger"),
    ("QQ", r"QQBrowser"),
    ("360", r"QihooBrowser|360SE|360EE"),
    ("Firefox", r"Firefox|FxiOS"),
    ("Chrome", r"Chrome|CriOS"),
    ("Safari", r"Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X"),
    ("Linux", r"Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that signed in before; *users* are keyed digests of the user names it used."""

    id: str
    users: tuple[str, ...] = ()


def device_text() -> str:
    """Return what people recognise the browser by, such as ``Chrome · Windows``."""
    agent = request.user_agent.string[:_MAX_AGENT]
    names = [_first(kinds, agent) for kinds in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in names if name) or agent[:60]


def known_device(username: str) -> str | None:
    """Return the id of this device, if it has signed in as *username* within the last 30 days."""
    device = _read()
    return device.id if device and login.identity_of(username) in device.users else None


def known_users() -> tuple[str, ...]:
    """Return digests of the user names that signed in with this device within the last 30 days."""
    device = _read()
    return device.users if device else ()


def remember_device(response: Response, username: str) -> None:
    """Let the browser prove, for the next 30 days, that it has signed in as *username*."""
    device = _read() or Device(secrets.token_urlsafe(16))
    identity = login.identity_of(username)
    users = (identity, *(user for user in device.users if user != identity))[:MOST_USERS]
    house = settings()
    response.set_cookie(
        COOKIE,
        tokens.box().close_for(COOKIE, json.dumps([device.id, *users])),
        max_age=_MAX_AGE,
        path="/",
        httponly=True,
        secure=house.https,
        samesite="Lax",
    )


def trust_token() -> str:
    """Return the token with which this browser says that it is trusted; "" if it does not."""
    return request.cookies.get(TRUST, "")


def keep_trust(response: Response, token: str) -> None:
    """Let the browser say, for the next 30 days, that it is trusted."""
    response.set_cookie(
        TRUST,
        token,
        max_age=int(TRUSTED.total_seconds()),
        path="/",
        httponly=True,
        secure=settings().https,
        samesite="Lax",
    )


def _read() -> Device | None:
    sealed = request.cookies.get(COOKIE, "")
    text = tokens.box().open_for(COOKIE, sealed, max_age=_MAX_AGE) if sealed else None
    if text is None:
        return None
    number, *users = json.loads(text)
    return Device(number, tuple(users))


def _first(kinds: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in kinds if re.search(pattern, agent)), "")
