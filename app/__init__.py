"""The product, put together."""

from flask import Flask
from flask_migrate import Migrate

from app import admin_views, auth, cli, models, reactions
from app.core import clock, db
from app.core.config import ROOT, Settings, load_settings
from app.core.work import SEAL
from app.services.audit_chain import Chain
from app.web import actor, health, limits, locale, logs, refusals, security

MEGABYTE = 2**20


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for *settings* (default: from the environment).

    Raises ConfigError for settings it cannot or must not run with.
    """
    settings = settings or load_settings()
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.extensions["settings"] = settings
    app.config.update(
        COMPANY=settings.company,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=25 * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=8 * MEGABYTE,
        MAX_FORM_PARTS=50_000,  # an order of a thousand lines
        BABEL_DEFAULT_LOCALE=settings.locale,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    clock.set_zone(settings.timezone)
    db.install(app)
    Migrate(app, db.db, directory=str(ROOT / "migrations"))
    for part in (logs, security, locale, actor, limits, refusals, health, auth, admin_views, cli):
        part.install(app)
    reactions.install()
    app.extensions[SEAL] = Chain.of(settings.audit_key, settings.audit_head_file).seal
    return app


__all__ = ["create_app", "models"]
