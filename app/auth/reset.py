"""Forgotten passwords: asking for a link or a code, and using it."""

from flask import Blueprint, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from app.auth.entrance import NOBODY, WAS_RESET, begin_session, not_now
from app.auth.forms import ForgotForm, ResetForm
from app.auth.new_password import chosen, rules_shown
from app.core import clock
from app.core.db import db
from app.core.errors import RuleBroken, TooMany
from app.core.words import N_
from app.core.work import Actor, work_for
from app.models.user import User
from app.services import login, login_counter, password, password_reset, second_factor
from app.web import limits
from app.web.actor import settings
from app.web.device import known_users, remember_device
from app.web.locale import say
from app.web.security import public, register_retry
from app.web.working import origin

COOKIE = "reset"
PATH = "/reset-password"

pages = Blueprint("reset", __name__)


@pages.route("/forgot-password", methods=["GET", "POST"])
@public
def forgot() -> ResponseReturnValue:
    """Ask whose password it is; the answer is the same for everybody, also when it is too often."""
    form = ForgotForm()
    if request.method != "POST":
        return _forgot_page(form)
    if not form.require_all():
        return _forgot_page(form), 422
    identity = form.identity.data or ""
    by_sms = form.method.data == "sms" and bool(settings().sms_url)
    if limits.within("forgot"):
        with work_for(NOBODY, origin()) as work:
            password_reset.ask(work, identity, by_sms=by_sms, known=known_users())
    return sent_page(identity) if by_sms else render_template("auth/sent.html", sms=False)


def _forgot_page(form: ForgotForm) -> str:
    return render_template("auth/forgot.html", form=form, sms=bool(settings().sms_url))


def sent_page(identity: str, **facts: str) -> str:
    """Return the page that asks for the code that was sent, if it was."""
    return render_template("auth/sent.html", sms=True, identity=identity, **facts)


@pages.get(f"{PATH}/<token>")
@public
def open_link(token: str) -> ResponseReturnValue:
    """Move the token out of the address, where histories and logs would keep it."""
    if password_reset.owner_of(db.session(), token, now=clock.now()) is None:
        return _dead()
    return lead_to_reset(token)


def lead_to_reset(token: str) -> ResponseReturnValue:
    """Give this browser *token* as a cookie, and lead it to the new password."""
    house = settings()
    response = make_response(redirect(PATH, 303))
    response.set_cookie(
        COOKIE,
        token,
        max_age=house.reset_minutes * 60,
        path=PATH,
        httponly=True,
        secure=house.https,
        samesite="Lax",  # the link is followed from a mail, so the redirect comes from elsewhere
    )
    return response


@pages.route(PATH, methods=["GET", "POST"])
@public
def reset() -> ResponseReturnValue:
    """Ask for the new password twice; use the link up when it is good."""
    token = request.cookies.get(COOKIE, "")
    owner = password_reset.owner_of(db.session(), token, now=clock.now())
    if owner is None:
        return _dead()
    form = ResetForm()
    if request.method != "POST" or not form.require_all():
        return _page(form, owner), 422 if request.method == "POST" else 200
    limits.count("reset")
    try:
        if not _redeemed(form, owner, token):
            return _dead()
    except RuleBroken as refusal:
        form.show(refusal)
        return _page(form, owner), 422
    except TooMany as refusal:
        page = _page(form, owner, error=say(refusal.message, refusal.facts))
        return not_now(page, refusal.retry_after)
    begin_session(None)
    session[WAS_RESET] = True
    response = make_response(redirect("/login"))
    response.delete_cookie(COOKIE, path=PATH)
    remember_device(response, owner.username)
    return response


def _redeemed(form: ResetForm, owner: User, token: str) -> bool:
    """Take the new password; False if the link was used meanwhile. Raises refusals."""
    taken = chosen(owner, form, field="password", again="confirm")
    with work_for(Actor(owner.id, owner.name), origin()) as work:
        if password_reset.redeem(work, token) is None:
            return False
        password.take(work, taken)
        # Whoever keeps guessing the old one must not keep the owner out.
        login_counter.unlock(work, login.identity_of(owner.username))
    return True


def _page(form: ResetForm, owner: User, **facts: str) -> str:
    guarded = second_factor.has_one(db.session(), owner.id)
    rules = rules_shown(has_second_factor=guarded)
    return render_template(
        "auth/reset.html", form=form, rules=rules, username=owner.username, **facts
    )


def _dead() -> ResponseReturnValue:
    response = make_response(render_template("auth/dead.html"), 410)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _typed_again() -> str | None:
    return _forgot_page(ForgotForm())


def _expired() -> str | None:
    owner = password_reset.owner_of(db.session(), request.cookies.get(COOKIE, ""), now=clock.now())
    expired = say(N_("页面已过期，请再试一次。"))
    return _page(ResetForm(), owner, error=expired) if owner else None


register_retry("reset.forgot", _typed_again)
register_retry("reset.reset", _expired)
