"""Choosing a new password, typed twice: after signing in, and after forgetting the old one."""

from collections.abc import Mapping
from typing import Any

from app.auth.forms import HouseForm
from app.core import clock
from app.core.db import db
from app.core.errors import broken
from app.core.words import N_
from app.domain.password_rules import rules_for
from app.models.user import User
from app.services import password
from app.services.password import Chosen
from app.web.actor import policy
from app.web.locale import say

DIFFERENT = N_("两次输入的新密码不一致。")


def chosen(owner: User, form: HouseForm, *, field: str, again: str) -> Chosen:
    """Return what stands in *field* as a password that *owner* may take, hashed.

    Raises RuleBroken beside *again* where it was typed differently there, beside *field* for every
    broken rule, and TooMany after the last change of a day.
    """
    typed = form[field].data or ""
    if typed != (form[again].data or ""):
        raise broken(again, DIFFERENT)
    return password.choose(
        db.session(), owner, typed, field=field, policy=policy(), now=clock.now()
    )


def rules_shown(*, has_second_factor: bool) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return the rules as the checklist shows them: key, words and facts of each."""
    asked = rules_for(policy().profile, has_second_factor=has_second_factor)
    return [(rule.key, say(rule.label, rule.facts), rule.facts) for rule in asked]
