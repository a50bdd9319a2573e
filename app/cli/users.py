"""``users``: make people, let them in again, list them. Works without anybody being signed in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.cli.first_start import furnish
from app.core import clock
from app.core.db import db
from app.core.errors import Refusal, RuleBroken, broken
from app.core.words import N_, filled
from app.core.work import SYSTEM, Origin, Work, work_for
from app.models.department import Department
from app.models.role import Role
from app.models.user import User
from app.services import password
from app.services.department import departments
from app.services.password import PasswordPolicy
from app.services.user import named, users

ORIGIN = Origin(address="command line")


@click.group("users")
def commands() -> None:
    """Make users, unlock them, reset their passwords and second factors, list them."""


@commands.command()
@click.argument("username")
@click.option(
    "--role", "role_names", multiple=True, required=True, help="Name of a role; may repeat."
)
@click.option("--name", required=True, help="The person's name.")
@click.option("--email")
@click.option("--phone")
@click.option("--department", help="Name of the department; made if missing.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--no-must-change", is_flag=True, help="The password may be kept.")
def create(  # noqa: PLR0913 - click passes every option by its name
    *,
    username: str,
    role_names: tuple[str, ...],
    name: str,
    email: str | None,
    phone: str | None,
    department: str | None,
    password_stdin: bool,
    no_must_change: bool,
) -> None:
    """Make the user USERNAME; prints a one-time password unless one is given."""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with _refusals(), work_for(SYSTEM, ORIGIN) as work:
        furnish(work)
        values = {
            "username": username,
            "name": name,
            "email": email,
            "phone": phone,
            "roles": _role_ids(work, role_names),
            "department": _department_id(work, department) if department else None,
        }
        user = users.create(work, {key: value for key, value in values.items() if value})
        issued = user.one_time_password
        if given is not None:
            policy = PasswordPolicy.of(current_app.extensions["settings"])
            chosen = password.choose(
                work.session, user, given, field="password", policy=policy, now=clock.now()
            )
            password.take(work, chosen, must_change=not no_must_change)
        elif no_must_change:
            user.must_change_password, user.password_expires_at = False, None
    if given is None:
        _print_account(user.username, issued)


@commands.command()
@click.argument("username")
def unlock(username: str) -> None:
    """Forget the failed tries of USERNAME."""
    with _refusals(), work_for(SYSTEM, ORIGIN) as work:
        users.unlock(work, _user(work, username))


@commands.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """Give USERNAME a new one-time password and end all sessions."""
    with _refusals(), work_for(SYSTEM, ORIGIN) as work:
        user = _user(work, username)
        issued = users.reset_password(work, user)
    _print_account(user.username, issued)


@commands.command("reset-mfa")
@click.argument("username")
def reset_mfa(username: str) -> None:
    """Take every second factor of USERNAME away and end all sessions."""
    with _refusals(), work_for(SYSTEM, ORIGIN) as work:
        users.reset_mfa(work, _user(work, username))


@commands.command("list")
def list_users() -> None:
    """List everybody: user name, name, roles, whether they may sign in."""
    found = select(User).options(selectinload(User.roles)).order_by(User.username_folded)
    for user in db.session.scalars(found):
        roles = ",".join(role.name for role in user.roles)
        click.echo(f"{user.username}\t{user.name}\t{roles}\t{'启用' if user.is_active else '停用'}")


def _print_account(username: str, issued: str) -> None:
    click.echo(f"账号 {username}  密码 {issued}")


def _role_ids(work: Work, names: tuple[str, ...]) -> list[int]:
    known = {role.name: role.id for role in work.session.execute(select(Role.name, Role.id))}
    for name in names:
        if name not in known:
            raise broken("role", N_("没有角色 %(name)s。"), name=name)
    return [known[name] for name in dict.fromkeys(names)]


def _department_id(work: Work, name: str) -> int:
    found = work.session.scalar(select(Department.id).where(Department.name == name.strip()))
    return found or departments.create(work, {"name": name.strip()}).id


def _user(work: Work, username: str) -> User:
    user = named(work.session, username)
    if user is None:
        raise broken("username", N_("没有用户 %(name)s。"), name=username)
    return user


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a refusal into its reason on standard error and a status of 1."""
    try:
        yield
    except RuleBroken as refusal:
        lines = [
            f"{p.field or ''} {filled(p.message, p.facts, str)}".strip() for p in refusal.problems
        ]
        raise click.ClickException("；".join(lines)) from refusal
    except Refusal as refusal:
        raise click.ClickException(filled(refusal.message, refusal.facts, str)) from refusal
