"""Doors, mails and workers for the tests of signing in."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.cli import jobs
from tests.auth.phones import Phones
from tests.visitor import Visitor, forget

Door = Callable[..., TestResponse]


def alert(answer: TestResponse) -> str:
    """Return the words of the note on a page."""
    found = re.search(r'role="alert".*?<div>(.*?)</div>', answer.text, re.DOTALL)
    return found.group(1) if found else ""


def errors(answer: TestResponse) -> dict[str, str]:
    """Return the messages beside the fields of a page."""
    found = re.findall(r'class="field-error"[^>]*data-field="([^"]+)"[^>]*>([^<]*)', answer.text)
    return dict(found)


def token_of(visitor: Visitor) -> str:
    """Return a CSRF token of this browser's session, whatever the test did before."""
    forget()
    return visitor.token


@pytest.fixture
def try_door(app: Flask) -> Door:
    """Try to sign in with a browser (a new one by default) and return the answer."""

    def attempt(
        username: str, password: str, browser: Visitor | None = None, **options: Any
    ) -> TestResponse:
        browser = browser or Visitor(app)
        more = options.pop("more", {})
        return browser.post(
            "/login", {"username": username, "password": password, **more}, **options
        )

    return attempt


class Outbox:
    """What the worker has mailed."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.folder: Path = app.extensions["settings"].outbox
        for old in self.folder.glob("*.eml") if self.folder.exists() else ():
            old.unlink()

    def deliver(self) -> list[email.message.EmailMessage]:
        """Let the worker do what is due; return all mails, the oldest first."""
        forget()
        jobs.run_due()
        files = sorted(self.folder.glob("*.eml")) if self.folder.exists() else []
        return [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
            for file in files
        ]

    def link(self) -> str:
        """Return the path of the newest link, which stands alone on its line."""
        text = self.deliver()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
        lines = [line for line in text.splitlines() if line.startswith("http")]
        assert len(lines) == 1, text
        return "/" + lines[0].split("/", 3)[3]


@pytest.fixture
def outbox(app: Flask) -> Outbox:
    """The mails of this test."""
    return Outbox(app)


@pytest.fixture
def phones(app: Flask) -> Phones:
    """The messages of this test."""
    return Phones(app)


@pytest.fixture
def without_sms(app: Flask) -> Iterator[None]:
    """No gateway for messages, as in production by default."""
    kept = app.extensions["settings"]
    app.extensions["settings"] = kept.model_copy(update={"sms_url": None})
    yield
    app.extensions["settings"] = kept
