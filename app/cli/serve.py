"""What ``make run`` starts: migrate, fill an empty house, serve, and say how to begin.

It is the parent of the web server and of the background worker; when one of them ends unasked, the
other is ended too, so that nobody works in half a system.
"""

import ctypes
import multiprocessing
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

import click
from flask import Flask
from flask.cli import FlaskGroup
from flask_migrate import upgrade
from gunicorn.app.base import Application
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app import create_app
from app.cli import first_start
from app.core import revisions
from app.core.config import ROOT, ConfigError, Settings, load_settings
from app.core.copies.whole import CopyFailed
from app.core.db import db
from app.core.revisions import MIGRATIONS
from app.services.backup import keep_before_migration

Account = tuple[str, str, str]  # username, one-time password, words for the role

READY_WITHIN = 60  # seconds
LAST_WISH = 29  # seconds between the request to end and the end; gunicorn's own patience is 27
FREE_WITHIN = 4  # seconds for the port of a house that was killed
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
TICK = 0.05  # seconds
HTTP_OK = 200

TASKS = """\
试试三件事：
  1. 用 clerk 登录，新建一个客户和两位联系人，再为他新建一张订单。
  2. 用客户名称中的任意两个字、简称或电话后四位搜索，找到刚才的客户。
  3. 确认这张订单，导出订单列表，再到客户的“变更记录”里看每一步由谁在何时完成。

按 Ctrl+C 结束。"""


class StopAsked(BaseException):
    """Somebody sent SIGTERM, or pressed Ctrl+C."""


def main() -> int:
    """Serve until asked to stop; return the exit status."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop_asked)
    try:
        settings = load_settings()
        _require_free(settings.port)
        app = create_app(settings)
        accounts = _prepare(app)
        return _serve(app, settings, accounts)
    except (ConfigError, CopyFailed) as error:
        click.echo(str(error), err=True)
    except SQLAlchemyError as error:
        click.echo(f"数据库无法使用：{_reason(error)}", err=True)
    except StopAsked:
        return 0
    return 1


def _stop_asked(_number: int, _frame: FrameType | None) -> None:
    raise StopAsked


def _reason(error: SQLAlchemyError) -> str:
    """Return the first line of the driver's words: no statement, no password."""
    words = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return words.splitlines()[0] if words else type(error).__name__


def _require_free(port: int) -> None:
    """Raise ConfigError if something keeps listening on *port*; a house that was killed just now does not."""
    if not _until(lambda: _is_free(port), FREE_WITHIN):
        words = "已被占用，请先结束占用它的程序，或用 PORT 换一个端口"
        raise ConfigError(f"端口 {port} {words}。")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


# -- the database -----------------------------------------------------------------------


def _prepare(app: Flask) -> Sequence[Account]:
    """Migrate the database and, if it has no user, fill it; return the accounts made just now."""
    with app.app_context():
        try:
            if not _in_place():
                click.echo("正在准备数据库……")
                kept = keep_before_migration(app.extensions["settings"], db.engine)
                if kept:
                    click.echo(f"升级前的数据已备份到 {_short(kept)}")
                upgrade(directory=str(MIGRATIONS))
            accounts: Sequence[Account] = first_start.prepare(app)
            return accounts
        finally:
            db.session.remove()
            db.engine.dispose()  # the children must not share a connection


def _in_place() -> bool:
    """Tell whether the database is migrated to the newest revision and has a user."""
    with db.engine.connect() as connection:
        if revisions.found_in(connection) != revisions.newest():
            return False
        return connection.execute(text("SELECT 1 FROM users LIMIT 1")).first() is not None


# -- the children -----------------------------------------------------------------------


class WebServer(Application):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn as deploy/gunicorn.conf.py sets it up, around an application made before."""

    def __init__(self, app: Flask) -> None:
        self.flask = app
        super().__init__()

    def load_config(self) -> None:
        """Read our file, and nothing from the command line of ``make run``."""
        self.load_config_from_file(str(ROOT / "deploy" / "gunicorn.conf.py"))

    def load(self) -> Flask:
        """Return the application."""
        return self.flask


def _web(app: Flask) -> None:
    WebServer(app).run()


def _jobs(app: Flask) -> None:
    FlaskGroup(create_app=lambda: app).main(["jobs", "run"], prog_name="flask")


CHILDREN: Mapping[str, Callable[[Flask], None]] = {"网页服务": _web, "后台任务": _jobs}


def _as_child(target: Callable[[Flask], None], app: Flask) -> None:
    """Run *target* in the new process, with the signals as a program finds them.

    When the parent is killed, nobody would end its children: Linux does, by Ctrl+C.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGINT)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    target(app)


def _serve(app: Flask, settings: Settings, accounts: Sequence[Account]) -> int:
    """Fork the children (they need not import everything again) and watch over them."""
    fork = multiprocessing.get_context("fork")
    children: dict[str, BaseProcess] = {}
    try:
        for name, target in CHILDREN.items():
            children[name] = fork.Process(target=_as_child, args=(target, app), name=name)
            children[name].start()
        answers = _until(lambda: _answers(settings.port) or _ended(children), READY_WITHIN)
        if answers and not _ended(children):
            click.echo(screen(settings, accounts))
            _until(lambda: _ended(children), None)
        click.echo(_obituary(children), err=True)
        return 1
    finally:
        _end(children)


def _answers(port: int) -> bool:
    """Tell whether the web server answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as answer:
            return bool(answer.status == HTTP_OK)
    except OSError:  # URLError is one
        return False


def _ended(children: Mapping[str, BaseProcess]) -> bool:
    return any(child.exitcode is not None for child in children.values())


def _until(done: Callable[[], bool], seconds: float | None) -> bool:
    """Wait until *done*; give up after *seconds* and return False."""
    give_up = time.monotonic() + seconds if seconds else None
    while not done():
        if give_up and time.monotonic() > give_up:
            return False
        time.sleep(TICK)
    return True


def _obituary(children: Mapping[str, BaseProcess]) -> str:
    for name, child in children.items():
        if child.exitcode is not None:
            return f"{name}意外结束（状态 {child.exitcode}），系统随之停止。"
    return f"网页服务在 {READY_WITHIN} 秒内没有应答，系统停止。"


def _end(children: Mapping[str, BaseProcess]) -> None:
    """Ask every child to end, then wait; those who do not listen are killed."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        child.terminate()
    give_up = time.monotonic() + LAST_WISH
    for child in children.values():
        child.join(max(0.0, give_up - time.monotonic()))
        if child.exitcode is None:
            child.kill()
            child.join()


# -- the screen -------------------------------------------------------------------------


def screen(settings: Settings, accounts: Sequence[Account]) -> str:
    """Return the one screen that says how to begin."""
    kept = settings.instance / "first_accounts.txt"
    lines = ["", "━" * 60, "试试看", "", f"地址：{settings.public_url}", ""]
    if accounts:
        lines += [f"账号 {username}  密码 {password}" for username, password, _ in accounts]
        lines += ["", "角色：" + "、".join(f"{username} {role}" for username, _, role in accounts)]
        lines += [f"密码只显示这一次，另存于 {_short(kept)}（仅本人可读）。首次登录须修改密码。"]
    elif kept.exists():
        lines += [f"初始账号和密码保存在 {_short(kept)}；改过的密码以新密码为准。"]
    else:
        lines += ["账号用命令 flask --app wsgi users create 建立。"]
    return "\n".join([*lines, "", TASKS, "━" * 60])


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
