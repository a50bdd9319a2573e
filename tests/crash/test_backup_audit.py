"""A backup whose audit is not what was written is no backup."""

from sqlalchemy import text

from tests.conftest import unguarded


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
