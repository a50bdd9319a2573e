"""The head of the audit outside the database: whole, never older than before, and never a reason to fail."""

import os
from threading import Timer

import pytest
from sqlalchemy import select

from app.core import head_file as head_file_module
from app.core.db import db
from app.core.errors import Unavailable
from app.core.head_file import HeadFile
from app.core.work import SEAL, SYSTEM, UNRECORDED, work_for
from app.domain.audit import Head
from app.models.audit import Audit
from app.models.customer import Customer
from app.services import audit, audit_head
from app.services.audit_chain import Chain
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.services.chains import digest, newest, sql


def test_the_file_outside_names_the_last_entry(app, last, head_file):
    """AUD-2: only its owner reads it."""
    assert head_file.read_text("ascii") == f"{last} {digest(last)}\n"
    assert head_file.stat().st_mode & 0o777 == 0o600
    assert not list(head_file.parent.glob(f".{head_file.name}.*.new"))


def test_a_file_that_stays_behind_is_not_well(app, say, last, head_file, monkeypatch):
    """AUD-2: a file that nobody can write proves nothing; after a power cut the next write catches up."""
    monkeypatch.setattr(audit_head, "GRACE", 0)
    head_file.write_text(f"{last - 3} {digest(last - 3)}\n", "ascii")
    answer = say("audit", "verify")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "落后 3 条" in answer.stderr
    with work_for(SYSTEM) as work:
        audit.remember(work, "note.later")
    assert head_file.read_text("ascii").startswith(f"{last + 1} ")
    assert say("audit", "verify").exit_code == 0


def test_a_commit_may_be_ahead_of_its_file_for_a_moment(app, say, last, head_file):
    """AUD-2: verifying while people write raises no false alarm."""
    sound = head_file.read_text("ascii")
    head_file.write_text(f"{last - 3} {digest(last - 3)}\n", "ascii")
    later = Timer(0.3, head_file.write_text, [sound, "ascii"])
    later.start()
    assert say("audit", "verify").exit_code == 0
    later.join()


@pytest.mark.parametrize(
    "content",
    ["", "hello", "1 2 3", "x ab", None, "\udcff", f"{'9' * 5000} ab", f"1 {'ab' * 32}{' ' * 200}"],
)
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


@pytest.mark.parametrize("content", ["9" * 5000 + " ab", "9" * 30 + " " + "ab" * 32, "\udcff"])
def test_a_file_of_nonsense_stops_nobody(app, last, head_file, content, caplog):
    """AUD-2: what is committed is answered, whatever stands in the file."""
    head_file.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert load(Customer, make_customer()).name
    assert "run audit verify" in caplog.text
    assert head_file.read_bytes() == content.encode("utf-8", "surrogateescape")


def test_nothing_that_follows_a_commit_looks_like_a_refusal(app, monkeypatch, caplog):
    """REL-12: it is done; whoever asked for it must not do it again."""

    def sealed(_work):
        def told():
            raise ValueError

        return told

    monkeypatch.setitem(app.extensions, SEAL, sealed)
    assert load(Customer, make_customer()).name
    assert "follows a commit" in caplog.text


def test_a_file_that_is_gone_stays_gone_until_somebody_begins_it(app, say, last, head_file):
    """AUD-2: deleting it hides no cut, however much is written after it."""
    head_file.unlink()
    with work_for(SYSTEM) as work:
        audit.remember(work, "note.later")
    assert not head_file.exists()
    assert say("audit", "verify").exit_code == 1
    assert say("audit", "head").exit_code == 1
    answer = say("audit", "head", "--begin")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert head_file.read_text("ascii") == f"{newest()} {digest(newest())}\n"
    assert db.session.get(Audit, newest()).action == "audit.head"
    assert say("audit", "verify").exit_code == 0
    assert say("audit", "head").stdout == head_file.read_text("ascii")


def test_a_file_that_is_begun_anew_leaves_the_old_one(app, say, last, head_file):
    """AUD-2: evidence stays, every time under another name."""
    before = set(head_file.parent.glob("audit_head.until-*"))
    for number in (1, 2):
        head_file.write_text(f"{last} {'ab' * 32}\n", "ascii")
        assert say("audit", "head", "--begin").exit_code == 0
        kept = set(head_file.parent.glob("audit_head.until-*")) - before
        assert len(kept) == number
    for one in kept:
        assert one.read_text("ascii").endswith("ab\n")
        one.unlink()


def test_a_lock_that_nobody_gives_back_stops_nobody(app, last, head_file, caplog, monkeypatch):
    """REL-12: writing goes on; the file catches up later."""
    monkeypatch.setattr(head_file_module, "PATIENCE", 0.05)
    before = head_file.read_text("ascii")
    with HeadFile(head_file).locked():
        assert load(Customer, make_customer()).name
    assert "TimeoutError" in caplog.text
    assert head_file.read_text("ascii") == before
    make_customer()
    assert head_file.read_text("ascii") != before


def test_the_file_belongs_to_whom_its_folder_belongs(tmp_path):
    """AUD-2: a command that root runs does not keep the house from writing on."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    folder = tmp_path / "head"
    folder.mkdir()
    os.chown(folder, 4711, 4712)
    file = HeadFile(folder / "audit_head")
    with file.locked():
        file.write(1, "ab" * 32)
    for one in folder.iterdir():
        assert (one.stat().st_uid, one.stat().st_gid) == (4711, 4712)


def test_a_key_that_is_another_one_is_noticed_with_the_first_entry(app, last, head_file, caplog):
    """AUD-2, AUD-10: nothing is written, nothing is saved, and the log says why."""
    right = app.extensions[SEAL]
    app.extensions[SEAL] = Chain.of("ab" * 32, str(head_file)).seal
    try:
        with pytest.raises(Unavailable, match=UNRECORDED):
            make_customer()
        assert "AUDIT_KEY" in caplog.text
        assert newest() == last
        app.extensions[SEAL] = Chain.of(app.extensions["settings"].audit_key, str(head_file)).seal
        sql("UPDATE audit SET actor = 'x' WHERE id = :last", last=last)  # is no reason to stop
        assert load(Customer, make_customer()).name
    finally:
        app.extensions[SEAL] = right
