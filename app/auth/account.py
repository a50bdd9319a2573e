"""One's own account: profile, password, and the password once more before something delicate."""

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.entrance import begin_session, me, not_now, where_to
from app.auth.forms import ConfirmForm, HouseForm, PasswordForm, ProfileForm, values_of
from app.auth.new_password import chosen, rules_shown
from app.core import passwords
from app.core.db import db
from app.core.errors import RuleBroken, TooMany, broken
from app.core.words import N_
from app.domain.login import LOCKED
from app.models.user import User
from app.services import audit, device_session, login, login_counter, password, profile
from app.web import unsaved
from app.web.actor import limits, settings
from app.web.asking import local_path
from app.web.device import device_text, remember_device
from app.web.locale import say
from app.web.security import ask_again, before_factor, before_password, register_retry
from app.web.working import working

WRONG = N_("当前密码不正确。")
UNSAVED = N_("您的修改还没有保存，请核对后保存。")
EXPIRED = N_("密码已过期，请先修改密码。")
INITIAL = N_("请先设置您自己的密码。")
DONE = N_("密码已修改，其他设备已退出登录。")

pages = Blueprint("account", __name__, url_prefix="/account")


@pages.route("/", methods=["GET", "POST"], endpoint="profile")
def own_profile() -> ResponseReturnValue:
    """Show and change name, e-mail and phone; where links are sent to needs the password again."""
    owner = me(db.session())
    if request.method != "POST":
        return _first_profile(owner)
    form = ProfileForm(obj=owner)
    values = values_of(form, "name", "email", "phone")
    try:
        question = ask_again("/account/") if profile.is_delicate(owner, values) else None
        if question is not None:
            unsaved.keep("profile", values)
            return question
        with working() as work:
            profile.change(work, current_user.user_id, values)
    except RuleBroken as refusal:
        form.show(refusal)
        return _profile(form), 422
    flash(say(N_("已保存")), "success")
    return redirect("/account/")


@pages.route("/password", methods=["GET", "POST"], endpoint="password")
@before_password
@before_factor
def change_password() -> ResponseReturnValue:
    """Change the password: the present one is needed, other sessions end, this gets a new id."""
    form = PasswordForm()
    if request.method != "POST":
        return _password(form)
    if not form.require_all():
        return _password(form), 422
    owner = me(db.session())
    try:
        typed = form.current_password.data or ""
        _require_password(owner, typed, field="current_password", verb="password")
        taken = chosen(owner, form, field="new_password", again="confirm_password")
    except (RuleBroken, TooMany) as refusal:
        return _refused(form, refusal)
    with working() as work:
        password.take(work, taken)
        token = device_session.start(work, owner.id, device=device_text(), limits=limits())
    begin_session(token)
    flash(say(DONE), "success")
    response = make_response(redirect(where_to()))
    remember_device(response, owner.username)
    return response


@pages.route("/confirm", methods=["GET", "POST"])
@before_factor
def confirm() -> ResponseReturnValue:
    """Ask for the password again; it counts for the next five minutes of this session."""
    form = ConfirmForm()
    if request.method != "POST":
        return _confirm(form)
    if not form.require_all():
        return _confirm(form), 422
    try:
        _require_password(
            me(db.session()), form.password.data or "", field="password", verb="confirm"
        )
    except (RuleBroken, TooMany) as refusal:
        return _refused(form, refusal)
    with working() as work:
        device_session.confirm(work, current_user.session_id)
    return redirect(where_to("/account/"))


def _require_password(me: User, typed: str, *, field: str, verb: str) -> None:
    """Raise RuleBroken or TooMany unless *typed* is the password; tries are counted first.

    A wrong one is remembered as a try to *verb* the account.
    """
    key = f"current:{me.id}"
    with working() as work:
        charge = login_counter.charge(
            work,
            key,
            steps=settings().login_lock_steps,
            identity=login.identity_of(me.username),  # by which unlocking finds it
        )
    if charge.is_allowed and passwords.match(me.password_hash, typed):
        with working() as work:
            login_counter.forgive(work, key)
        return
    if charge.is_allowed:
        with working() as work:
            audit.remember(work, f"user.{verb}", "user", me.id, result="wrong")
    if charge.is_allowed and charge.left:
        raise broken(field, WRONG)
    raise TooMany(charge.wait, LOCKED, n=-(-charge.wait // 60))


def _refused(form: HouseForm, refusal: RuleBroken | TooMany) -> ResponseReturnValue:
    page = _password if isinstance(form, PasswordForm) else _confirm
    if isinstance(refusal, RuleBroken):
        form.show(refusal)
        return page(form), 422
    words = say(refusal.message, refusal.facts)
    return not_now(page(form, error=words), refusal.retry_after)


def _profile(form: HouseForm, **facts: str) -> str:
    return render_template("account/profile.html", form=form, **facts)


def _first_profile(me: User) -> str:
    """Return the page as stored, or with what was typed before the password was asked again."""
    kept = unsaved.take("profile")
    if kept is None or not current_user.is_fresh:
        return _profile(ProfileForm(obj=me))
    return _profile(ProfileForm(data=kept), notice=say(UNSAVED))


def _confirm(form: HouseForm, **facts: str) -> str:
    next_page = local_path(request.values.get("next", ""))
    return render_template("account/confirm.html", form=form, next=next_page, **facts)


def _password(form: HouseForm, **facts: str) -> str:
    notices = {"expired": EXPIRED, "initial": INITIAL}
    rules = rules_shown(has_second_factor=current_user.has_factor)
    notice = say(notices.get(current_user.password_state, ""))
    return render_template("account/password.html", form=form, rules=rules, notice=notice, **facts)


register_retry("account.profile", lambda: _profile(ProfileForm()))
register_retry("account.password", lambda: _password(PasswordForm()))
register_retry("account.confirm", lambda: _confirm(ConfirmForm()))
