"""A backup whose audit is not what was written is no backup."""

import pytest
from sqlalchemy import select, text

from app.core.db import db
from app.models.audit import Audit
from tests.conftest import unguarded
from tests.crash.conftest import build, close, command, url_of


@pytest.fixture
def elsewhere(lived_in, tmp_path_factory):
    """Another house on the same kind of database, with keys of its own."""
    kind = "sqlite" if url_of(lived_in).startswith("sqlite") else "postgresql"
    other = build(kind, tmp_path_factory.mktemp("elsewhere"))
    close(other)
    yield other
    close(other)


def test_an_audit_that_another_key_sealed_is_adopted_on_purpose_only(
    lived_in, run, elsewhere, tmp_path
):
    """AUD-2, REL-12: and from then on whatever is done to it is found, before and after."""
    run("backup", "create", tmp_path / "copy")
    answer = command(elsewhere, "backup", "verify", tmp_path / "copy")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "AUDIT_KEY" in answer.stderr
    answer = command(elsewhere, "backup", "restore", tmp_path / "copy", "--yes")
    assert answer.exit_code == 1
    assert "--foreign-audit" in answer.stderr
    close(elsewhere)
    restore = ("backup", "restore", tmp_path / "copy", "--yes", "--foreign-audit")
    assert command(elsewhere, *restore).exit_code == 0
    assert command(elsewhere, "audit", "verify").exit_code == 0
    with elsewhere.app.app_context():
        actions = select(Audit.action).order_by(Audit.id.desc()).limit(2)
        assert db.session.scalars(actions).all() == ["backup.restore", "audit.adopt"]
    close(elsewhere)
    command(elsewhere, "backup", "create", tmp_path / "second")
    assert command(elsewhere, "backup", "verify", tmp_path / "second").exit_code == 0
    for where in ("id = 3", "id = (SELECT max(id) - 2 FROM audit)", "action = 'audit.adopt'"):
        with elsewhere.app.app_context(), unguarded() as connection:
            connection.execute(text(f"UPDATE audit SET actor = actor || 'x' WHERE {where}"))
        assert command(elsewhere, "audit", "verify").exit_code == 1
        with elsewhere.app.app_context(), unguarded() as connection:
            connection.execute(
                text(f"UPDATE audit SET actor = substr(actor, 1, length(actor) - 1) WHERE {where}")
            )
    assert command(elsewhere, "audit", "verify").exit_code == 0


def test_a_backup_whose_first_entry_was_changed_is_not_well(lived_in, run, tmp_path):
    """AUD-2: what looks like another key is no less an alarm."""
    run("backup", "create", tmp_path / "sound")
    with lived_in.app.app_context(), unguarded() as connection:
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE id = 1 OR id = 5"))
    run("backup", "create", tmp_path / "lies")
    answer = run("backup", "verify", tmp_path / "lies")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert run("backup", "restore", tmp_path / "sound", "--yes").exit_code == 0


def test_every_restore_keeps_the_head_file_it_found(lived_in, run, tmp_path):
    """AUD-2: the second one destroys no evidence of the first; a file that cannot be had is told."""
    run("backup", "create", tmp_path / "copy")
    folder = lived_in.head_file.parent
    for number in (1, 2):
        before = set(folder.glob("audit_head.until-*"))
        answer = run("backup", "restore", tmp_path / "copy", "--yes")
        (kept,) = set(folder.glob("audit_head.until-*")) - before
        assert str(kept) in answer.stdout, number
    lock = folder / ".audit_head.lock"
    lock.unlink()
    lock.mkdir()
    answer = run("backup", "restore", tmp_path / "copy", "--yes")
    lock.rmdir()
    assert answer.exit_code == 0
    assert "audit head --begin" in answer.stderr
    assert run("audit", "verify").exit_code == 1
    assert run("audit", "head", "--begin").exit_code == 0
    assert run("audit", "verify").exit_code == 0


def test_a_backup_whose_audit_was_changed_is_refused(lived_in, run, tmp_path):
    """AUD-2: the chain is verified before anything is put back; after it, the chain goes on."""
    run("backup", "create", tmp_path / "sound")
    with lived_in.app.app_context(), unguarded() as connection:
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE id = 5"))
    run("backup", "create", tmp_path / "lies")
    answer = run("backup", "verify", tmp_path / "lies")
    assert (answer.exit_code, "5：" in answer.stderr) == (1, True)
    assert run("backup", "restore", tmp_path / "lies", "--yes").exit_code == 1
    assert run("audit", "verify").exit_code == 1
    assert run("backup", "restore", tmp_path / "sound", "--yes").exit_code == 0
    answer = run("audit", "verify")
    assert (answer.exit_code, answer.stderr) == (0, "")
