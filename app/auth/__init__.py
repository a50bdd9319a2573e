"""Pages before one is in, and those about one's own account."""

from flask import Flask, redirect
from flask.typing import ResponseReturnValue

from app.auth import (
    account,
    entrance,
    login,
    passkey,
    permissions,
    preferences,
    reset,
    sessions,
    sms,
    totp,
    verify,
)
from app.web.security import bare, before_password

__all__ = [
    "account",
    "install",
    "login",
    "passkey",
    "permissions",
    "preferences",
    "reset",
    "sessions",
    "sms",
    "totp",
    "verify",
]

ROBOTS = "User-agent: *\nDisallow: /\n"


def install(app: Flask) -> None:
    """Register the pages."""
    for pages in (login.pages, reset.pages, account.pages):
        app.register_blueprint(pages)
    app.add_url_rule("/language", "language", preferences.language, methods=["POST"])
    app.add_url_rule("/.well-known/change-password", "change_password", change_password)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    app.add_url_rule("/robots.txt", "robots", robots)
    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "home", home)


def home() -> ResponseReturnValue:
    """Lead to the panel."""
    return redirect(entrance.HOME)


@before_password
def change_password() -> ResponseReturnValue:
    """Lead password managers to the page they look for."""
    return redirect("/account/password")


@bare
def favicon() -> ResponseReturnValue:
    """Lead browsers that ask for the old address to our sign."""
    return redirect("/static/favicon.svg")


@bare
def robots() -> ResponseReturnValue:
    """Keep search engines out."""
    return ROBOTS, 200, {"Content-Type": "text/plain; charset=utf-8"}
