"""Device sessions: begin, find, keep alive and end what somebody is signed in with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.core import tokens
from app.core.config import Settings
from app.core.errors import Missing
from app.core.work import Work
from app.models.device_session import DeviceSession
from app.models.remember_token import RememberToken
from app.models.role import Role, user_roles
from app.models.setting import Setting
from app.models.user import User
from app.services import second_factor

#: Activity is written down once a minute at most, or once in a twentieth of the idle time.
_TOUCH_AT_MOST = timedelta(minutes=1)
_TOUCHES_PER_IDLE = 20
_MAX_DEVICE = 255
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts, without activity and at all, and how many one person has."""

    idle: timedelta
    absolute: timedelta
    most: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the limits that *settings* ask for."""
        return cls(
            timedelta(minutes=settings.session_idle_minutes),
            timedelta(hours=settings.session_hours),
            settings.session_max,
        )

    @property
    def touch_after(self) -> timedelta:
        """How old the last note of activity may become."""
        return min(_TOUCH_AT_MOST, self.idle / _TOUCHES_PER_IDLE)


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role of somebody signed in, as plain values."""

    name: str
    label: str
    grants: dict[str, Any]
    hidden: list[str]
    export_rows: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is good, whose it is, and what that person holds."""

    session_id: int
    seen_at: datetime
    confirmed_at: datetime
    expires_at: datetime
    user: Any
    roles: tuple[HeldRole, ...]
    has_separate_duties: bool


_USER_COLUMNS = (
    User.id,
    User.username,
    User.name,
    User.department_id,
    User.password_changed_at,
    User.must_change_password,
    User.locale,
    User.theme,
    User.density,
    User.shortcuts,
    second_factor.is_on(User.id).label("has_factor"),
)
_SESSION_COLUMNS = (
    DeviceSession.id.label("session_id"),
    DeviceSession.seen_at,
    DeviceSession.confirmed_at,
    DeviceSession.expires_at,
)


def start(
    work: Work,
    user_id: int,
    *,
    device: str,
    limits: SessionLimits,
    remember_id: int | None = None,
    is_fresh: bool = True,
) -> str:
    """Begin a session and return its token, for the browser alone; the oldest ones make room.

    It is not fresh if no password was given; then *remember_id* names the remembered browser.
    """
    token = tokens.new_token()
    forget_over(work, limits, user_id=user_id)
    work.session.add(
        DeviceSession(
            digest=tokens.digest_of(token),
            user_id=user_id,
            created_at=work.now,
            seen_at=work.now,
            confirmed_at=work.now if is_fresh else _NEVER,
            expires_at=work.now + limits.absolute,
            remember_id=remember_id,
            address=work.origin.address,
            device=device[:_MAX_DEVICE],
        )
    )
    work.session.flush()
    _make_room(work, user_id, limits.most)
    return token


def find(session: Session, token: str, *, now: datetime, limits: SessionLimits) -> SignedIn | None:
    """Return whose session *token* is, and what they hold, in one statement; None if it is over."""
    duties = select(Setting.value).where(Setting.key == "separate_duties").scalar_subquery()
    rows = session.execute(
        select(
            *_SESSION_COLUMNS,
            *_USER_COLUMNS,
            Role.name.label("role"),
            Role.label.label("role_label"),
            Role.grants,
            Role.hidden,
            Role.export_rows,
            duties.label("duties"),
        )
        .join(User, User.id == DeviceSession.user_id)
        .outerjoin(user_roles, user_roles.c.user_id == User.id)
        .outerjoin(Role, Role.id == user_roles.c.role_id)
        .where(
            DeviceSession.digest == tokens.digest_of(token),
            DeviceSession.expires_at > now,
            DeviceSession.seen_at > now - limits.idle,
            User.is_active,
        )
        .order_by(Role.id)
    ).all()
    if not rows:
        return None
    first = rows[0]
    return SignedIn(
        first.session_id,
        first.seen_at,
        first.confirmed_at,
        first.expires_at,
        first,
        _roles(rows),
        first.duties == "1",
    )


def touch(work: Work, session_id: int) -> None:
    """Note that the session is in use; one that has ended meanwhile stays ended."""
    work.session.execute(
        update(DeviceSession)
        .where(DeviceSession.id == session_id, DeviceSession.seen_at < work.now)
        .values(seen_at=work.now)
    )


def confirm(work: Work, session_id: int) -> None:
    """Note that the password was given again just now."""
    work.session.execute(
        update(DeviceSession).where(DeviceSession.id == session_id).values(confirmed_at=work.now)
    )


def of_user(
    session: Session, user_id: int, *, now: datetime, limits: SessionLimits
) -> Sequence[DeviceSession]:
    """Return the living sessions of a user, the one used last first."""
    return session.scalars(
        select(DeviceSession)
        .where(
            DeviceSession.user_id == user_id,
            DeviceSession.expires_at > now,
            DeviceSession.seen_at > now - limits.idle,
        )
        .order_by(DeviceSession.seen_at.desc(), DeviceSession.id.desc())
    ).all()


def end(work: Work, user_id: int, session_id: int) -> None:
    """End one session of the user; raise Missing if it is not theirs, or not there."""
    if not _end(work, DeviceSession.id == session_id, DeviceSession.user_id == user_id):
        raise Missing


def drop(work: Work, session_id: int) -> None:
    """End one session, whether or not it is still there."""
    _end(work, DeviceSession.id == session_id)


def end_all(work: Work, user_id: int, *, but: int | None = None) -> None:
    """End every session of the user and forget all their browsers, except for the session *but*."""
    kept = select(DeviceSession.remember_id).where(
        DeviceSession.id == but, DeviceSession.remember_id.is_not(None)
    )
    work.session.execute(
        delete(RememberToken).where(RememberToken.user_id == user_id, RememberToken.id.not_in(kept))
    )
    others = [DeviceSession.id != but] if but else []
    work.session.execute(delete(DeviceSession).where(DeviceSession.user_id == user_id, *others))


def forget_over(work: Work, limits: SessionLimits, *, user_id: int | None = None) -> None:
    """Remove the rows of sessions that are over, of one user or of everybody."""
    whose = [DeviceSession.user_id == user_id] if user_id else []
    work.session.execute(
        delete(DeviceSession).where(
            or_(
                DeviceSession.expires_at <= work.now,
                DeviceSession.seen_at <= work.now - limits.idle,
            ),
            *whose,
        )
    )


def _make_room(work: Work, user_id: int, most: int) -> None:
    """Keep the newest *most* sessions of the user; of one remembered browser the newest counts first.

    A browser that restores its tabs begins several at once: those must not push other devices out.
    """
    newest = work.session.execute(
        select(DeviceSession.id, DeviceSession.remember_id)
        .where(DeviceSession.user_id == user_id)
        .order_by(DeviceSession.id.desc())
    ).all()
    first = {remember_id or -number: number for number, remember_id in reversed(newest)}
    places = [number for number, _ in newest if number in first.values()]
    others = [number for number, _ in newest if number not in places]
    kept = [*places, *others][:most]
    _end(work, DeviceSession.user_id == user_id, DeviceSession.id.not_in(kept))


def _end(work: Work, *which: ColumnElement[bool]) -> int:
    """End the sessions *which*, and forget the browsers that no session is left of; return their number."""
    ended = work.session.execute(
        delete(DeviceSession).where(*which).returning(DeviceSession.remember_id)
    ).all()
    remembered = [number for (number,) in ended if number is not None]
    if remembered:
        kept = select(DeviceSession.remember_id).where(DeviceSession.remember_id.in_(remembered))
        these = RememberToken.id.in_(remembered) & RememberToken.id.not_in(kept)
        work.session.execute(delete(RememberToken).where(these))
    return len(ended)


def _roles(rows: Sequence[Any]) -> tuple[HeldRole, ...]:
    return tuple(
        HeldRole(row.role, row.role_label, row.grants or {}, row.hidden or [], row.export_rows)
        for row in rows
        if row.role is not None
    )
