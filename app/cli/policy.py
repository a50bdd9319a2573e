"""``policy``: which permission every route needs, and whether it needs a token."""

import click
from flask import current_app

from app.web.policy import routes


@click.command("policy")
def commands() -> None:
    """Print rule, methods, entity, verb, scope and CSRF of every route, tab-separated."""
    for route in routes(current_app):
        click.echo(route.line())
