"""Passkeys: signing in with one – alone or after the password – and one's own list of them."""

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth import account, login, verify
from app.auth.entrance import HOME, NOBODY, Opened, admit, me, open_session
from app.core import clock, tokens
from app.core.db import db
from app.core.errors import Missing, RuleBroken
from app.core.ids import as_id
from app.core.words import N_
from app.core.work import Actor, work_for
from app.domain.login import LoginResult
from app.domain.passkey import (
    ENROL,
    FACTOR,
    LOGIN,
    MAX_BODY,
    MAX_NAME,
    MOST,
    NOT_ADDED,
    REFUSED,
    UNNAMED,
    Answer,
    read_created,
    read_signed,
    tidy_name,
)
from app.domain.second_factor import Factor
from app.models.user import User
from app.services import login as logins
from app.services import passkey, passkey_challenge, recovery_code, second_factor, sms_code
from app.services.passkey import Site
from app.services.pending_login import Pending
from app.web import limits, waiting
from app.web.actor import is_factor_required, settings
from app.web.asking import local_path, sent_json
from app.web.device import device_text, keep_trust, remember_device
from app.web.locale import say
from app.web.security import ask_again, before_factor, public
from app.web.working import origin, working

HERE, CODES = "/account/passkeys", "/account/recovery-codes"

for pages in (login.pages, account.pages):
    pages.context_processor(lambda: {"passkey_host": settings().passkey_host})


# -- at the door ------------------------------------------------------------------------


@login.pages.post("/login/passkey/begin")
@public
def begin_passkey() -> ResponseReturnValue:
    """Return what to ask an authenticator for; without a password it is the same for everybody."""
    limits.count("passkey")
    pending = _pending(sent_json(MAX_BODY))
    with work_for(NOBODY, origin()) as work:
        return passkey_challenge.request_options(
            work,
            _site(),
            purpose=FACTOR if pending else LOGIN,
            browser=_browser(),
            user_id=pending.user.id if pending else None,
        )


@login.pages.post("/login/passkey/finish")
@public
def finish_passkey() -> ResponseReturnValue:
    """Let in whoever the authenticator answers for, as the second factor or for both."""
    limits.count("passkey")
    sent = sent_json(MAX_BODY)
    pending = _pending(sent)
    answer = read_signed(sent.get("credential"))
    user_id = pending.user.id if pending else None
    if answer is None or not _taken(answer, FACTOR if pending else LOGIN, user_id):
        return _refused(REFUSED)
    found = passkey.find(db.session(), answer)
    judged = user_id or (found.user_id if found else None)
    if judged is None:
        with work_for(NOBODY, origin()) as work:
            logins.note(work, "", LoginResult.WRONG, device_text())
        return _refused(REFUSED)
    if pending:  # a passkey alone guesses at nothing: strangers must not use up the owner's tries
        with work_for(NOBODY, origin()) as work:
            second_factor.charge(work, judged)
    opened, trust = _judged(answer, judged, pending, trusts=_is_ticked(sent.get("trust_device")))
    if opened is None:
        return _refused(REFUSED)
    return _led_in(opened, pending, trust, where=_where(sent))


def _judged(
    answer: Answer, user_id: int, pending: Pending | None, *, trusts: bool
) -> tuple[Opened | None, str]:
    """Begin a session if *answer* is true; what it led to is remembered either way."""
    with work_for(Actor(user_id, _name_of(user_id)), origin()) as work:
        only = pending.user.id if pending else None
        user = passkey.accept(work, answer, _site(), only_user=only)
        if user is None:
            known = work.session.get_one(User, user_id)
            result = LoginResult.FACTOR if pending else LoginResult.WRONG
            logins.note(work, known.username, result, device_text(), user=known)
            return None, ""
        if pending:
            return verify.finish(work, pending, Factor.PASSKEY, trusts=trusts)
        sms_code.count_again(work, user.id)
        proved = Factor.PASSKEY.value
        logins.note(work, user.username, LoginResult.OK, device_text(), user=user, factor=proved)
        return open_session(work, user), ""


def _led_in(opened: Opened, pending: Pending | None, trust: str, *, where: str) -> Response:
    admit(opened, was_remembered=pending is not None and not pending.is_fresh)
    response = jsonify(redirect=where)
    remember_device(response, opened.user.username)
    if trust:
        keep_trust(response, trust)
    return response


def _pending(sent: dict[str, Any]) -> Pending | None:
    """Return who waits here for the second factor, unless the passkey is to do for both."""
    return None if _is_ticked(sent.get("alone")) else waiting.found()


def _where(sent: dict[str, Any]) -> str:
    wanted = sent.get("next") or request.args.get("next", "")
    return (local_path(wanted) if isinstance(wanted, str) else "") or HOME


def _is_ticked(value: object) -> bool:
    return value in (True, 1, "1")


def _name_of(user_id: int) -> str:
    return db.session.get_one(User, user_id).name


# -- one's own --------------------------------------------------------------------------


@account.pages.route("/passkeys", methods=["GET", "POST"])
@before_factor
def passkeys() -> ResponseReturnValue:
    """List one's passkeys; delete one."""
    if request.method != "POST":
        return render_template(
            "account/passkeys.html",
            passkeys=_listed(),
            most=MOST,
            longest=MAX_NAME,
            device=device_text(),
        )
    question = ask_again(HERE)
    if question is not None:
        return question
    number = as_id(request.form.get("id"))
    if number is None:
        raise Missing
    with working() as work:
        passkey.remove(work, me(work.session), number, is_required=is_factor_required())
    flash(say(N_("通行密钥已删除。")), "success")
    return redirect(HERE)


@account.pages.post("/passkeys/begin")
@before_factor
def begin_enrolment() -> ResponseReturnValue:
    """Return what to ask an authenticator for, so that it makes a new passkey."""
    question = ask_again(HERE)
    if question is not None:
        return question
    limits.count("passkey")
    try:
        with working() as work:
            return passkey_challenge.creation_options(
                work, me(work.session), _site(), browser=_browser()
            )
    except RuleBroken as refusal:
        return _refused(refusal)


@account.pages.post("/passkeys/finish")
@before_factor
def finish_enrolment() -> ResponseReturnValue:
    """Keep the passkey that was made."""
    question = ask_again(HERE)
    if question is not None:
        return question
    limits.count("passkey")
    sent = sent_json(MAX_BODY)
    answer = read_created(sent.get("credential"))
    if answer is None or not _taken(answer, ENROL, current_user.user_id):
        return _refused(NOT_ADDED)
    name = tidy_name(sent.get("name")) or device_text() or say(UNNAMED)
    try:
        with working() as work:
            passkey.enrol(work, me(work.session), _site(), answer, name=name)
    except RuleBroken as refusal:
        return _refused(refusal)
    flash(say(N_("通行密钥已添加。")), "success")
    has_codes = recovery_code.number_left(db.session(), current_user.user_id)
    return {"redirect": HERE if has_codes else CODES}


def _listed() -> list[dict[str, object]]:
    return [
        {
            "id": one.id,
            "name": one.name,
            "created": clock.minute_text(one.created_at),
            "used": clock.minute_text(one.used_at) if one.used_at else "",
        }
        for one in passkey.of_user(db.session(), current_user.user_id)
    ]


# -- both -------------------------------------------------------------------------------


def _site() -> Site:
    return Site(settings().public_url, settings().company)


def _browser() -> str:
    """Return the digest of what only this browser holds: the secret that its CSRF tokens are made of."""
    return tokens.digest_of(session["csrf_token"])


def _taken(answer: Answer, purpose: str, user_id: int | None) -> bool:
    """Use the challenge of *answer* up, for good, before anything else is looked at."""
    with work_for(NOBODY, origin()) as work:
        return passkey_challenge.take(
            work, answer.challenge, purpose, browser=_browser(), user_id=user_id
        )


def _refused(why: str | RuleBroken) -> ResponseReturnValue:
    if isinstance(why, RuleBroken):
        problem = why.problems[0]
        return {"error": say(problem.message, problem.facts)}, 400
    return {"error": say(why)}, 400
