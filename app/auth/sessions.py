"""Where one is signed in, and which devices are trusted; ending either."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.account import pages
from app.core import clock
from app.core.db import db
from app.core.errors import Missing
from app.core.ids import as_id
from app.core.words import N_
from app.services import profile, trusted_device
from app.web.locale import say
from app.web.signed_in import sessions_of
from app.web.working import working


@pages.route("/sessions", methods=["GET", "POST"])
def sessions() -> ResponseReturnValue:
    """List the devices somebody is signed in with; end one of them, or all others."""
    if request.method != "POST":
        return render_template(
            "account/sessions.html", sessions=sessions_of(current_user.user_id), trusted=_trusted()
        )
    me = current_user
    with working() as work:
        if request.form.get("others"):
            profile.sign_out_elsewhere(work, me.user_id, but=me.session_id)
        else:
            profile.sign_out(work, me.user_id, _number())
    flash(say(N_("已退出")), "success")
    return redirect("/account/sessions")


@pages.post("/trusted")
def trusted() -> ResponseReturnValue:
    """Ask one of one's devices for the second factor again."""
    with working() as work:
        profile.distrust(work, current_user.user_id, _number())
    flash(say(N_("以后在这台设备上登录会再次询问。")), "success")
    return redirect("/account/sessions")


def _number() -> int:
    number = as_id(request.form.get("id"))
    if number is None:
        raise Missing
    return number


def _trusted() -> list[dict[str, object]]:
    return [
        {
            "id": one.id,
            "device": one.device,
            "address": one.address,
            "started": clock.minute_text(one.created_at),
            "ends": clock.minute_text(one.expires_at),
        }
        for one in trusted_device.of_user(db.session(), current_user.user_id, now=clock.now())
    ]
