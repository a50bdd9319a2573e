"""Passkey challenges: what a browser is asked for, and the random bytes in it, which are good once."""

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
)
from webauthn.helpers import bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.core.errors import broken
from app.core.work import Work
from app.domain.passkey import ENROL, MOST, PATIENCE, TOO_MANY, handle_of
from app.models.passkey import Passkey
from app.models.passkey_challenge import PasskeyChallenge
from app.models.user import User
from app.services import passkey
from app.services.passkey import Site

Options = dict[str, Any]

_BYTES = 32
_TIMEOUT = int(PATIENCE.total_seconds() * 1000)  # milliseconds, as browsers count


def creation_options(work: Work, user: User, site: Site, *, browser: str) -> Options:
    """Return what ``navigator.credentials.create`` is asked for.

    Raises RuleBroken where the user has as many passkeys as there may be.
    """
    mine = passkey.of_user(work.session, user.id)
    if len(mine) >= MOST:
        raise broken(None, TOO_MANY, n=MOST)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=handle_of(user.id),
        user_name=user.username,
        user_display_name=user.name,
        challenge=_new(work, ENROL, browser=browser, user_id=user.id),
        timeout=_TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,  # or it could not be used alone
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(mine),
    )
    return options_to_json_dict(options)


def request_options(
    work: Work, site: Site, *, purpose: str, browser: str, user_id: int | None = None
) -> Options:
    """Return what ``navigator.credentials.get`` is asked for: the passkeys of the user, or any."""
    mine = passkey.of_user(work.session, user_id) if user_id else ()
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=_new(work, purpose, browser=browser, user_id=user_id),
        timeout=_TIMEOUT,
        allow_credentials=_described(mine),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _described(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[AuthenticatorTransport(kind) for kind in one.transports.split(",") if kind],
        )
        for one in passkeys
    ]


def _new(work: Work, purpose: str, *, browser: str, user_id: int | None = None) -> bytes:
    """Return new random bytes, good once and for five minutes, for this *browser* and *user_id*."""
    challenge = secrets.token_bytes(_BYTES)
    work.session.add(
        PasskeyChallenge(
            challenge=bytes_to_base64url(challenge),
            purpose=purpose,
            browser=browser,
            user_id=user_id,
            expires_at=work.now + PATIENCE,
        )
    )
    work.session.flush()
    return challenge


def take(
    work: Work, challenge: str, purpose: str, *, browser: str, user_id: int | None = None
) -> bool:
    """Use *challenge* up; tell whether it was given for all of this, and not too long ago.

    Of two requests that take it at once, one is told True. What another browser was given is left
    to it; whatever else does not fit uses the challenge up.
    """
    row = work.session.execute(
        delete(PasskeyChallenge)
        .where(PasskeyChallenge.challenge == challenge, PasskeyChallenge.browser == browser)
        .returning(PasskeyChallenge.purpose, PasskeyChallenge.user_id, PasskeyChallenge.expires_at)
    ).one_or_none()
    return (
        row is not None
        and row.purpose == purpose
        and row.user_id == user_id
        and row.expires_at > work.now
    )


def forget_over(work: Work) -> None:
    """Remove what nobody sent back."""
    work.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= work.now))
