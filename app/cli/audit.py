"""``audit``: prove that the audit is what was written, and move old entries into its archive."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from flask import current_app
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.core.config import Settings
from app.core.db import db
from app.core.errors import Refusal, RuleBroken
from app.core.head_file import HeadUnreadable
from app.core.patience import NO_RIGHTS, outage
from app.core.words import filled
from app.core.work import SYSTEM, Origin, work_for
from app.services import audit, audit_archive, audit_head
from app.services.audit_chain import Broken, Chain

ORIGIN = Origin(address="command line")


@click.group("audit")
def commands() -> None:
    """Verify the audit, archive old entries."""


@commands.command()
def verify() -> None:
    """Check every entry, archived ones first; exit 0 only when all is as it was written."""
    chain = _chain()
    with _file_reasons():
        try:
            with _progress("检查操作记录") as tell:
                number = chain.verify_all(tell)
        except Broken as broken:
            raise click.ClickException(str(broken)) from broken
        behind = chain.lag()
    if behind:
        raise click.ClickException(
            f"记录本身完好，但外部链头文件落后 {behind} 条，没有跟上：{chain.file.path}。"
            "刚断过电时，下一次写入会跟上；否则请检查它能否写入。"
        )
    click.echo(f"操作记录完好，共 {number} 条。")


@commands.command()
@click.option(
    "--begin", is_flag=True, help="Set the file aside and let it begin with the last entry."
)
def head(*, begin: bool) -> None:
    """Show the head file; begin it anew once it is known why it is missing or does not agree."""
    chain = _chain()
    if not begin:
        with _file_reasons():
            found = audit_head.known(chain.file)
            if found is None:
                raise HeadUnreadable
            click.echo(f"{found.id} {found.digest}")
        return
    with _file_reasons(), _reasons(), work_for(SYSTEM, ORIGIN) as work:
        kept = audit_head.begin(chain.file)
        file = [kept.name if kept else None, chain.file.path.name]
        audit.remember(work, "audit.head", "audit", changes={"file": file})
    click.echo(f"链头文件已重新开始。{f'原来的文件：{kept}' if kept else ''}")


@commands.command()
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Move what was written before this day, which is at least 180 days ago.",
)
def archive(before: datetime) -> None:
    """Move old entries into the archive; audit verify goes on to verify them."""
    day, moved = before.date(), 0
    with _reasons(), _progress("归档") as tell:
        audit_archive.require_old(day)
        last = audit_archive.end_of_old(db.session(), day)
        while True:
            with work_for(SYSTEM, ORIGIN) as work:
                number = audit_archive.move(work, day, last)
            moved += number
            if not number:
                break
            tell(moved, max(moved, last))
    click.echo(f"已归档 {moved} 条。")


def _chain() -> Chain:
    house: Settings = current_app.extensions["settings"]
    return Chain.of(house.audit_key, house.audit_head_file)


@contextmanager
def _file_reasons() -> Iterator[None]:
    """Say in a line why the file outside, or the database, is of no use."""
    try:
        yield
    except HeadUnreadable as error:
        where = _chain().file.path
        raise click.ClickException(f"外部链头文件不存在或内容无效：{where}") from error
    except (OSError, SQLAlchemyError) as error:
        raise click.ClickException(f"无法检查：{type(error).__name__}") from error


@contextmanager
def _reasons() -> Iterator[None]:
    """Say in a line why it is not done, and with which account of the database it would be."""
    try:
        yield
    except RuleBroken as refusal:
        reasons = (filled(one.message, one.facts, str) for one in refusal.problems)
        raise click.ClickException("；".join(reasons)) from refusal
    except Refusal as refusal:
        raise click.ClickException(_said(refusal)) from refusal
    except DBAPIError as error:
        refused = outage(error)
        reason = _said(refused) if refused else f"没有完成：{type(error.orig).__name__}"
        raise click.ClickException(reason) from error


def _said(refusal: Refusal) -> str:
    if refusal.message == NO_RIGHTS:
        return (
            "数据库账号的权限不够。请把 DATABASE_URL 换成表的所有者（升级数据库用的账号）再运行。"
        )
    return filled(refusal.message, refusal.facts, str)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far it is."""
    with click.progressbar(
        length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def tell(done: int, everything: int) -> None:
            bar.length = max(everything, 1)
            bar.update(done - bar.pos)

        yield tell
