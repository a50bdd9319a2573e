"""The last step of every way in: a session of one's own, and the cookies that go with it."""

from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from app.core import clock
from app.core.words import N_
from app.core.work import Actor, Work
from app.models.user import User
from app.services import device_session, remember_token
from app.services.password import WARN_DAYS
from app.services.remember_token import NOT_REMEMBERED
from app.web import remembering
from app.web.actor import SESSION_KEY, limits, policy
from app.web.asking import local_path
from app.web.device import device_text, remember_device
from app.web.locale import SESSION_KEY as LOCALE_KEY
from app.web.locale import say

HOME = "/admin/"
WAS_RESET = "was_reset"  # what the signed cookie calls a reset that the login page is to speak of
NOBODY = Actor(None, "")


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was begun for *user*: its token, and the secret of a browser to remember."""

    user: User
    token: str
    remember: str | None = None


def open_session(
    work: Work, user: User, *, wants_remembering: bool = False, remember_id: int | None = None
) -> Opened:
    """Begin a session for *user*, who has proved everything that was asked.

    *remember_id* names the remembered browser that stood in for the password; then it is not fresh.
    """
    if current_user.is_authenticated:  # whoever signs in again leaves nothing of the former behind
        device_session.drop(work, current_user.session_id)
    if remember_id is None:  # its cookie is replaced, or removed
        remembering.forget(work)
    kept = remember_token.remember(work, user.id) if wants_remembering else NOT_REMEMBERED
    token = device_session.start(
        work,
        user.id,
        device=device_text(),
        limits=limits(),
        remember_id=remember_id or kept.id,
        is_fresh=remember_id is None,
    )
    return Opened(user, token, kept.cookie)


def admit(opened: Opened, *, was_remembered: bool = False) -> None:
    """Give this browser the session that was begun."""
    begin_session(opened.token)
    if not was_remembered:
        remembering.keep(opened.remember)
    _warn_of_expiry(opened.user)


def welcome(opened: Opened, *, was_remembered: bool = False) -> Response:
    """Admit somebody and lead them to where they wanted to go; the device is known from now on."""
    admit(opened, was_remembered=was_remembered)
    response = make_response(redirect(where_to()))
    remember_device(response, opened.user.username)
    return response


def begin_session(token: str | None) -> None:
    """Give this browser the new session *token*, or none; nothing older stays but the language."""
    language = session.get(LOCALE_KEY)
    session.clear()
    if token:
        session[SESSION_KEY] = token
    if language:
        session[LOCALE_KEY] = language


def me(session: Session) -> User:
    """Return whoever is signed in, as stored now."""
    return session.get_one(User, current_user.user_id)


def not_now(page: str, seconds: int) -> ResponseReturnValue:
    """Return *page* as the answer to one try too many: 429, and after how many *seconds* to come again."""
    return page, 429, {"Retry-After": str(seconds)}


def where_to(default: str = HOME) -> str:
    """Return where ``next`` leads on this site, else *default*."""
    return local_path(request.values.get("next", "")) or default


def _warn_of_expiry(user: User) -> None:
    days = policy().days_left(user.password_changed_at, clock.now())
    if days is not None and 0 < days <= WARN_DAYS and not user.must_change_password:
        flash(say(N_("密码将在 %(n)s 天后过期。"), {"n": days}), "warning")
