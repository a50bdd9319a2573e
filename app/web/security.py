"""The gate that every request passes before any view: host, origin, login, password, CSRF.

The order is the one that is promised; everything is closed unless it is listed as open.
"""

import ipaddress
import secrets
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import tokens
from app.core.config import Settings
from app.core.errors import NotAllowed
from app.web import headers, incoming, refusals, remembering, waiting
from app.web.actor import settings
from app.web.asking import here, local_path, wants_json

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Retry = Callable[[], str | None]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Roles that ADMIN_ADDRESSES keeps to certain addresses.
GUARDED_ROLES = frozenset({"admin", "security"})
_ANY_HOST = frozenset({"/livez", "/readyz"})

csrf = CSRFProtect()
#: Endpoint → what makes its page again with everything typed, when only the CSRF token was bad.
_retries: dict[str, Retry] = {}


def install(app: Flask) -> None:
    """Configure cookies, hosts and proxies, and put the gate before every view."""
    house: Settings = app.extensions["settings"]
    tokens.use_keys(house.data_keys)
    app.config.update(
        SESSION_COOKIE_NAME="__Host-sid" if house.https else "sid",
        SESSION_COOKIE_SECURE=house.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        TRUSTED_HOSTS=list(house.trusted_hosts),
        PREFERRED_URL_SCHEME="https" if house.https else "http",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # we ask for Origin or Referer ourselves
    )
    if house.trusted_proxies:
        hops = house.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    incoming.install(app)
    csrf.init_app(app)
    headers.install(app)
    remembering.install(app)
    app.before_request(_gate)


def public(view: View) -> View:
    """Mark *view* as one that answers before login, and although the password must be changed."""
    return _marked(view, "is_public")


def bare(view: View) -> View:
    """Mark *view* as one that answers anybody without asking who it is: it needs no database."""
    return _marked(view, "is_bare")


def before_password(view: View) -> View:
    """Mark *view* as one that answers although the password must be changed first."""
    return _marked(view, "is_before_password")


def before_factor(view: View) -> View:
    """Mark *view* as one that answers although a second factor must be set up first."""
    return _marked(view, "is_before_factor")


def ask_again(next_page: str) -> ResponseReturnValue | None:
    """Ask for the password before something delicate, then lead to *next_page*; None if it is fresh."""
    if current_user.is_fresh:
        return None
    if wants_json():
        return {"error": "confirm"}, 403
    return redirect(url_for("account.confirm", next=next_page))


def register_retry(endpoint: str, function: Retry) -> None:
    """Let *function* answer when a form of *endpoint* came with a bad CSRF token.

    It returns the page with everything typed, or None; it must never write.
    """
    _retries[endpoint] = function


def _marked(view: View, mark: str) -> View:
    setattr(view, mark, True)
    return view


def _has(mark: str) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, mark, False))


# -- the gate ---------------------------------------------------------------------------


def _gate() -> ResponseReturnValue | None:
    """Answer in the promised order; None lets the request through to its view."""
    g.request_id = secrets.token_hex(8)
    if isinstance(request.routing_exception, SecurityError):
        return _unknown_host()
    is_safe = request.method in SAFE
    if is_safe and (request.endpoint == "static" or _has("is_bare")):
        return None
    if not is_safe:
        _require_own_origin()
    elif request.headers.get("X-Background") != "1":
        remembering.sign_in()
    refusal = None if _has("is_public") else _person_refused()
    if refusal is None and not is_safe:
        refusal = _require_token()
    return refusal


def _person_refused() -> ResponseReturnValue | None:
    """Answer who is not signed in, comes from elsewhere, or has something to set up first."""
    if not current_user.is_authenticated:
        return _ask_login()
    _require_address()
    if current_user.must_change_password and not _has("is_before_password"):
        return _ask_password()
    if current_user.must_enrol and not _has("is_before_factor"):
        return _ask_factor()
    return None


def _unknown_host() -> ResponseReturnValue:
    """Answer a host that is not ours: bare, for no address can be built. Health answers anybody."""
    if request.path in _ANY_HOST:
        return _health(request.path)
    return Response("<!doctype html><title>400</title><p>400</p>", 400, mimetype="text/html")


def _health(path: str) -> ResponseReturnValue:
    answer: ResponseReturnValue = current_app.ensure_sync(current_app.view_functions[path[1:]])()
    return answer


def _require_own_origin() -> None:
    """Refuse what another site makes a browser send; over https something must say it was ours."""
    origin = request.headers.get("Origin")
    if origin is None and request.is_secure:
        origin = here(request.referrer or "null")
    if origin is not None and origin not in {here(request.host_url), settings().public_url}:
        abort(400)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(400)


def _ask_login() -> ResponseReturnValue:
    if wants_json():
        return {"error": "login"}, 401
    where = request.full_path.rstrip("?") if request.method in SAFE else request.referrer or ""
    page = "auth.verify" if waiting.found() else "auth.login"
    return redirect(url_for(page, next=local_path(where) or None))


def _ask_password() -> ResponseReturnValue:
    if wants_json():
        return {"error": "password"}, 403
    return redirect(url_for("account.password"))


def _ask_factor() -> ResponseReturnValue:
    if wants_json():
        return {"error": "factor"}, 403
    return redirect(url_for("account.totp"))


def _require_address() -> None:
    """Keep administrators to the addresses of ADMIN_ADDRESSES, where it is set."""
    allowed = settings().admin_addresses
    if not allowed or not GUARDED_ROLES.intersection(current_user.role_names):
        return
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError as error:
        raise NotAllowed from error
    if not any(address in ipaddress.ip_network(net, strict=False) for net in allowed):
        raise NotAllowed


def _require_token() -> ResponseReturnValue | None:
    """Refuse a request without the CSRF token of this session; the typed form comes back."""
    try:
        csrf.protect()
    except CSRFError:
        retry = _retries.get(request.endpoint or "")
        body = None if retry is None or wants_json() else retry()
        return refusals.page(400) if body is None else (body, 400)
    return None
