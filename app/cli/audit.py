"""``audit``: prove that the audit is what was written, and move old entries into its archive."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.core.config import Settings
from app.core.db import db
from app.core.errors import Refusal, RuleBroken
from app.core.head_file import HeadUnreadable
from app.core.words import filled
from app.core.work import SYSTEM, Origin, work_for
from app.services import audit_archive
from app.services.audit_chain import Broken, Chain

ORIGIN = Origin(address="command line")


@click.group("audit")
def commands() -> None:
    """Verify the audit, archive old entries."""


@commands.command()
def verify() -> None:
    """Check every entry, archived ones first; exit 0 only when all is as it was written."""
    house: Settings = current_app.extensions["settings"]
    chain = Chain.of(house.audit_key, house.audit_head_file)
    try:
        with _progress("检查操作记录") as tell:
            number = chain.verify_all(tell)
    except Broken as broken:
        raise click.ClickException(str(broken)) from broken
    except HeadUnreadable as error:
        where = house.audit_head_file
        raise click.ClickException(f"外部链头文件不存在或内容无效：{where}") from error
    except (OSError, SQLAlchemyError) as error:
        raise click.ClickException(f"无法检查：{type(error).__name__}") from error
    click.echo(f"操作记录完好，共 {number} 条。")


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
    try:
        audit_archive.require_old(day)
        last = audit_archive.end_of_old(db.session(), day)
        with _progress("归档") as tell:
            while True:
                with work_for(SYSTEM, ORIGIN) as work:
                    number = audit_archive.move(work, day, last)
                moved += number
                if not number:
                    break
                tell(moved, max(moved, last))
    except RuleBroken as refusal:
        reasons = (filled(one.message, one.facts, str) for one in refusal.problems)
        raise click.ClickException("；".join(reasons)) from refusal
    except Refusal as refusal:
        raise click.ClickException(filled(refusal.message, refusal.facts, str)) from refusal
    click.echo(f"已归档 {moved} 条。")


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
