"""Who is asking: the signed-in person as a plain, unchangeable object, loaded once per request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, current_user

from app.core import clock
from app.core.config import Settings
from app.core.db import db
from app.core.errors import Unavailable
from app.core.invalid import InvalidValue
from app.core.work import SYSTEM, Actor, work_for
from app.domain.permissions import Grants, clean_grants
from app.domain.rights import Held, rights_of
from app.services import device_session, remember_token
from app.services.device_session import HeldRole, SessionLimits, SignedIn
from app.services.password import PasswordPolicy
from app.services.rights import acting

SESSION_KEY = "id"  # what the signed cookie calls the token of the session
NOTE_WAIT = 100  # milliseconds that a page may wait for a note of activity
FRESH = timedelta(minutes=5)  # how long a given password counts for delicate changes


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in. *actor* is what services ask; the rest is for pages.

    *password_state* is "", "initial" (to be changed at once) or "expired"; *password_days_left* is
    None where passwords do not expire. *must_enrol* says that a role demands a second factor and
    there is none: everything but setting one up is closed.
    """

    user_id: int
    session_id: int
    username: str
    name: str
    role_names: tuple[str, ...]
    role_labels: tuple[str, ...]
    actor: Actor
    password_state: str
    password_days_left: int | None
    has_factor: bool
    must_enrol: bool
    confirmed_at: datetime
    expires_at: datetime
    theme: str
    density: str
    locale: str
    shortcuts: bool
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def must_change_password(self) -> bool:
        """Whether everything but the password page is closed."""
        return bool(self.password_state)

    @property
    def is_fresh(self) -> bool:
        """Whether the password was given within the last minutes."""
        return clock.now() - self.confirmed_at < FRESH

    def get_id(self) -> str:
        """Return the id as Flask-Login wants it."""
        return str(self.user_id)


NO_RIGHTS = Actor(None, "")


@dataclass(frozen=True, slots=True)
class Nobody:
    """Somebody who is not signed in: may do nothing."""

    actor: Actor = NO_RIGHTS
    user_id: int | None = None
    session_id: int | None = None
    username: str = ""
    name: str = ""
    role_names: tuple[str, ...] = ()
    role_labels: tuple[str, ...] = ()
    password_state: str = ""
    password_days_left: int | None = None
    must_change_password: bool = False
    has_factor: bool = False
    must_enrol: bool = False
    is_fresh: bool = False
    theme: str = ""
    density: str = ""
    locale: str = ""
    shortcuts: bool = True
    is_authenticated: bool = False
    is_active: bool = False
    is_anonymous: bool = True

    def get_id(self) -> None:
        """Return nothing: there is nobody."""


def install(app: Flask) -> None:
    """Let Flask-Login find the person behind each request in the table of sessions."""
    manager = LoginManager(app)
    manager.session_protection = None  # sessions are rows; nothing else is believed
    manager.anonymous_user = Nobody
    manager.request_loader(lambda _request: _load())
    app.config["REMEMBER_COOKIE_NAME"] = "flask-login-is-not-asked"
    app.context_processor(
        lambda: {
            "me": current_user if current_user.is_authenticated else None,
            "theme": current_user.theme,
            "density": current_user.density,
        }
    )


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.extensions["settings"]
    return found


def limits() -> SessionLimits:
    """Return how long sessions last here."""
    return SessionLimits.of(settings())


def policy() -> PasswordPolicy:
    """Return the rules of passwords here."""
    return PasswordPolicy.of(settings())


def is_factor_required(role_names: Iterable[str] | None = None) -> bool:
    """Tell whether one of *role_names* (default: of whoever is signed in) demands a second factor."""
    held = current_user.role_names if role_names is None else role_names
    return not set(settings().mfa_required_roles or ()).isdisjoint(held)


def actor_of(user: Any, roles: tuple[HeldRole, ...], *, has_separate_duties: bool) -> Actor:
    """Return what somebody may do who holds *roles*: of each permission the widest scope."""
    found = rights_of([_held(role) for role in roles], has_separate_duties=has_separate_duties)
    return acting(user, found)


def load_person() -> None:
    """Find the person once more: the session of this request was begun only now."""
    g._login_user = _load() or Nobody()


def _load() -> Person | None:
    token = session.get(SESSION_KEY)
    if not isinstance(token, str):
        return None
    found = device_session.find(db.session(), token, now=clock.now(), limits=limits())
    if found is None:
        return None
    _note_activity(found)
    return _person(found)


def _note_activity(found: SignedIn) -> None:
    """Keep the session alive; polling in the background does not, a busy database may skip it."""
    is_idle_for = clock.now() - found.seen_at
    if request.headers.get("X-Background") == "1" or is_idle_for < limits().touch_after:
        return
    try:
        with work_for(SYSTEM, lock_wait=NOTE_WAIT) as work:
            device_session.touch(work, found.session_id)
            remember_token.note_arrival(work, found.session_id)
    except Unavailable:
        current_app.logger.warning("activity was not noted: the database is busy")


def _person(found: SignedIn) -> Person:
    user = found.user
    days_left = policy().days_left(user.password_changed_at, clock.now())
    state = "initial" if user.must_change_password else ""
    if not state and days_left is not None and days_left <= 0:
        state = "expired"
    return Person(
        user_id=user.id,
        session_id=found.session_id,
        username=user.username,
        name=user.name,
        role_names=tuple(role.name for role in found.roles),
        role_labels=tuple(role.label for role in found.roles),
        actor=actor_of(user, found.roles, has_separate_duties=found.has_separate_duties),
        password_state=state,
        password_days_left=days_left,
        has_factor=user.has_factor,
        must_enrol=not user.has_factor and is_factor_required(role.name for role in found.roles),
        confirmed_at=found.confirmed_at,
        expires_at=found.expires_at,
        theme=user.theme or "",
        density=user.density or "",
        locale=user.locale or "",
        shortcuts=user.shortcuts,
    )


def _held(role: HeldRole) -> Held:
    """Return *role* as it counts; what cannot be understood grants nothing."""
    grants: Grants = {}
    try:
        grants = clean_grants(role.grants)
    except InvalidValue:
        current_app.logger.exception("role %s holds grants that nobody understands", role.name)
    return Held(role.name, role.label, grants, frozenset(role.hidden), role.export_rows)
