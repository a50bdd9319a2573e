"""Codes by SMS: sending one as the second factor, and resetting a password with one."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.entrance import NOBODY, not_now
from app.auth.forms import ResetCodeForm, VerifyForm
from app.auth.login import pages
from app.auth.reset import lead_to_reset, sent_page
from app.auth.reset import pages as reset_pages
from app.auth.verify import factors_of, from_the_start, page
from app.core.errors import TooMany
from app.core.words import N_
from app.core.work import Actor, work_for
from app.domain.second_factor import Factor
from app.domain.sms_code import PAUSE, Purpose
from app.models.user import User
from app.services import password_reset, sms_code
from app.services.pending_login import Pending
from app.web import limits, refusals, waiting
from app.web.actor import settings
from app.web.asking import local_path, wants_json
from app.web.locale import say
from app.web.security import public, register_retry
from app.web.working import origin

WRONG = N_("验证码不正确或已失效，请重试或重新申请。")
TOO_MANY = N_("尝试次数过多，请在 %(n)s 分钟后再试。")
EXPIRED = N_("页面已过期，请再试一次。")


@pages.post("/login/sms/send")
@public
def send_sms() -> ResponseReturnValue:
    """Send a code to whoever gave the right password here; without a phone the answer is the same."""
    _require_gateway()
    pending = waiting.found()
    if pending is None:
        return ({"error": "login"}, 401) if wants_json() else from_the_start()
    try:
        _send(pending)
    except TooMany as refusal:
        if wants_json():
            return refusals.refused(refusal)
        words = say(refusal.message, refusal.facts)
        answer = page(VerifyForm(method=Factor.SMS.value), pending, error=words)
        return not_now(answer, refusal.retry_after)
    if wants_json():
        return {"sent": True, "retry_after": PAUSE}
    next_page = local_path(request.values.get("next", "")) or None
    return redirect(url_for("auth.verify", method=Factor.SMS.value, sent=1, next=next_page))


def _send(pending: Pending) -> None:
    if Factor.SMS not in factors_of(pending.user):
        return
    with work_for(Actor(pending.user.id, pending.user.name), origin()) as work:
        user = work.session.get_one(User, pending.user.id)
        sms_code.send(work, user, Purpose.LOGIN, bound_to=pending.digest)


@reset_pages.post("/reset-password/sms")
@public
def reset_by_sms() -> ResponseReturnValue:
    """Judge the code of somebody who forgot the password; a right one leads to choosing a new one."""
    _require_gateway()
    form = ResetCodeForm()
    identity = form.identity.data or ""
    if not form.require_all():
        words = " ".join(error for field in form for error in field.errors)
        return sent_page(identity, error=words), 422
    limits.count("reset")
    with work_for(NOBODY, origin()) as work:
        charge = password_reset.charge_code(work, identity)
    if not charge.is_allowed:
        words = say(TOO_MANY, {"n": -(-charge.wait // 60)})
        return not_now(sent_page(identity, error=words), charge.wait)
    with work_for(NOBODY, origin()) as work:
        token = password_reset.redeem_code(
            work, identity, form.code.data or "", minutes=settings().reset_minutes
        )
    return lead_to_reset(token) if token else (sent_page(identity, error=say(WRONG)), 401)


def _require_gateway() -> None:
    """Answer as if there were nothing here, where no message can be sent."""
    if not settings().sms_url:
        abort(404)


def _waiting_again() -> str | None:
    pending = waiting.found() if settings().sms_url else None
    return page(VerifyForm(), pending, error=say(EXPIRED)) if pending else None


def _typed_again() -> str | None:
    if not settings().sms_url:
        return None
    return sent_page(ResetCodeForm().identity.data or "", error=say(EXPIRED))


register_retry("auth.send_sms", _waiting_again)
register_retry("reset.reset_by_sms", _typed_again)
