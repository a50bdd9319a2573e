"""Headers of every answer: what a browser may load, keep and tell others."""

import secrets

from flask import Flask, Response, current_app, g, request

from app.core.config import Settings

YEAR = 31_536_000  # seconds
#: Cross-origin isolation, features nobody here needs, and what goes to other sites: nothing.
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
_POLICY = (
    "default-src 'none'; script-src 'self'{nonce}; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)


def install(app: Flask) -> None:
    """Add the headers to all answers, static and health ones too."""
    app.after_request(add_to)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """Return the nonce of this answer, made when a page first asks for it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def add_to(response: Response) -> Response:
    """Set every header that a view has not set itself."""
    house: Settings = current_app.extensions["settings"]
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if request.environ.get("SERVER_SOFTWARE", "").startswith("Werkzeug"):
        response.headers["Server"] = "web"  # the development server would tell its version
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=nonce))
    if house.https:
        response.headers.setdefault(
            "Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains"
        )
    if "request_id" in g:
        response.headers.setdefault("X-Request-ID", g.request_id)
    _say_who_may_keep(response)
    return response


def _say_who_may_keep(response: Response) -> None:
    if request.endpoint == "static" and response.status_code < 400:  # noqa: PLR2004
        if request.args.get("v"):
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return
    response.headers.setdefault("Cache-Control", "no-store")
    response.vary.add("Cookie")
