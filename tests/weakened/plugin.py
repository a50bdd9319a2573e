"""For a run of its own: each test is called with its weakness switched on, and says how it ended."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.weakened.weaknesses import WEAKNESSES

BY_TEST = {one.test: one for one in WEAKNESSES.values()}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Switch the weakness on for the test alone: what comes before and after is as strong as ever."""
    with pytest.MonkeyPatch.context() as patch:
        BY_TEST[item.nodeid].switch(patch)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """Write down whether the test noticed: by what it asserts, not by falling over."""
    report = yield
    if report.when == "call" or report.failed:
        noticed = bool(call.excinfo and call.excinfo.errisinstance(AssertionError))
        word = "noticed" if noticed and report.when == "call" else f"{report.when} {report.outcome}"
        with Path(os.environ["WEAKENED_REPORT"]).open("a", encoding="utf-8") as file:
            file.write(f"{item.nodeid}\t{word}\n")
    return report
