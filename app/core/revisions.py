"""Which migrations there are, and which of them a database has seen."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from app.core.config import ROOT

MIGRATIONS: Path = ROOT / "migrations"


@cache
def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


@cache
def newest() -> frozenset[str]:
    """Return the revisions that this version of the application expects."""
    return frozenset(_scripts().get_heads())


def is_known(revision: str) -> bool:
    """Tell whether this version of the application knows *revision*."""
    try:
        return _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def found_in(connection: Connection) -> frozenset[str]:
    """Return the revisions that the database of *connection* is at; none, if it was never migrated."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())
