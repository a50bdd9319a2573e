"""Entries from before the chain are sealed when it comes, and stay when it goes."""

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.services import audit
from app.services.audit_chain import Broken, Chain, verify
from tests.conftest import House
from tests.crash.conftest import close
from tests.servers import new_database, worker

INSERT = (
    "INSERT INTO audit (id, at, actor_id, actor, action, entity, record_id, changes, address, request_id, result)"
    " VALUES (:id, '2025-05-06 07:08:09.012345', 3, '王芳', 'x.y', 'x', 7,"
    """ '{"名": ["旧", 1.50, null], "b": true}', '', 'r', 'ok')"""
)


@pytest.fixture(params=["sqlite", "postgresql"])
def aged(request, tmp_path):
    """A house that goes back to before the chain, and has entries from then, with gaps in their ids."""
    url = f"sqlite:///{tmp_path / 'app.db'}"
    house = House(url if request.param == "sqlite" else new_database(f"aged_{worker()}"), tmp_path)
    with house.app.app_context():
        db.session.remove()
        downgrade(revision="0003")
        with db.engine.execution_options(writes=True).begin() as connection:
            for number in (501, 502, 509):
                connection.execute(text(INSERT), {"id": number})
        house.head_file.unlink()
        upgrade()
        yield house
    close(house)


def test_old_entries_are_sealed_and_the_chain_goes_on(aged):
    """AUD-2, REL-13: what the migration reckons is what the house reckons."""
    chain = Chain.of(aged.app.extensions["settings"].audit_key, str(aged.head_file))
    assert aged.head_file.read_text("ascii").startswith("509 ")
    with work_for(SYSTEM) as work:
        audit.remember(work, "x.z")
    assert chain.verify_all() > 4
    assert db.session.scalar(text("SELECT max(id) FROM audit")) == 510
    db.session.remove()
    for statement in (
        "DROP TRIGGER audit_no_update",
        "UPDATE audit SET record_id = 8 WHERE id = 501",
    ):
        on = " ON audit" if "DROP" in statement and db.engine.dialect.name != "sqlite" else ""
        with db.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text(statement + on))
    with pytest.raises(Broken) as broken:
        chain.verify_all()
    assert broken.value.id <= 501  # ids had gaps then: the first that is missing is told


def test_without_the_chain_ids_go_on_and_the_archive_comes_back(aged):
    """REL-13, AUD-9: nothing is lost on the way down."""
    names = (
        "id, at, actor_id, actor, action, entity, record_id, changes, address, request_id, result"
    )
    with db.engine.execution_options(writes=True).begin() as connection:
        first = 501  # which is old enough
        connection.execute(
            text(
                f"INSERT INTO audit_archive ({names}, digest) SELECT {names}, digest FROM audit WHERE id = {first}"
            )
        )
        connection.execute(text(f"DELETE FROM audit WHERE id = {first}"))
        number = connection.scalar(text("SELECT count(*) FROM audit")) + 1
    downgrade(revision="0003")
    with db.engine.execution_options(writes=True).begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == number
        bare = INSERT.replace("(id, ", "(").replace("(:id, ", "(")
        connection.execute(text(bare))
        assert connection.scalar(text("SELECT max(id) FROM audit")) == 510
    upgrade()
    with Session(db.engine) as session:
        assert verify(session, aged.app.extensions["settings"].audit_key) == number + 1
