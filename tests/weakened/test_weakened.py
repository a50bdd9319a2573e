"""The tests of the promises can fail: each weakness put in on purpose is noticed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.weakened.weaknesses import WEAKNESSES

ROOT = Path(__file__).resolve().parents[2]
AT_LEAST = 15


def test_every_weakness_is_noticed(tmp_path):
    """One run with every test weakened in its own way; the same tests pass in the suite, as they are."""
    notes = tmp_path / "notes"
    notes.touch()
    command = ["-m", "pytest", "-q", "-n0", "-p", "tests.weakened.plugin", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, *command, *(one.test for one in WEAKNESSES.values())],
        cwd=ROOT,
        env={**os.environ, "WEAKENED_REPORT": str(notes)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    found = dict(line.split("\t") for line in notes.read_text("utf-8").splitlines())
    missed = {
        name: found.get(one.test, "not run")
        for name, one in WEAKNESSES.items()
        if found.get(one.test) != "noticed"
    }
    assert missed == {}, run.stdout[-3000:]


def test_there_are_enough_of_them():
    assert len({one.promise for one in WEAKNESSES.values()}) >= AT_LEAST
