"""TOTP (RFC 6238): codes of an authenticator app, each accepted once.

A time step is accepted once and never after a newer one: pyotp has no memory, so the row keeps the
last step and one conditional UPDATE decides, also between parallel requests.
"""

import logging
from hmac import compare_digest

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.core.errors import Blocked, broken
from app.core.tokens import box
from app.core.words import N_
from app.core.work import Work
from app.domain.second_factor import DRIFT, STEP, TOTP_DIGITS, WRONG, is_digits, typed_code
from app.models.totp import Totp
from app.models.user import User
from app.services import audit, letters, second_factor

SUBJECT_ON = N_("验证器应用已启用")
TEXT_ON = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 刚刚启用了验证器应用，以后登录时需要输入它显示的验证码。\n\n"
    "如果不是您本人操作，请立即联系系统管理员。\n"
)
SUBJECT_OFF = N_("验证器应用已停用")
TEXT_OFF = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 刚刚停用了验证器应用。\n\n"
    "如果不是您本人操作，请立即联系系统管理员。\n"
)
log = logging.getLogger("app.totp")

ALREADY = N_("验证器应用已经启用。")


def new_secret() -> str:
    """Return a new secret of 160 bits in base32, as authenticator apps take it."""
    return pyotp.random_base32()


def address_of(secret: str, *, username: str, company: str) -> str:
    """Return the ``otpauth`` address that a QR code carries to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=company)


def enable(work: Work, user: User, secret: str, typed: str) -> None:
    """Switch the app with *secret* on, once *typed* proves that it holds it; the owner is told.

    Raises RuleBroken beside ``code``, Blocked where an app is on already.
    """
    if is_on(work.session, user.id):
        raise Blocked(ALREADY)
    second_factor.forget_rest(work, user.id)
    step = _step_of(work, secret, typed)
    if step is None:
        raise broken("code", WRONG)
    work.session.add(
        Totp(user_id=user.id, secret=box().close(secret), last_step=step, created_at=work.now)
    )
    work.session.flush()
    letters.write(work, user, SUBJECT_ON, TEXT_ON)
    audit.remember(work, "user.totp_enable", "user", user.id)


def disable(work: Work, user: User, *, is_required: bool) -> None:
    """Switch the app off and forget its secret; the owner is told.

    Raises Blocked where a second factor *is_required* and this is the only one.
    """
    second_factor.owner(work, user.id)  # the last passkey must not go at the same time
    if not is_on(work.session, user.id):
        return
    if is_required:
        second_factor.require_another(work.session, user.id)
    work.session.execute(delete(Totp).where(Totp.user_id == user.id))
    second_factor.forget_rest(work, user.id)
    letters.write(work, user, SUBJECT_OFF, TEXT_OFF)
    audit.remember(work, "user.totp_disable", "user", user.id)


def is_on(session: Session, user_id: int) -> bool:
    """Tell whether the user has an authenticator app."""
    return session.scalar(select(Totp.id).where(Totp.user_id == user_id)) is not None


def accept(work: Work, user_id: int, typed: str) -> bool:
    """Tell whether *typed* is a code that was not used yet, and use it up."""
    sealed = work.session.scalar(select(Totp.secret).where(Totp.user_id == user_id))
    secret = box().open(sealed) if sealed else None
    if sealed and secret is None:
        log.error("the secret of an authenticator is sealed with a key that DATA_KEYS lacks")
    step = _step_of(work, secret, typed) if secret else None
    if sealed is None or step is None:
        return False
    used = work.session.execute(
        update(Totp)
        .where(Totp.user_id == user_id, Totp.secret == sealed, Totp.last_step < step)
        .values(last_step=step, secret=box().renewed(sealed) or sealed)
        .returning(Totp.id)
    )
    return used.scalar() is not None


def reseal(work: Work) -> tuple[int, int]:
    """Close every secret with the newest of DATA_KEYS; return how many were, and how many do not open."""
    renewed = lost = 0
    for number, sealed in work.session.execute(
        select(Totp.id, Totp.secret).with_for_update()
    ).all():
        if box().open(sealed) is None:
            lost += 1
        elif fresh := box().renewed(sealed):
            work.session.execute(update(Totp).where(Totp.id == number).values(secret=fresh))
            renewed += 1
    return renewed, lost


def _step_of(work: Work, secret: str, typed: str) -> int | None:
    """Return the time step that the code *typed* belongs to, now or one step off; None: to none."""
    code = typed_code(typed)
    if not is_digits(code, TOTP_DIGITS):
        return None
    now = int(work.now.timestamp()) // STEP
    app = pyotp.TOTP(secret)
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if compare_digest(app.generate_otp(step), code):
            found = step
    return found
