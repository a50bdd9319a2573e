"""The cookie of a remembered browser: a session without the password, never a fresh one."""

from flask import Flask, Response, g, request, session
from flask_login import current_user

from app.core.work import Actor, work_for
from app.services import audit, device_session, remember_token
from app.web.actor import SESSION_KEY, limits, load_person, settings
from app.web.device import device_text
from app.web.working import origin

COOKIE = "remember"
_MAX_AGE = int(remember_token.DAYS.total_seconds())
_MAX_COOKIE = 200


def install(app: Flask) -> None:
    """Send the next secret with the answer to the request that used the last one."""
    app.after_request(_send)


def sign_in() -> None:
    """Begin a session for a remembered browser; whoever is signed in already stays so."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or len(cookie) > _MAX_COOKIE or current_user.is_authenticated:
        return
    with work_for(Actor(None, ""), origin()) as work:
        found = remember_token.redeem(work, cookie)
        if found is None:
            keep(None)
            return
        token = device_session.start(
            work,
            found.user_id,
            device=device_text(),
            limits=limits(),
            remember_id=found.id,
            is_fresh=False,
        )
        audit.remember(work, "login", "user", found.user_id, result="remembered")
    if found.cookie:
        keep(found.cookie)
    session.clear()
    session[SESSION_KEY] = token
    load_person()


def keep(cookie: str | None) -> None:
    """Let the answer set *cookie*, or remove the one there is."""
    g.remember_cookie = cookie


def _send(response: Response) -> Response:
    if "remember_cookie" not in g:
        return response
    if g.remember_cookie is None and COOKIE not in request.cookies:
        return response
    if g.remember_cookie is None:
        response.delete_cookie(COOKIE, path="/", secure=settings().https, httponly=True)
        return response
    response.set_cookie(
        COOKIE,
        g.remember_cookie,
        max_age=_MAX_AGE,
        path="/",
        httponly=True,
        secure=settings().https,
        samesite="Lax",
    )
    return response
