"""Signing in with user name and password: charge, judge, conclude.

Three steps, because hashing takes long and must not happen inside a transaction: on SQLite nobody
else could write meanwhile, on PostgreSQL parallel guesses would queue up behind one locked row.
Outcomes are returned and committed, never raised: a raise would roll back the very try that counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, update

from app.core import passwords
from app.core.tokens import box
from app.core.work import Actor, Work
from app.domain.identity import username_key
from app.domain.login import (
    ADDRESS_TRIES,
    SPARED,
    LoginResult,
    Verdict,
    masked_username,
    network_of,
)
from app.models.login_log import LoginLog
from app.models.user import User
from app.services import audit, login_counter, second_factor
from app.services.login_counter import Charge

MAX_SUBMITTED = 200  # characters of a user name that are looked at
_MAX_LOGGED = 64
_MAX_DEVICE = 255


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in, charged. *stored* is the hash to judge it by, None for nobody."""

    username: str
    device: str
    charge: Charge
    address_key: str | None
    user_id: int | None = None
    stored: str | None = None

    @property
    def locked(self) -> Verdict:
        """The answer where the limit is reached."""
        return Verdict(LoginResult.LOCKED, retry_after=self.charge.wait)


def identity_of(username: str) -> str:
    """Return the digest that counters of a *submitted* user name share, however it is written."""
    return box().name(username_key(username[:MAX_SUBMITTED]))


def open_attempt(
    work: Work,
    *,
    username: str,
    device: str,
    known_device: str | None,
    steps: Sequence[int],
) -> Attempt:
    """Count a try and return it; ``charge.is_allowed`` tells whether its password may be judged.

    *known_device* is the id of a device that has signed in as this very user before: it has its own
    counter, so that strangers who know the user name cannot keep its owner out.
    """
    identity = identity_of(username)
    address_key = None if known_device else f"address:{network_of(work.origin.address)}"
    if address_key:
        by_address = login_counter.charge(work, address_key, tries=ADDRESS_TRIES)
        if not by_address.is_allowed:
            return _refused(work, Attempt(username, device, by_address, None))
    key = f"device:{known_device}:{identity}" if known_device else f"identity:{identity}"
    charge = login_counter.charge(work, key, steps=steps, identity=identity)
    attempt = Attempt(username, device, charge, address_key)
    if not charge.is_allowed:
        if address_key:
            login_counter.give_back(work, address_key)
        return _refused(work, attempt)
    user = _user_named(work, username)
    return replace(attempt, user_id=user.id, stored=user.password_hash) if user else attempt


def matches(attempt: Attempt, password: str) -> bool:
    """Tell whether *password* is right; takes the same time for users that do not exist."""
    return passwords.match(attempt.stored, password)


def renewed_hash(attempt: Attempt, password: str) -> str | None:
    """Return a stronger hash of the right *password*, where the stored one has become weak."""
    if attempt.stored and passwords.needs_rehash(attempt.stored):
        return passwords.make_hash(password)
    return None


def conclude(
    work: Work,
    attempt: Attempt,
    *,
    is_right: bool,
    renewed: str | None = None,
    trust_token: str = "",
) -> tuple[Verdict, User | None]:
    """Remember how *attempt* ended; return the verdict and, if the password was right, the user.

    PENDING says that a second factor has to follow, which *trust_token* of this browser may spare.
    A disabled user, one whose one-time password ran out and one whose password was changed while it
    was being judged are wrong like any other.
    """
    user = _still_good(work, attempt) if is_right else None
    if user is None:
        verdict = Verdict(LoginResult.WRONG, left=attempt.charge.left)
        if not attempt.charge.left:
            verdict = attempt.locked
        _note_try(work, attempt, verdict.result)
        return verdict, None
    if attempt.address_key:
        login_counter.give_back(work, attempt.address_key)
    login_counter.forgive(work, attempt.charge.key)
    if renewed:
        work.session.execute(update(User).where(User.id == user.id).values(password_hash=renewed))
    is_asked = second_factor.is_asked(work.session, user.id, trust_token, now=work.now)
    result = LoginResult.PENDING if is_asked else LoginResult.OK
    factor = spared(work, user.id, trust_token) if result is LoginResult.OK else ""
    note(work, attempt.username, result, attempt.device, user=user, factor=factor)
    return Verdict(result), user


def spared(work: Work, user_id: int, trust_token: str) -> str:
    """Return what the entry of somebody says who was not asked for the second factor they have."""
    return SPARED if trust_token and second_factor.has_one(work.session, user_id) else ""


def _user_named(work: Work, username: str) -> User | None:
    folded = username_key(username[:MAX_SUBMITTED])
    return work.session.scalar(select(User).where(User.username_folded == folded))


def _still_good(work: Work, attempt: Attempt) -> User | None:
    """Return the user, whose row stays locked: sessions of one person start one after another."""
    user = work.session.scalar(
        select(User)
        .where(
            User.id == attempt.user_id,
            User.password_hash == attempt.stored,
            User.is_active,
        )
        .with_for_update()
    )
    if user and user.password_expires_at and user.password_expires_at <= work.now:
        return None
    return user


def _refused(work: Work, attempt: Attempt) -> Attempt:
    if attempt.charge.is_worth_noting:
        user = _user_named(work, attempt.username)
        known = replace(attempt, user_id=user.id) if user else attempt
        _note_try(work, known, LoginResult.LOCKED)
    return attempt


def note(
    work: Work,
    username: str,
    result: LoginResult,
    device: str,
    *,
    user: User | None = None,
    factor: str = "",
) -> None:
    """Write into the login log and the audit how it ended for *user*, or for nobody.

    *factor* says what was proved beside, or instead of, the password.
    """
    _log(work, username, result, device)
    changes = {"factor": factor} if factor else None
    by = Actor(user.id, user.name) if user else Actor(None, username)
    _audit(work, by, result, user.id if user else None, changes)


def _note_try(work: Work, attempt: Attempt, result: LoginResult) -> None:
    """Write *attempt* down, in the name that was given if somebody has it."""
    username = attempt.username.strip().replace("\0", "")
    if attempt.user_id is None:
        username = masked_username(username)
    _log(work, username, result, attempt.device)
    _audit(work, Actor(None, username[:_MAX_LOGGED]), result, attempt.user_id)


def _log(work: Work, username: str, result: LoginResult, device: str) -> None:
    work.session.add(
        LoginLog(
            at=work.now,
            username=username.strip()[:_MAX_LOGGED].replace("\0", ""),
            result=result,
            address=work.origin.address,
            device=device[:_MAX_DEVICE],
        )
    )


def _audit(
    work: Work,
    actor: Actor,
    result: LoginResult,
    user_id: int | None,
    changes: Mapping[str, str] | None = None,
) -> None:
    how = "ok" if result is LoginResult.OK else str(result.value)
    audit.remember(replace(work, actor=actor), "login", "user", user_id, changes, result=how)
