"""Passkeys (WebAuthn): whether what a browser answers is true, and whose it is.

The authenticator has to verify its user, by finger, face or PIN, each time: so a passkey is two
factors in one. The challenge is used up before anything here is asked (passkey_challenge.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session
from webauthn import (
    base64url_to_bytes,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
)

from app.core.errors import Missing, broken
from app.core.words import N_
from app.core.work import Work
from app.domain.passkey import MAX_KEY, MOST, NOT_ADDED, TOO_MANY, Answer, handle_of
from app.models.passkey import Passkey
from app.models.user import User
from app.services import audit, letters, second_factor

Verified = TypeVar("Verified")

SUBJECT_ON = N_("通行密钥已添加")
TEXT_ON = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 刚刚添加了通行密钥“%(passkey)s”，以后可以用它登录。\n\n"
    "如果不是您本人操作，请立即联系系统管理员。\n"
)
SUBJECT_OFF = N_("通行密钥已删除")
TEXT_OFF = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 刚刚删除了通行密钥“%(passkey)s”，它不能再用来登录。\n\n"
    "如果不是您本人操作，请立即联系系统管理员。\n"
)
SUBJECT_COPIED = N_("通行密钥可能已被复制")
TEXT_COPIED = N_(
    "%(name)s，您好：\n\n"
    "刚刚有人用通行密钥“%(passkey)s”登录您在 %(company)s 的账号 %(username)s，但它的使用次数不对，"
    "可能已被复制，因此没有让对方登录。\n\n"
    "请在“通行密钥”页面删除它，并联系系统管理员。\n"
)
KNOWN = N_("这个通行密钥已经添加过。")


@dataclass(frozen=True, slots=True)
class Site:
    """The address that people use, which a passkey belongs to, and what authenticators call it."""

    url: str
    name: str

    @property
    def host(self) -> str:
        """The identifier of the relying party."""
        return urlsplit(self.url).hostname or ""


def of_user(session: Session, user_id: int) -> Sequence[Passkey]:
    """Return the passkeys of the user, the oldest first."""
    return session.scalars(
        select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    ).all()


def is_on(session: Session, user_id: int) -> bool:
    """Tell whether the user has a passkey."""
    return session.scalar(select(Passkey.id).where(Passkey.user_id == user_id).limit(1)) is not None


# -- adding and deleting ----------------------------------------------------------------


def enrol(work: Work, user: User, site: Site, answer: Answer, *, name: str) -> Passkey:
    """Keep the passkey that *answer* brings; the owner is told.

    Raises RuleBroken for what is not true, a passkey that is known, and one too many.
    """
    created = _verified(
        lambda: verify_registration_response(
            credential=dict(answer.credential),
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=site.host,
            expected_origin=site.url,
            require_user_verification=True,
        )
    )
    if created is None or created.credential_id != answer.credential_id:
        raise broken(None, NOT_ADDED)
    if not _is_usable(created.credential_public_key):
        raise broken(None, NOT_ADDED)
    work.session.get_one(User, user.id, with_for_update=True)  # two at once must not make eleven
    number = work.session.scalar(select(func.count()).where(Passkey.user_id == user.id)) or 0
    if number >= MOST:
        raise broken(None, TOO_MANY, n=MOST)
    if find(work.session, answer) is not None:
        raise broken(None, KNOWN)
    second_factor.forget_rest(work, user.id)
    made = Passkey(
        user_id=user.id,
        digest=_digest(created.credential_id),
        credential_id=bytes_to_base64url(created.credential_id),
        public_key=bytes_to_base64url(created.credential_public_key),
        sign_count=created.sign_count,
        transports=answer.transports,
        name=name,
        created_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    letters.write(work, user, SUBJECT_ON, TEXT_ON, passkey=name)
    audit.remember(work, "user.passkey_add", "user", user.id, {"passkey": [None, name]})
    return made


def remove(work: Work, user: User, number: int, *, is_required: bool) -> None:
    """Delete one passkey of the user; the owner is told.

    Raises Missing if it is not theirs, or not there; Blocked where a second factor *is_required*
    and this is the only one.
    """
    mine = (Passkey.id == number, Passkey.user_id == user.id)
    work.session.get_one(User, user.id, with_for_update=True)  # two at once must not leave none
    if work.session.scalar(select(Passkey.id).where(*mine)) is None:
        raise Missing
    if is_required:
        second_factor.require_another(work.session, user.id)
    gone = work.session.execute(delete(Passkey).where(*mine).returning(Passkey.name))
    name = gone.scalar_one()
    second_factor.forget_rest(work, user.id)
    letters.write(work, user, SUBJECT_OFF, TEXT_OFF, passkey=name)
    audit.remember(work, "user.passkey_delete", "user", user.id, {"passkey": [name, None]})


# -- signing in -------------------------------------------------------------------------


def find(session: Session, answer: Answer) -> Passkey | None:
    """Return the passkey that *answer* speaks of, whosever it is."""
    digest = _digest(answer.credential_id)
    return session.scalar(select(Passkey).where(Passkey.digest == digest))


def accept(work: Work, answer: Answer, site: Site, *, only_user: int | None = None) -> User | None:
    """Return who proved with *answer* to be themselves, and may sign in; None for whatever is wrong.

    *only_user* is the one who has given a password here. A counter that went back is remembered,
    and the owner told: there are two authenticators with the same key.
    """
    found = find(work.session, answer)
    user = _owner(work, found, answer) if found else None
    if found is None or user is None or only_user not in (None, user.id):
        return None
    signed = _verified(
        lambda: verify_authentication_response(
            credential=dict(answer.credential),
            expected_challenge=base64url_to_bytes(answer.challenge),
            expected_rp_id=site.host,
            expected_origin=site.url,
            credential_public_key=base64url_to_bytes(found.public_key),
            credential_current_sign_count=0,  # counted below: once the signature is known to be good
            require_user_verification=True,
        )
    )
    if signed is None:
        return None
    if not _counted(work, found, signed.new_sign_count):
        letters.write(work, user, SUBJECT_COPIED, TEXT_COPIED, passkey=found.name)
        changes = {"passkey": found.name, "sign_count": [found.sign_count, signed.new_sign_count]}
        audit.remember(work, "user.passkey_copied", "user", user.id, changes, result="denied")
        return None
    return user


def _owner(work: Work, found: Passkey, answer: Answer) -> User | None:
    """Return the user, whose row stays locked, if they may sign in at all."""
    user = work.session.scalar(
        select(User).where(User.id == found.user_id, User.is_active).with_for_update()
    )
    if user is None or (user.password_expires_at and user.password_expires_at <= work.now):
        return None
    if answer.user_handle and not compare_digest(answer.user_handle, handle_of(user.id)):
        return None
    return user


def _counted(work: Work, found: Passkey, count: int) -> bool:
    """Keep *count*; False if it is not more than before. Authenticators that count nothing say 0."""
    both_zero = Passkey.sign_count + count == 0
    kept = work.session.execute(
        update(Passkey)
        .where(Passkey.id == found.id, or_(Passkey.sign_count < count, both_zero))
        .values(sign_count=count, used_at=work.now)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return kept.scalar() is not None


def _is_usable(public_key: bytes) -> bool:
    """Tell whether signatures can be checked with *public_key*, at no great cost."""
    if len(public_key) > MAX_KEY:
        return False
    made = _verified(
        lambda: decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
    )
    return made is not None


def _verified(ask: Callable[[], Verified]) -> Verified | None:
    """Return what the library found to be true, None if it did not.

    It reads bytes that strangers made and raises whatever its parsers raise, twenty kinds of it.
    """
    try:
        return ask()
    except Exception:  # noqa: BLE001 - nothing in there touches the database, and no is the safe answer
        return None


def _digest(credential_id: bytes) -> str:
    return sha256(credential_id).hexdigest()
