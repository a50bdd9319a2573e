"""Languages: Chinese first, English where chosen; how a message becomes a sentence."""

from collections.abc import Mapping
from typing import Any

from babel import Locale
from flask import Flask, has_request_context, session
from flask_babel import Babel, get_locale, gettext
from flask_login import current_user

from app.core.config import Settings
from app.core.words import filled
from app.web.actor import settings

#: What a person or the setting ``LOCALE`` may choose → Babel's name of it.
LANGUAGES: dict[str, str] = {"zh_CN": "zh_Hans_CN", "en": "en"}
SESSION_KEY = "locale"


def install(app: Flask) -> None:
    """Choose the language of each request and give templates what they need for it."""
    house: Settings = app.extensions["settings"]
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[house.locale]
    app.config["BABEL_DEFAULT_TIMEZONE"] = house.timezone
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=_chosen)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals["get_locale"] = get_locale
    app.context_processor(lambda: {"locale": language()})


def say(message: str, facts: Mapping[str, Any] | None = None) -> str:
    """Return *message* in the reader's language with its facts filled in."""
    return filled(message, facts or {}, lambda text: gettext(text) if text else "")


def language() -> str:
    """Return the language of this request, ``zh_CN`` or ``en``."""
    locale = get_locale() or Locale.parse(LANGUAGES["zh_CN"])
    return "en" if locale.language == "en" else "zh_CN"


def _chosen() -> str:
    """Return the person's own choice, else the browser session's, else the house's."""
    house = settings().locale
    if not has_request_context():
        return LANGUAGES[house]
    own = current_user.locale if current_user else ""
    chosen = own or session.get(SESSION_KEY) or house
    return LANGUAGES.get(chosen, LANGUAGES[house])


def choose(language_name: str | None) -> str | None:
    """Return *language_name* if it is one of ours, remembered for this browser; else None."""
    if language_name not in LANGUAGES:
        return None
    session[SESSION_KEY] = language_name
    return language_name
