"""Coming in with user name and password, and going out."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.entrance import (
    NOBODY,
    WAS_RESET,
    Opened,
    begin_session,
    not_now,
    open_session,
    welcome,
    where_to,
)
from app.auth.forms import LoginForm
from app.core.words import N_
from app.core.work import work_for
from app.domain.login import LoginResult, Verdict
from app.services import audit, device_session, login, pending_login
from app.web import remembering, waiting
from app.web.actor import SESSION_KEY, settings
from app.web.asking import local_path
from app.web.device import device_text, known_device, trust_token
from app.web.locale import say
from app.web.security import public, register_retry
from app.web.working import origin, working

LATE = N_("验证已超时，请重新登录。")
RESET = N_("密码已重设，请用新密码登录。")

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
    entry = _judged(
        form.username.data or "", form.password.data or "", remember=bool(form.remember.data)
    )
    if entry.opened:
        return welcome(entry.opened)
    if entry.pending:
        begin_session(None)
        waiting.begin(entry.pending)
        remembering.keep(None)
        return redirect(
            url_for("auth.verify", next=local_path(request.values.get("next", "")) or None)
        )
    return _refused(form, entry.verdict)


@pages.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End this session on the server; what the browser still holds is worth nothing then."""
    with working() as work:  # also where the session is over: the browser may still be remembered
        remembering.forget(work)
        if current_user.is_authenticated:
            device_session.drop(work, current_user.session_id)
            audit.remember(work, "logout", "user", current_user.user_id)
    begin_session(None)
    remembering.keep(None)
    response = redirect("/login")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@dataclass(frozen=True, slots=True)
class Entry:
    """What a try led to: a session, or a token to wait for the second factor with, or neither."""

    verdict: Verdict
    opened: Opened | None = None
    pending: str = ""


def _judged(username: str, password: str, *, remember: bool) -> Entry:
    """Charge, judge, conclude: three steps, so that no transaction waits for the hash."""
    with work_for(NOBODY, origin()) as work:
        attempt = login.open_attempt(
            work,
            username=username,
            device=device_text(),
            known_device=known_device(username),
            steps=settings().login_lock_steps,
        )
    if not attempt.charge.is_allowed:
        return Entry(attempt.locked)
    is_right = login.matches(attempt, password)
    renewed = login.renewed_hash(attempt, password) if is_right else None
    with work_for(NOBODY, origin()) as work:
        verdict, user = login.conclude(
            work, attempt, is_right=is_right, renewed=renewed, trust_token=trust_token()
        )
        if user is None:
            return Entry(verdict)
        if verdict.result is LoginResult.PENDING:
            if current_user.is_authenticated:
                device_session.drop(work, current_user.session_id)
            remembering.forget(work)
            return Entry(
                verdict, pending=pending_login.begin(work, user.id, wants_remembering=remember)
            )
        return Entry(verdict, open_session(work, user, wants_remembering=remember))


def _refused(form: LoginForm, verdict: Verdict) -> ResponseReturnValue:
    """Return the form with the fixed words: 401, or 429 and how long to wait."""
    page = _page(form, error=say(verdict.message, verdict.facts))
    if verdict.retry_after:
        return not_now(page, verdict.retry_after)
    return page, 401


def _page(form: LoginForm, **facts: str) -> str:
    next_page = local_path(request.values.get("next", ""))
    return render_template("auth/login.html", form=form, next=next_page, **facts)


def _notice() -> str:
    """Return what led here: a session that is over, a wait that was too long, a new password."""
    if session.pop(WAS_RESET, None):
        return say(RESET)
    if waiting.is_over():
        return say(LATE)
    return say(N_("登录已过期，请重新登录。")) if session.get(SESSION_KEY) else ""


register_retry(
    "auth.login", lambda: _page(LoginForm(), notice=say(N_("页面已过期，请再登录一次。")))
)
