"""kill -9 at random moments under eight writers; ``python -m bench.crash`` does it 200 times."""

import pytest

from bench.crash import SLOWEST_START, ordeal


@pytest.mark.parametrize(("database", "kills"), [("sqlite", 6), ("postgresql", 4)])
def test_what_was_acknowledged_survives_everything(database, kills, tmp_path):
    """REL-5: nothing lost, nothing doubled, nothing half; the next write within ten seconds."""
    with ordeal(tmp_path, database, seed=7, quick=True) as trial:
        report = trial.survive(kills)
        assert report.wrong == []
        assert trial.copied(tmp_path / "copy") == ()
    assert report.acks > 0
    assert max(report.starts) < SLOWEST_START
