"""The cookie of a remembered browser: it stands in for the password, never for a second factor."""

from flask import Flask, Response, g, request, session
from flask_login import current_user

from app.core.work import Actor, Work, work_for
from app.domain.login import LoginResult
from app.models.user import User
from app.services import device_session, login, pending_login, remember_token, second_factor
from app.services.remember_token import Remembered
from app.web import waiting
from app.web.actor import SESSION_KEY, limits, load_person, settings
from app.web.device import device_text, trust_token
from app.web.working import origin

COOKIE = "remember"
_MAX_AGE = int(remember_token.DAYS.total_seconds())
_MAX_COOKIE = 200


def install(app: Flask) -> None:
    """Send the next secret with the answer to the request that used the last one."""
    app.after_request(_send)


def sign_in() -> None:
    """Begin a session for a remembered browser, or let it wait for the second factor.

    Whoever is signed in already, or waits already, stays so.
    """
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or len(cookie) > _MAX_COOKIE or current_user.is_authenticated:
        return
    if waiting.found():
        return
    with work_for(Actor(None, ""), origin()) as work:
        found = remember_token.redeem(work, cookie)
        if found is None:
            keep(None)
            return
        is_asked = second_factor.is_asked(work.session, found.user_id, trust_token(), now=work.now)
        token = (_wait if is_asked else _start)(work, found)
    if found.cookie:
        keep(found.cookie)
    if is_asked:
        waiting.begin(token)
        return
    session.clear()
    session[SESSION_KEY] = token
    load_person()


def _wait(work: Work, found: Remembered) -> str:
    _note(work, found, LoginResult.PENDING)
    return pending_login.begin(work, found.user_id, remember_id=found.id)


def _start(work: Work, found: Remembered) -> str:
    _note(work, found, LoginResult.REMEMBERED)
    return device_session.start(
        work,
        found.user_id,
        device=device_text(),
        limits=limits(),
        remember_id=found.id,
        is_fresh=False,
    )


def _note(work: Work, found: Remembered, result: LoginResult) -> None:
    user = work.session.get_one(User, found.user_id)
    is_in = result is LoginResult.REMEMBERED
    factor = login.spared(work, user.id, trust_token()) if is_in else ""
    login.note(work, user.username, result, device_text(), user=user, factor=factor)


def keep(cookie: str | None) -> None:
    """Let the answer set *cookie*, or remove the one there is; whoever removes it forgets it, too."""
    g.remember_cookie = cookie


def forget(work: Work) -> None:
    """Forget the browser that is asking: a copy of its cookie must not outlive the cookie."""
    remember_token.forget(work, request.cookies.get(COOKIE, ""))


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
