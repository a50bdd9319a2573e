"""One's own authenticator app and recovery codes."""

import segno
from flask import flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.account import pages
from app.auth.entrance import me
from app.auth.forms import CodeForm
from app.core.db import db
from app.core.errors import RuleBroken
from app.core.tokens import box
from app.core.words import N_
from app.services import recovery_code, totp
from app.web.actor import is_factor_required, settings
from app.web.locale import say
from app.web.security import ask_again, before_factor, register_retry
from app.web.working import working

#: What the signed cookie calls the secret of an open set-up, which is encrypted in it: nothing has
#: to be stored, or cleaned up, before a code has proved that the app knows the secret.
_SETUP = "setup"
HERE, CODES = "/account/totp", "/account/recovery-codes"


@pages.route("/totp", methods=["GET", "POST"], endpoint="totp")
@before_factor
def authenticator() -> ResponseReturnValue:
    """Show a QR code to scan and switch the app on with its first code, or switch it off."""
    question = ask_again(HERE)
    if question is not None:
        return question
    if request.method != "POST":
        return _page(CodeForm())
    if request.form.get("disable"):
        with working() as work:
            totp.disable(work, me(work.session), is_required=is_factor_required())
        flash(say(N_("验证器应用已停用。")), "success")
        return redirect(HERE)
    form = CodeForm()
    if not form.require_all():
        return _page(form), 422
    try:
        with working() as work:
            totp.enable(work, me(work.session), _secret(), form.code.data or "")
    except RuleBroken as refusal:
        form.show(refusal)
        return _page(form), 422
    session.pop(_SETUP, None)
    flash(say(N_("验证器应用已启用。")), "success")
    has_codes = recovery_code.number_left(db.session(), current_user.user_id)
    return redirect(HERE if has_codes else CODES)


@pages.route("/recovery-codes", methods=["GET", "POST"])
@before_factor
def recovery_codes() -> ResponseReturnValue:
    """Say how many codes are left; make new ones, and show them this once."""
    if request.method != "POST":
        return _codes_page([])
    question = ask_again(CODES)
    if question is not None:
        return question
    with working() as work:
        codes = recovery_code.renew(work, me(work.session))
    return _codes_page(codes)


def _codes_page(codes: list[str]) -> str:
    left = recovery_code.number_left(db.session(), current_user.user_id)
    return render_template("account/recovery_codes.html", codes=codes, left=left)


def _secret() -> str:
    """Return the secret of the open set-up; it stays the same until the set-up is done."""
    opened = (box().open_for(_SETUP, str(session.get(_SETUP, ""))) or "").partition(":")
    if opened[0] == str(current_user.user_id):
        return opened[2]
    secret = totp.new_secret()
    session[_SETUP] = box().close_for(_SETUP, f"{current_user.user_id}:{secret}")
    return secret


def _page(form: CodeForm) -> str:
    if totp.is_on(db.session(), current_user.user_id):
        return render_template("account/totp.html", form=form, secret="")
    secret = _secret()
    address = totp.address_of(secret, username=current_user.username, company=settings().company)
    picture = segno.make(address, error="m", micro=False).svg_data_uri(scale=5, light="#fff")
    return render_template(
        "account/totp.html",
        form=form,
        secret=secret,
        spelt=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=picture,
    )


register_retry("account.totp", lambda: _page(CodeForm()) if current_user.is_fresh else None)
