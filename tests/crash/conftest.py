"""Houses that may break: each module has its own, so that nobody else's is in ruins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.db import db
from bench.writers import Hand, furnish, write
from tests.conftest import House
from tests.servers import new_database, worker


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shaken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house of this module alone, on each kind of database."""
    return build(request.param, tmp_path_factory.mktemp("shaken"))


@pytest.fixture(scope="module")
def shaken_sqlite(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house of this module alone, on SQLite."""
    return build("sqlite", tmp_path_factory.mktemp("shaken"))


def build(kind: str, root: Path) -> House:
    """Build a house on an empty database of this kind."""
    name = f"shaken_{worker()}_{abs(hash(root)) % 10**8}"
    url = f"sqlite:///{root / 'app.db'}" if kind == "sqlite" else new_database(name)
    return House(url, root)


@pytest.fixture
def hand(shaken: House) -> Iterator[Hand]:
    """Who writes in the house of this module."""
    yield furnish(shaken.app)
    close(shaken)


def close(house: House) -> None:
    """Let no connection of this process stay open."""
    with house.app.app_context():
        db.session.remove()
        db.engine.dispose()


def url_of(house: House) -> Any:
    """Return the URL of the database of *house*."""
    return house.app.extensions["settings"].database_url


@pytest.fixture(scope="module")
def lived_in(shaken: House) -> House:
    """A house with a few customers and orders."""
    with shaken.app.app_context():
        hand = furnish(shaken.app)
        for nth in range(1, 7):
            write(hand, 0, nth)
        close(shaken)
    return shaken


@pytest.fixture
def run(lived_in: House) -> Iterator[Any]:
    """Run a command of the house: ``run("backup", "create", file)``."""
    close(lived_in)
    yield lambda *words: command(lived_in, *words)
    close(lived_in)


def command(house: House, *words: object) -> Any:
    """Run a command line as ``flask`` does: in the context of the application."""
    with house.app.app_context():
        return house.app.test_cli_runner().invoke(args=[str(word) for word in words])
