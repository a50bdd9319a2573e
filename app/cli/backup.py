"""``backup``: copy the database while people work, prove a copy sound, put it back."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask_migrate import upgrade

from app.core.config import Settings
from app.core.copies.whole import CopyFailed
from app.core.db import db
from app.core.errors import Refusal
from app.core.head_file import HeadUnreadable
from app.core.revisions import MIGRATIONS
from app.core.words import filled
from app.core.work import SYSTEM, Origin, work_for
from app.services import audit, audit_head, backup
from app.services.audit_chain import Chain
from app.services.backup import Inspection

ORIGIN = Origin(address="command line")
MEGABYTE = 2**20
FOREIGN = "备份里的操作记录不是用现在的 AUDIT_KEY 封存的，或者第一条已被改动。"
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
        found = backup.verify(_url(), file, _settings().audit_key)
        _require_sound(found)
        if found.is_chain_foreign:
            raise CopyFailed(FOREIGN)
    click.echo("备份完好。" + "，".join(f"{label} {number}" for label, number in found.counts))
    if found.is_older:
        click.echo("它来自较旧的版本，恢复时会自动升级；内容只做了结构检查。")


@commands.command()
@FILE
@click.option("--yes", is_flag=True, help="Replace a database that has users.")
@click.option("--foreign-audit", is_flag=True, help="Go on from an audit that another key sealed.")
def restore(file: Path, *, yes: bool, foreign_audit: bool) -> None:
    """Replace the database by FILE, all of it or nothing."""
    with _reasons():
        if not yes and backup.has_users(db.engine):
            raise CopyFailed("数据库里已有用户，恢复会覆盖全部现有数据；确定要恢复请加 --yes。")
        found = backup.verify(_url(), file, _settings().audit_key)
        _require_sound(found)
        if found.is_chain_foreign and not foreign_audit:
            raise CopyFailed(
                f"{FOREIGN}找不回当时的密钥、确定要沿用这些记录，请加 --foreign-audit。"
            )
        db.engine.dispose()
        backup.restore(_url(), file)
        if found.is_older:
            upgrade(directory=str(MIGRATIONS))
        _finish(file, adopts=found.is_chain_foreign)
    click.echo(f"已从 {file} 恢复。")


def _finish(file: Path, *, adopts: bool) -> None:
    """Do what a restored database needs before it is worked in: rights, a head outside, an entry."""
    role = backup.grant_again(_url())
    if role:
        click.echo(f"已重新授权给 {role}。")
    house = _settings()
    chain = Chain.of(house.audit_key, house.audit_head_file)
    try:
        kept = audit_head.begin(chain.file)  # what comes back ends somewhere else
    except (OSError, HeadUnreadable) as error:
        words = (
            f"提醒：链头文件没有换成恢复后的（{type(error).__name__}），请运行 audit head --begin。"
        )
        click.echo(words, err=True)
    else:
        if kept:
            click.echo(f"恢复前的链头文件：{kept}")
    with work_for(SYSTEM, ORIGIN) as work:
        if adopts:
            chain.adopt(work)
        audit.remember(work, "backup.restore", changes={"file": [None, file.name]})


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _url() -> str:
    return _settings().database_url


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
