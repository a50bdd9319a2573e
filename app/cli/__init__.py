"""The command line: one file per group of commands."""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

GROUPS = ("users", "jobs", "demo", "policy", "search", "audit", "backup", "keys")


def install(app: Flask) -> None:
    """Register every group of commands that exists."""
    for name in GROUPS:
        if find_spec(f"app.cli.{name}"):
            app.cli.add_command(import_module(f"app.cli.{name}").commands)
