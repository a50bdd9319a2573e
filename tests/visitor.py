"""Somebody in front of the screen: signed in, with a browser's manners about tokens and origins."""

from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.user import User
from app.services import device_session
from app.services.device_session import SessionLimits

Fields = dict[str, Any]


class Visitor:
    """One person with one browser."""

    def __init__(self, app: Flask, username: str = "") -> None:
        self.app = app
        self.browser = app.test_client()
        self.username = username
        self.user_id = 0
        if username:
            self.sign_in(username)

    def sign_in(self, username: str) -> None:
        """Begin a session without typing the password: hashing is slow, and tested elsewhere."""
        self.user_id = db.session.scalar(select(User.id).where(User.username == username)) or 0
        limits = SessionLimits.of(self.app.extensions["settings"])
        with work_for(SYSTEM) as work:
            token = device_session.start(work, self.user_id, device="test", limits=limits)
        with self.browser.session_transaction() as cookie:
            cookie["id"] = token

    @property
    def token(self) -> str:
        """A CSRF token of this browser's session."""
        forget()
        with self.browser.session_transaction() as cookie:
            kept = dict(cookie)
        with self.app.test_request_context():
            session.update(kept)
            token = generate_csrf()
            secret = session["csrf_token"]
        with self.browser.session_transaction() as cookie:
            cookie["csrf_token"] = secret
        return token

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open *path*."""
        forget()
        return self.browser.get(path, **options)

    def json(self, path: str) -> Any:
        """Return the JSON view of *path*."""
        joint = "&" if "?" in path else "?"
        answer = self.get(f"{path}{joint}format=json")
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, path: str, values: Fields | None = None, **options: Any) -> TestResponse:
        """Send a form as it is, with a valid token."""
        forget()
        data = {"csrf_token": self.token, **(values or {})}
        return self.browser.post(path, data=data, **options)

    def form(self, path: str) -> Fields:
        """Return the fields of the main form of a page, as a browser would send them."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return fields_of(answer.text)

    def submit(self, path: str, **values: Any) -> TestResponse:
        """Fill in the form of *path* and send it."""
        return self.post(path, {**self.form(path), **values})


def forget() -> None:
    """Begin like a new request: the test's own application context must not remember anybody."""
    db.session.remove()
    for name in list(g):
        g.pop(name)


def fields_of(html: str) -> Fields:
    """Return the fields of the record form in *html*, or of the first form that posts."""
    forms = Forms(html).found
    chosen = [form for form in forms if form["id"] == "record-form"] or forms
    return dict(chosen[0]["fields"])


class Forms(HTMLParser):
    """Collects the POST forms of a page with their fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.inside: dict[str, Any] | None = None
        self.area = self.select = ""
        self.hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        given = dict(attributes)
        if tag == "template":
            self.hidden += 1
        if self.hidden:
            return
        if tag == "form":
            self.inside = {"id": given.get("id"), "action": given.get("action") or "", "fields": {}}
            if (given.get("method") or "get").lower() == "post":
                self.found.append(self.inside)
        elif self.inside is not None and given.get("name"):
            self._field(tag, given)
        elif tag == "option" and self.select and "selected" in given and self.inside is not None:
            self.inside["fields"][self.select] = given.get("value") or ""

    def _field(self, tag: str, given: dict[str, Any]) -> None:
        fields, name = self.inside["fields"], given["name"]  # type: ignore[index]
        if tag == "select":
            self.select = name
            fields.setdefault(name, "")
        elif tag == "textarea":
            self.area = name
            fields[name] = ""
        elif tag == "input":
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    fields[name] = given.get("value") or "on"
            elif kind not in ("submit", "file", "button"):
                fields[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.area and self.inside is not None and not self.hidden:
            self.inside["fields"][self.area] += unescape(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.hidden -= 1
        elif tag == "textarea":
            if self.area and self.inside is not None:
                text = self.inside["fields"][self.area]
                self.inside["fields"][self.area] = text.removeprefix("\n")
            self.area = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.inside = None
