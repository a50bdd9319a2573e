"""The second factor after the password: until it is proved, nothing else opens."""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.entrance import NOBODY, Opened, not_now, open_session, welcome, where_to
from app.auth.forms import VerifyForm
from app.auth.login import pages
from app.core.db import db
from app.core.errors import TooMany
from app.core.words import N_
from app.core.work import Actor, Work, work_for
from app.domain.login import LoginResult
from app.domain.phone import masked_phone
from app.domain.second_factor import WRONG, Factor
from app.domain.sms_code import PAUSE, Purpose
from app.models.user import User
from app.services import (
    login,
    passkey,
    pending_login,
    recovery_code,
    second_factor,
    sms_code,
    totp,
    trusted_device,
)
from app.services.pending_login import Pending
from app.web import waiting
from app.web.actor import settings
from app.web.asking import local_path
from app.web.device import device_text, keep_trust
from app.web.locale import say
from app.web.security import public, register_retry
from app.web.working import origin

SENT = N_("如果手机号 %(phone)s 有效，您将收到验证码，%(n)s 秒后可重发。")

#: Factor → what judges a typed code, and uses it up.
JUDGES: dict[Factor, Callable[[Work, User, str, Pending], bool]] = {
    Factor.TOTP: lambda work, user, code, _: totp.accept(work, user.id, code),
    Factor.RECOVERY: lambda work, user, code, _: recovery_code.accept(work, user, code),
    Factor.SMS: lambda work, user, code, pending: (
        sms_code.is_offered(work.session, user)
        and sms_code.accept(work, user, code, Purpose.LOGIN, bound_to=pending.digest)
    ),
}


@pages.route("/login/verify", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    """Ask for the second factor of whoever gave the right password here a moment ago."""
    if current_user.is_authenticated:
        return redirect(where_to())
    pending = waiting.found()
    if pending is None:
        return from_the_start()
    form = VerifyForm()
    if request.method != "POST":
        return page(form, pending, notice=_notice(pending))
    if not form.require_all():
        return page(form, pending), 422
    factor = _chosen(form, pending)
    try:
        with work_for(NOBODY, origin()) as work:
            second_factor.charge(work, pending.user.id)
    except TooMany as refusal:
        words = say(refusal.message, refusal.facts)
        return not_now(page(form, pending, error=words), refusal.retry_after)
    with work_for(Actor(pending.user.id, pending.user.name), origin()) as work:
        user = second_factor.owner(work, pending.user.id)
        if user is None:
            return from_the_start()
        if not JUDGES[factor](work, user, form.code.data or "", pending):
            login.note(work, user.username, LoginResult.FACTOR, device_text(), user=user)
            return page(form, pending, error=say(WRONG)), 401
        opened, trust = finish(
            work,
            pending,
            factor,
            trusts=bool(form.trust_device.data),
        )
    return from_the_start() if opened is None else enter(opened, pending, trust)


def finish(
    work: Work, pending: Pending, factor: Factor, *, trusts: bool
) -> tuple[Opened | None, str]:
    """Begin the session of somebody who proved a second *factor*; None if they no longer wait.

    The text is the token of a browser that is to be trusted, "" for none.
    """
    user = second_factor.owner(work, pending.user.id)
    if user is None:
        return None, ""
    second_factor.give_back(work, user.id)
    if not pending_login.close(work, pending):
        return None, ""
    if factor is not Factor.SMS:
        sms_code.count_again(work, user.id)
    proved = factor.value
    login.note(work, user.username, LoginResult.OK, device_text(), user=user, factor=proved)
    trust = trusted_device.trust(work, user.id, device=device_text()) if trusts else ""
    opened = open_session(
        work,
        user,
        wants_remembering=pending.wants_remembering,
        remember_id=pending.remember_id,
    )
    return opened, trust


def enter(opened: Opened, pending: Pending, trust: str) -> ResponseReturnValue:
    """Lead somebody in who has proved both factors."""
    response = welcome(opened, was_remembered=not pending.is_fresh)
    if trust:
        keep_trust(response, trust)
    return response


def factors_of(user: User) -> list[Factor]:
    """Return how *user* may prove to be themselves, the best first."""
    session = db.session()
    found = [Factor.TOTP] if totp.is_on(session, user.id) else []
    if settings().passkey_host and passkey.is_on(session, user.id):
        found.append(Factor.PASSKEY)
    if settings().sms_url and sms_code.is_offered(session, user):
        found.append(Factor.SMS)
    if recovery_code.number_left(session, user.id):
        found.append(Factor.RECOVERY)
    return found


def _chosen(form: VerifyForm, pending: Pending) -> Factor:
    """Return the factor that a code is typed for; the best one where none is named."""
    wanted = form.method.data or request.args.get("method", "")
    typed = [factor for factor in factors_of(pending.user) if factor in JUDGES]
    named = [
        factor
        for factor in JUDGES
        if factor.value == wanted and (factor is not Factor.SMS or factor in typed)
    ]
    return next(iter([*named, *typed]), Factor.TOTP)


def _shown(form: VerifyForm, pending: Pending) -> Factor:
    """Return the factor that the page asks for: a passkey where there is no app, and nothing is named."""
    best, chosen = factors_of(pending.user)[:1], _chosen(form, pending)
    is_named = chosen.value == (form.method.data or request.args.get("method", ""))
    return Factor.PASSKEY if best == [Factor.PASSKEY] and not is_named else chosen


def _label(factor: Factor, user: User) -> str:
    """Return what a factor is called; the phone is named, for the password was right."""
    if factor is Factor.SMS:
        return say(N_("短信 %(phone)s（较弱）"), {"phone": masked_phone(user.phone or "")})
    return say(factor.label)


def _notice(pending: Pending) -> str:
    if not request.args.get("sent") or _chosen(VerifyForm(), pending) is not Factor.SMS:
        return ""
    facts = {"phone": masked_phone(pending.user.phone or ""), "n": PAUSE}
    return say(SENT, facts)


def page(form: VerifyForm, pending: Pending, **facts: str) -> str:
    """Return the page that asks for the second factor."""
    return render_template(
        "auth/verify.html",
        form=form,
        factors=[(one.value, _label(one, pending.user)) for one in factors_of(pending.user)],
        chosen=_shown(form, pending).value,
        phone=masked_phone(pending.user.phone or ""),
        next=local_path(request.values.get("next", "")),
        username=pending.user.username,
        **facts,
    )


def from_the_start() -> ResponseReturnValue:
    """Lead back to the password: nobody waits here, or no longer."""
    return redirect(url_for("auth.login", next=local_path(request.values.get("next", "")) or None))


def _retry() -> str | None:
    pending = waiting.found()
    expired = say(N_("页面已过期，请再试一次。"))
    return page(VerifyForm(), pending, error=expired) if pending else None


register_retry("auth.verify", _retry)
