"""Trusted devices: browsers whose owner asked not to be asked for the second factor again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import tokens
from app.core.errors import Missing
from app.core.work import Work
from app.domain.second_factor import TRUSTED
from app.models.trusted_device import TrustedDevice
from app.services import audit

_MAX_DEVICE = 255


def trust(work: Work, user_id: int, *, device: str) -> str:
    """Return a token with which this browser is believed for 30 days."""
    token = tokens.new_token()
    work.session.add(
        TrustedDevice(
            digest=tokens.digest_of(token),
            user_id=user_id,
            address=work.origin.address,
            device=device[:_MAX_DEVICE],
            created_at=work.now,
            expires_at=work.now + TRUSTED,
        )
    )
    work.session.flush()
    audit.remember(work, "user.trust", "user", user_id, {"device": device[:_MAX_DEVICE]})
    return token


def is_trusted(session: Session, user_id: int, token: str, *, now: datetime) -> bool:
    """Tell whether *token* belongs to a browser that this very user trusts."""
    known = select(TrustedDevice.id).where(
        TrustedDevice.digest == tokens.digest_of(token),
        TrustedDevice.user_id == user_id,
        TrustedDevice.expires_at > now,
    )
    return bool(token) and session.scalar(known) is not None


def of_user(session: Session, user_id: int, *, now: datetime) -> Sequence[TrustedDevice]:
    """Return the browsers that the user trusts, the newest first."""
    return session.scalars(
        select(TrustedDevice)
        .where(TrustedDevice.user_id == user_id, TrustedDevice.expires_at > now)
        .order_by(TrustedDevice.id.desc())
    ).all()


def distrust(work: Work, user_id: int, number: int) -> None:
    """Ask one browser of the user again; raise Missing if it is not theirs, or not there."""
    gone = work.session.execute(
        delete(TrustedDevice)
        .where(TrustedDevice.id == number, TrustedDevice.user_id == user_id)
        .returning(TrustedDevice.id)
    )
    if gone.scalar() is None:
        raise Missing


def distrust_all(work: Work, user_id: int) -> None:
    """Ask every browser of the user again."""
    work.session.execute(delete(TrustedDevice).where(TrustedDevice.user_id == user_id))


def forget_over(work: Work) -> None:
    """Remove the rows whose time is over."""
    work.session.execute(delete(TrustedDevice).where(TrustedDevice.expires_at <= work.now))
