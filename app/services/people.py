"""Who belongs to whom: the people a scope reaches."""

from typing import Any

from sqlalchemy import Select, select

from app.core.work import Actor
from app.domain.permissions import Scope
from app.models.user import User


def people_within(actor: Actor, scope: str) -> Select[Any]:
    """Return the ids of the users whose records *scope* reaches: oneself, one's people, one's department."""
    if scope == Scope.DEPARTMENT and actor.department_id is not None:
        return select(User.id).where(User.department_id == actor.department_id)
    if scope == Scope.SUBORDINATES:
        below = select(User.id).where(User.id == actor.user_id).cte("below", recursive=True)
        below = below.union(select(User.id).join(below, User.manager_id == below.c.id))
        return select(below.c.id)
    return select(User.id).where(User.id == actor.user_id)
