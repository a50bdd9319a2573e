"""``backup``: copy the database while people work, prove a copy sound, put it back."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from flask import current_app
from flask_migrate import upgrade

from app.core.config import Settings
from app.core.copies.whole import CopyFailed
from app.core.db import db
from app.core.errors import Refusal
from app.core.head_file import HeadFile
from app.core.revisions import MIGRATIONS
from app.core.words import filled
from app.core.work import SYSTEM, Origin, work_for
from app.services import audit, backup
from app.services.backup import Inspection

ORIGIN = Origin(address="command line")
MEGABYTE = 2**20
FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group("backup")
def commands() -> None:
    """Back up the database, verify a backup, restore it."""


@commands.command()
@FILE
def create(file: Path) -> None:
    """Copy the database to FILE, while people go on working."""
    with _reasons(), _progress() as progress:
        backup.create(_url(), file, progress)
        if backup.is_current(db.engine):
            _remember("backup.create", file)
        else:
            click.echo("提醒：数据库还没有升级，这次备份没有写入操作记录。", err=True)
    click.echo(f"已备份到 {file}（{file.stat().st_size / MEGABYTE:.1f} MB）。")


@commands.command()
@FILE
def verify(file: Path) -> None:
    """Check that FILE can be restored and that everything in it agrees."""
    with _reasons():
        _require_sound(found := backup.verify(_url(), file, _settings().audit_key))
    _warn_of_chain(found)
    click.echo("备份完好。" + "，".join(f"{label} {number}" for label, number in found.counts))
    if found.is_older:
        click.echo("它来自较旧的版本，恢复时会自动升级；内容只做了结构检查。")


@commands.command()
@FILE
@click.option("--yes", is_flag=True, help="Replace a database that has users.")
def restore(file: Path, *, yes: bool) -> None:
    """Replace the database by FILE, all of it or nothing."""
    with _reasons():
        if not yes and backup.has_users(db.engine):
            raise CopyFailed("数据库里已有用户，恢复会覆盖全部现有数据；确定要恢复请加 --yes。")
        found = backup.verify(_url(), file, _settings().audit_key)
        _require_sound(found)
        _warn_of_chain(found)
        db.engine.dispose()
        backup.restore(_url(), file)
        if found.is_older:
            upgrade(directory=str(MIGRATIONS))
        _begin_head_anew()
        _remember("backup.restore", file)
    click.echo(f"已从 {file} 恢复。")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _url() -> str:
    return _settings().database_url


def _warn_of_chain(found: Inspection) -> None:
    if found.is_chain_foreign:
        words = "提醒：操作记录不是用现在的 AUDIT_KEY 封存的，或第一条已被改动，没有检查它的链。"
        click.echo(words, err=True)


def _begin_head_anew() -> None:
    """Put the head of the audit that was replaced aside: what comes back ends somewhere else."""
    with suppress(OSError):
        HeadFile(Path(_settings().audit_head_file)).set_aside()


def _require_sound(found: Inspection) -> None:
    if found.problems:
        raise CopyFailed("\n".join(["备份有问题：", *found.problems]))


def _remember(action: str, file: Path) -> None:
    """Write into the audit who copied the house, or put it back."""
    with work_for(SYSTEM, ORIGIN) as work:
        audit.remember(work, action, changes={"file": [None, file.name]})


@contextmanager
def _reasons() -> Iterator[None]:
    """Turn whatever goes wrong into its reason on standard error and a status of 1."""
    try:
        yield
    except CopyFailed as error:
        raise click.ClickException(str(error)) from error
    except Refusal as refusal:
        raise click.ClickException(filled(refusal.message, refusal.facts, str)) from refusal


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how far the copy is."""
    with click.progressbar(
        length=1, label="备份", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def show(done: int, everything: int) -> None:
            bar.length = everything
            bar.update(done - bar.pos)

        yield show
