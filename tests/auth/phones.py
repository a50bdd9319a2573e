"""Phones for tests: whose they are, and what arrives on them."""

import json
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.cli import jobs
from app.core.work import SYSTEM, work_for
from app.models.user import User
from tests.visitor import forget

PHONE = "13812345678"


def with_phone(username: str, phone: str | None = PHONE) -> str | None:
    """Give somebody a phone, as if stored long ago, and return its number."""
    with work_for(SYSTEM) as work:
        user = work.session.scalars(select(User).where(User.username == username)).one()
        user.phone = phone
    return phone


class Phones:
    """What the worker has sent to phones."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        settings = app.extensions["settings"]
        self.folder = Path(settings.sms_url.removeprefix("file:"))
        for old in self.folder.glob("*.json") if self.folder.exists() else ():
            old.unlink()

    def deliver(self) -> list[dict[str, Any]]:
        """Let the worker do what is due; return all messages, the oldest first."""
        forget()
        jobs.run_due()
        files = sorted(self.folder.glob("*.json")) if self.folder.exists() else []
        return [json.loads(file.read_bytes()) for file in files]

    def code(self) -> str:
        """Return the newest code."""
        return self.deliver()[-1]["code"]


def another(code: str) -> str:
    """Return a code that is not *code*."""
    return f"{(int(code) + 1) % 1_000_000:06}"
