"""The head of the audit outside the database: whole, never older than before, and never a reason to fail."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.domain.audit import Head
from app.models.audit import Audit
from app.models.customer import Customer
from app.services import audit
from app.services.audit_chain import Chain
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.services.chains import digest


def test_the_file_outside_names_the_last_entry(app, last, head_file):
    """AUD-2: only its owner reads it."""
    assert head_file.read_text("ascii") == f"{last} {digest(last)}\n"
    assert head_file.stat().st_mode & 0o777 == 0o600
    assert not list(head_file.parent.glob(f".{head_file.name}.*.new"))


def test_a_file_that_is_behind_is_well(app, say, last, head_file):
    """AUD-2: the house may be killed between a commit and the file; the next write catches up."""
    head_file.write_text(f"{last - 3} {digest(last - 3)}\n", "ascii")
    assert say("audit", "verify").exit_code == 0
    with work_for(SYSTEM) as work:
        audit.remember(work, "note.later")
    assert head_file.read_text("ascii").startswith(f"{last + 1} ")


@pytest.mark.parametrize("content", ["", "hello", "1 2 3", "x ab", None, "\udcff"])
def test_a_file_that_says_nothing_is_not_well(app, say, last, head_file, content):
    """AUD-2"""
    head_file.unlink()
    if content is not None:
        head_file.write_bytes(content.encode("utf-8", "surrogateescape"))
    answer = say("audit", "verify")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "链头文件" in answer.stderr


def test_a_file_with_another_digest_is_not_well(app, say, last, head_file):
    """AUD-2: everything up to there was rewritten."""
    head_file.write_text(f"{last - 3} {digest(last)}\n", "ascii")
    assert say("audit", "verify").stderr.startswith(f"Error: {last - 3}：")


def test_an_older_head_never_takes_the_place_of_a_newer_one(app, last, head_file):
    """AUD-2: writers reach the file in another order than they committed."""
    chain = Chain.of(app.extensions["settings"].audit_key, str(head_file))
    entries = db.session.execute(select(Audit.id, Audit.digest).order_by(Audit.id))
    heads = [Head(*entry) for entry in entries]
    for position in (3, 5, 4, 2):
        chain.publish(heads[-position - 1], heads[-position])
        assert head_file.read_text("ascii").startswith(f"{last} ")


def test_a_file_that_cannot_be_written_loses_nothing(app, head_file, caplog):
    """AUD-2: what is committed is answered; the log says that the file stayed behind."""
    head_file.unlink(missing_ok=True)
    head_file.mkdir()
    try:
        made = make_customer()
        assert load(Customer, made).name
        assert "head file" in caplog.text
    finally:
        head_file.rmdir()
