"""The command line for users, and the first start."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from app.cli import first_start
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.audit import Audit
from app.models.base import Base
from app.models.department import Department
from app.models.role import Role
from app.models.user import User
from app.services.user import named
from tests.auth.factors import with_app
from tests.visitor import forget

GOOD = "Xk9#mQ2v!pL"


def run(app, *words, **options):
    forget()
    return app.test_cli_runner().invoke(args=["users", *words], **options)


def password_in(output):
    label, _, rest = output.strip().partition("  密码 ")
    assert label.startswith("账号 ")
    return rest


def find(username):
    forget()
    return named(db.session(), username)


def test_create_prints_a_one_time_password_that_works(app, try_door, client):
    """PWD-8"""
    result = run(app, "create", "WangLi", "--role", "sales", "--role", "viewer", "--name", "王丽")
    assert result.exit_code == 0, result.output
    assert try_door("wangli", password_in(result.output), client).status_code == 302
    assert client.get("/admin/").location == "/account/password"
    user = find("wangli")
    assert [role.name for role in user.roles] == ["sales", "viewer"]


def test_create_takes_everything(app):
    result = run(
        app,
        *("create", "wu", "--role", "clerk", "--name", "吴", "--email", "Wu@example.com"),
        *(
            "--phone",
            "138 1234 5678",
            "--department",
            "新部门",
            "--password-stdin",
            "--no-must-change",
        ),
        input=f"{GOOD}\n",
    )
    assert (result.exit_code, result.output) == (0, "")
    user = find("wu")
    assert (user.email, user.phone) == ("wu@example.com", "13812345678")
    assert (str(user.department), user.must_change_password) == ("新部门", False)
    assert (
        run(
            app, "create", "wu2", "--role", "clerk", "--name", "吴", "--department", "新部门"
        ).exit_code
        == 0
    )
    assert len(db.session.scalars(select(Department).where(Department.name == "新部门")).all()) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("x", "--role", "nothing", "--name", "x"), "没有角色 nothing"),
        (("sales1", "--role", "sales", "--name", "x"), "用户名已被使用"),
        (("x", "--role", "sales", "--name", "x", "--email", "no"), "邮箱"),
        (("x y", "--role", "sales", "--name", "x"), "用户名只能用"),
    ],
)
def test_refusals_name_their_reason(app, words, reason):
    result = run(app, "create", *words)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert find("x") is None


def test_a_weak_password_is_refused_here_too(app):
    """PWD-1"""
    result = run(
        app, "create", "x", "--role", "sales", "--name", "x", "--password-stdin", input="abc\n"
    )
    assert result.exit_code == 1
    assert "至少 8 位" in result.stderr
    assert find("x") is None


def test_unlock_opens_the_door_and_is_audited(app, try_door):
    """LCK-14"""
    from tests.conftest import PASSWORD

    for _ in range(5):
        try_door("sales1", "wrong")
    assert run(app, "unlock", "SALES1").exit_code == 0
    assert try_door("sales1", PASSWORD).status_code == 302
    assert (
        db.session.scalars(select(Audit).where(Audit.action == "user.unlock")).one().actor
        == "system"
    )
    assert run(app, "unlock", "nobody").exit_code == 1


def test_reset_password_ends_sessions(app, visit, try_door):
    """LCK-14, PWD-8"""
    person = visit("admin")
    result = run(app, "reset-password", "admin")
    assert person.get("/admin/").status_code == 302
    assert try_door("admin", password_in(result.output)).status_code == 302


def test_reset_mfa_lets_the_only_administrator_in_again(app, visit, try_door):
    """MFA-14: who lost the phone, and has nobody to ask; audited, sessions end."""
    from tests.conftest import PASSWORD

    with_app("admin")
    person = visit("admin")
    assert try_door("admin", PASSWORD).location == "/login/verify"
    result = run(app, "reset-mfa", "ADMIN")
    assert (result.exit_code, result.output) == (0, "")
    assert person.get("/admin/").status_code == 302
    assert try_door("admin", PASSWORD).location == "/admin/"
    entry = db.session.scalars(select(Audit).where(Audit.action == "user.reset_mfa")).one()
    assert (entry.actor, entry.address) == ("system", "command line")
    assert run(app, "reset-mfa", "nobody").exit_code == 1


def test_list_shows_everybody(app):
    lines = run(app, "list").output.splitlines()
    assert "clerk\tclerk先生\tclerk\t启用" in lines
    assert len(lines) == 10


def test_the_first_start_makes_accounts_once(app, monkeypatch, tmp_path):
    """CFG-1: only in development"""
    house = app.extensions["settings"]
    monkeypatch.setattr(house, "_root", tmp_path)
    monkeypatch.setattr(first_start, "find_spec", lambda _name: None)
    assert first_start.prepare(app) == []
    _empty()
    accounts = first_start.prepare(app)
    assert [username for username, _, _ in accounts] == list(first_start.ACCOUNTS)
    kept = Path(tmp_path / "instance" / "first_accounts.txt")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text("utf-8").splitlines()[0] == f"账号 admin  密码 {accounts[0][1]}"
    assert (
        find("sales1").department_id == find("clerk").department_id != find("sales3").department_id
    )
    assert find("admin").must_change_password


def test_a_production_start_makes_roles_but_no_accounts(app, monkeypatch):
    """CFG-1"""
    _empty()
    monkeypatch.setattr(type(app.extensions["settings"]), "production", True)
    assert first_start.prepare(app) == []
    forget()
    assert db.session.scalar(select(Role.id).limit(1))
    assert run(app, "create", "boss", "--role", "admin", "--name", "老板").exit_code == 0


def _empty():
    forget()
    with work_for(SYSTEM) as work:
        work.session.execute(text("UPDATE departments SET manager_id = NULL"))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in ("users", "departments") and not table.name.startswith("audit"):
                work.session.execute(table.delete())
        work.session.execute(delete(User))
        work.session.execute(delete(Department))
