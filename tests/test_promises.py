"""What docs/SECURITY.md promises, and what the docstrings of the tests say, is the same."""

from deploy import promises


def test_every_promise_stands_beside_the_tests_that_keep_it():
    """Every ID of a docstring has its row, every row its tests – or a reason why it has none."""
    text = promises.DOCUMENT.read_text("utf-8")
    assert list(promises.problems(text, promises.keepers())) == []


def test_only_tests_keep_promises(tmp_path):
    """A helper that names a promise is no test of it, nor is a file that holds none."""
    helper = 'def wait():\n    """REL-2"""\n\ndef test_x():\n    """REL-3"""\n'
    for name, found in (("test_x.py", ["", "REL-3"]), ("sockets.py", [])):
        path = tmp_path / name
        path.write_text(helper, "utf-8")
        assert list(promises.docstrings(path)) == found


def test_the_comparison_can_fail():
    rows = "| SES-1 | words | [gone.py](../tests/gone.py) |\n| SES-2 | words |  |\n"
    found = list(promises.problems(rows, {"SES-1": ["auth/here.py"], "SES-3": ["auth/x.py"]}))
    assert len(found) == 3
    reasoned = "| CFG-9 | words | only people can check it |\n"
    assert list(promises.problems(reasoned, {})) == []
