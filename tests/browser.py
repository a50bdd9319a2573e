"""A Chromium for the tests that need one: the one that is installed; none is ever downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)

#: Quiet and offline: the background services would otherwise knock at closed doors all the time.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def find_chromium() -> str | None:
    """Return the Chromium of this machine (``CHROMIUM`` names another), or none."""
    named = [os.environ.get("CHROMIUM", "")]
    found = [shutil.which(name) for name in (*named, *NAMES) if name]
    return next((path for path in (*found, *PLACES) if path and Path(path).exists()), None)


def chromium_or_skip() -> str:
    """Return the Chromium; without one skip the test, or fail it where REQUIRE_BROWSER=1."""
    path = find_chromium()
    if path:
        return path
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, but there is no Chromium", pytrace=False)
    pytest.skip("there is no Chromium on this machine")


@contextmanager
def open_browser(**options: Any) -> Iterator[Any]:
    """Yield a headless Playwright browser, closed afterwards."""
    executable = chromium_or_skip()
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = (*FLAGS, "--no-sandbox") if root else FLAGS  # Chromium's sandbox refuses root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=list(flags), headless=True, **options
        )
        try:
            yield browser
        finally:
            browser.close()
