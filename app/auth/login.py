"""Coming in and going out."""

from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.forms import LoginForm
from app.core import clock
from app.core.words import N_
from app.core.work import Actor, work_for
from app.domain.login import Verdict
from app.models.user import User
from app.services import audit, device_session, login, remember_token
from app.services.password import WARN_DAYS
from app.services.remember_token import NOT_REMEMBERED
from app.web import remembering
from app.web.actor import SESSION_KEY, limits, policy, settings
from app.web.asking import local_path
from app.web.device import device_text, known_device, remember_device
from app.web.locale import SESSION_KEY as LOCALE_KEY
from app.web.locale import say
from app.web.security import public, register_retry
from app.web.working import origin, working

HOME = "/admin/"
NOBODY = Actor(None, "")
#: What a page that leads here may have said, as the parameter ``done``.
NOTICES = {"reset": N_("密码已重设，请用新密码登录。")}

pages = Blueprint("auth", __name__)


@pages.route("/login", methods=["GET", "POST"], endpoint="login")
@public
def sign_in() -> ResponseReturnValue:
    """Show the form; judge user name and password."""
    form = LoginForm()
    if request.method != "POST":
        return (
            redirect(where_to()) if current_user.is_authenticated else _page(form, notice=_notice())
        )
    if not form.require_all():
        return _page(form), 422
    username = form.username.data or ""
    entry = _judged(username, form.password.data or "", remember=bool(form.remember.data))
    if entry.user is None:
        return _refused(form, entry.verdict)
    begin_session(entry.token)
    remembering.keep(entry.remember)
    _warn_of_expiry(entry.user)
    response = make_response(redirect(where_to()))
    remember_device(response, username)
    return response


@pages.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End this session on the server; what the browser still holds is worth nothing then."""
    if current_user.is_authenticated:
        with working() as work:
            device_session.drop(work, current_user.session_id)
            remember_token.forget(work, request.cookies.get(remembering.COOKIE, ""))
            audit.remember(work, "logout", "user", current_user.user_id)
    begin_session(None)
    remembering.keep(None)
    response = redirect("/login")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def begin_session(token: str | None) -> None:
    """Give this browser the new session *token*, or none; nothing older stays but the language."""
    language = session.get(LOCALE_KEY)
    session.clear()
    if token:
        session[SESSION_KEY] = token
    if language:
        session[LOCALE_KEY] = language


def where_to(default: str = HOME) -> str:
    """Return where ``next`` leads on this site, else *default*."""
    return local_path(request.values.get("next", "")) or default


@dataclass(frozen=True, slots=True)
class Entry:
    """What a try led to: the verdict and, if it is OK, who came in, with which secrets."""

    verdict: Verdict
    user: User | None = None
    token: str = ""
    remember: str | None = None


def _judged(username: str, password: str, *, remember: bool) -> Entry:
    """Charge, judge, conclude: three steps, so that no transaction waits for the hash."""
    device = device_text()
    with work_for(NOBODY, origin()) as work:
        attempt = login.open_attempt(
            work,
            username=username,
            device=device,
            known_device=known_device(username),
            steps=settings().login_lock_steps,
        )
    if not attempt.charge.is_allowed:
        return Entry(attempt.locked)
    is_right = login.matches(attempt, password)
    renewed = login.renewed_hash(attempt, password) if is_right else None
    with work_for(NOBODY, origin()) as work:
        verdict, user = login.conclude(work, attempt, is_right=is_right, renewed=renewed)
        if user is None:
            return Entry(verdict)
        if (
            current_user.is_authenticated
        ):  # whoever signs in again leaves nothing of the former behind
            device_session.drop(work, current_user.session_id)
        kept = remember_token.remember(work, user.id) if remember else NOT_REMEMBERED
        token = device_session.start(
            work, user.id, device=device, limits=limits(), remember_id=kept.id
        )
    return Entry(verdict, user, token, kept.cookie)


def _refused(form: LoginForm, verdict: Verdict) -> ResponseReturnValue:
    """Return the form with the fixed words: 401, or 429 and how long to wait."""
    page = _page(form, error=say(verdict.message, verdict.facts))
    if verdict.retry_after:
        return page, 429, {"Retry-After": str(verdict.retry_after)}
    return page, 401


def _page(form: LoginForm, **facts: str) -> str:
    next_page = local_path(request.values.get("next", ""))
    return render_template("auth/login.html", form=form, next=next_page, **facts)


def _notice() -> str:
    """Return what led here: a session that is over, or a page that has said its word."""
    if session.get(SESSION_KEY):
        return say(N_("登录已过期，请重新登录。"))
    return say(NOTICES.get(request.args.get("done", ""), ""))


def _warn_of_expiry(user: User) -> None:
    days = policy().days_left(user.password_changed_at, clock.now())
    if days is not None and 0 < days <= WARN_DAYS and not user.must_change_password:
        flash(say(N_("密码将在 %(n)s 天后过期。"), {"n": days}), "warning")


register_retry(
    "auth.login", lambda: _page(LoginForm(), notice=say(N_("页面已过期，请再登录一次。")))
)
