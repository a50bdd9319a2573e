"""``keys``: what is sealed with ``DATA_KEYS``, closed again with the newest of them."""

import click

from app.core.work import SYSTEM, Origin, work_for
from app.services import totp

ORIGIN = Origin(address="command line")


@click.group("keys")
def commands() -> None:
    """Look after what is sealed with DATA_KEYS."""


@commands.command()
def reseal() -> None:
    """Close the secrets of authenticator apps with the newest key, so that older ones may go."""
    with work_for(SYSTEM, ORIGIN) as work:
        renewed, lost = totp.reseal(work)
    click.echo(f"已用最新的密钥重新加密：{renewed}")
    if lost:
        raise click.ClickException(f"无法解开：{lost}。请把旧密钥放回 DATA_KEYS 后再试。")
