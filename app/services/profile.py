"""Profiles: what people change about themselves, whatever their roles."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import inspect, update

from app.core.errors import Problems
from app.core.invalid import InvalidValue
from app.core.words import N_
from app.core.work import Work
from app.domain.email import canonical_email
from app.domain.phone import canonical_phone
from app.models.user import User
from app.services import audit, device_session, letters, search, trusted_device

#: Where links and codes are sent to: whoever changes it could take the account over.
DELICATE = ("email", "phone")
PREFERENCES = frozenset({"theme", "density", "locale", "shortcuts"})
MAX_NAME = 120

SUBJECT = N_("联系方式已修改")
TEXT = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 的邮箱或手机号刚刚已修改。\n\n"
    "如果不是您本人操作，请立即联系系统管理员。\n"
)
_CANONICAL: dict[str, Callable[[str], str]] = {"email": canonical_email, "phone": canonical_phone}


def is_delicate(user: User, values: Mapping[str, Any]) -> bool:
    """Tell whether *values* change where links are sent to; raises RuleBroken for unusable ones."""
    return any(
        tidied[name] != getattr(user, name) for tidied in [_tidied(values)] for name in DELICATE
    )


def change(work: Work, user_id: int, values: Mapping[str, Any]) -> None:
    """Change one's own name, e-mail and phone; the stored address is told of a new address or phone."""
    tidied = _tidied(values)
    user = work.session.get_one(User, user_id)
    for name, value in tidied.items():
        setattr(user, name, value)
    changes = audit.changes_of(user)
    if not changes:
        return
    note_contact(work, user)
    if user.former_email:
        letters.write(work, user, SUBJECT, TEXT, to=user.former_email)
    user.updated_at, user.updated_by = work.now, user_id
    audit.remember(work, "user.edit", "user", user_id, changes)
    work.session.flush()
    search.index(work.session, "user", user)


def note_contact(work: Work, user: User) -> None:
    """Note, of pending changes, which address is to be told, and that a new phone proves nothing yet.

    Whoever changes the phone, perhaps together with the address that links go to, would else hold
    both factors at once.
    """
    former = inspect(user).attrs.email.history
    stored = [*former.unchanged, *former.deleted]
    is_moved = any(audit.is_changed(user, name) for name in DELICATE)
    user.former_email = ((stored[0] if stored else None) or "") if is_moved else ""
    if audit.is_changed(user, "phone"):
        user.phone_unproved_since = work.now


def sign_out(work: Work, user_id: int, session_id: int) -> None:
    """End one of one's own sessions; raise Missing if it is somebody else's, or not there."""
    device_session.end(work, user_id, session_id)
    audit.remember(work, "user.end_sessions", "user", user_id)


def sign_out_elsewhere(work: Work, user_id: int, *, but: int) -> None:
    """End all of one's own sessions except *but*, and forget the browsers that began them."""
    device_session.end_all(work, user_id, but=but)
    audit.remember(work, "user.end_sessions", "user", user_id)


def distrust(work: Work, user_id: int, number: int) -> None:
    """Ask one of one's own devices for the second factor again; raise Missing if it is not one."""
    trusted_device.distrust(work, user_id, number)
    audit.remember(work, "user.distrust", "user", user_id)


def prefer(work: Work, user_id: int, values: Mapping[str, Any]) -> None:
    """Keep how somebody wants pages to look and speak; ``""`` is the usual."""
    wanted = {
        name: value if isinstance(value, bool) else value or None
        for name, value in values.items()
        if name in PREFERENCES
    }
    if wanted:  # not through the record: an administrator editing the user sees no conflict
        work.session.execute(update(User).where(User.id == user_id).values(wanted))


def _tidied(values: Mapping[str, Any]) -> dict[str, Any]:
    problems = Problems()
    name = str(values.get("name") or "").strip()
    if not name or len(name) > MAX_NAME:
        problems.add("name", N_("请填写姓名，最多 %(n)s 个字。"), n=MAX_NAME)
    tidied: dict[str, Any] = {"name": name}
    for field, canonical in _CANONICAL.items():
        text = values.get(field)
        try:
            tidied[field] = canonical(str(text)) if text else None
        except InvalidValue as error:
            problems.add(field, error.message, **error.facts)
    problems.raise_if_any()
    return tidied
