"""Whether we are alive and ready, and figures for Prometheus; none of it tells a secret."""

import hmac
import math
import time
from mmap import mmap
from pathlib import Path
from typing import Any

import redis
from flask import Flask, Response, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as latest
from sqlalchemy.exc import SQLAlchemyError

from app.core import revisions
from app.core.db import db
from app.core.head_file import HeadFile, HeadUnreadable
from app.services import audit_head
from app.web.actor import settings
from app.web.security import bare

REDIS_PATIENCE = 0.5  # seconds
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LOCAL = frozenset({"127.0.0.1", "::1"})


class Figures:
    """What this process counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests_total",
            "Answers",
            ["endpoint", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "http_request_seconds", "Time per answer", ["endpoint"], registry=self.registry
        )
        self.audit_lag = Gauge(
            "audit_head_lag", "Entries that the audit head file is behind", registry=self.registry
        )


class Leaving:
    """Whether this house is about to close: one byte that all processes forked from this one share."""

    def __init__(self) -> None:
        self._byte = mmap(-1, 1)

    def announce(self) -> None:
        """Let /readyz say no from now on."""
        self._byte[0] = 1

    @property
    def is_announced(self) -> bool:
        """Whether new requests should go elsewhere."""
        return bool(self._byte[0])


def install(app: Flask) -> None:
    """Add the three addresses, and count every answer."""
    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", metrics)
    app.extensions["figures"] = Figures()
    app.extensions["leaving"] = Leaving()
    app.before_request(_start)
    app.after_request(_count)


@bare
def livez() -> ResponseReturnValue:
    """Answer that the process answers; needs nothing."""
    return Response("ok", mimetype="text/plain")


@bare
def readyz() -> ResponseReturnValue:
    """Answer whether the database, its migrations and Redis are as they should be."""
    checks = {"database": "ok", "migrations": "ok", "redis": _redis()}
    try:
        with db.engine.connect() as connection:
            if revisions.found_in(connection) != revisions.newest():
                checks["migrations"] = "pending"
    except SQLAlchemyError:
        checks["database"], checks["migrations"] = "down", "unknown"
    if current_app.extensions["leaving"].is_announced:
        return {"status": "stopping", "checks": checks}, 503
    is_ready = checks["database"] == "ok" and checks["migrations"] == "ok"
    good = "degraded" if checks["redis"] == "down" else "ok"
    return {"status": good if is_ready else "down", "checks": checks}, 200 if is_ready else 503


@bare
def metrics() -> ResponseReturnValue:
    """Return the figures, to this very host or to whoever has the token."""
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    has_token = bool(token) and hmac.compare_digest(given.encode(), token.encode())
    # A proxy on this host that we were not told about makes everybody look local.
    is_local = request.remote_addr in _LOCAL and "X-Forwarded-For" not in request.headers
    if not (has_token or is_local):
        abort(403)
    _figures().audit_lag.set(_audit_lag())
    return Response(latest(_figures().registry), content_type=CONTENT_TYPE_LATEST)


def _audit_lag() -> float:
    """Return how many entries the head file is behind; infinity where it is missing or holds none."""
    try:
        return audit_head.lag(HeadFile(Path(settings().audit_head_file)))
    except HeadUnreadable:
        return math.inf
    except (OSError, SQLAlchemyError):
        return math.nan  # nobody can tell now


def _redis() -> str:
    url = settings().redis_url
    if not url:
        return "off"
    try:
        client: Any = redis.Redis.from_url(
            url, socket_timeout=REDIS_PATIENCE, socket_connect_timeout=REDIS_PATIENCE
        )
        with client:
            client.ping()
    except redis.RedisError:
        return "down"
    return "ok"


def _figures() -> Figures:
    figures: Figures = current_app.extensions["figures"]
    return figures


def _start() -> None:
    g.started_at = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "-"
    figures = _figures()
    method = request.method if request.method in METHODS else "other"  # anybody may invent one
    figures.requests.labels(endpoint, method, response.status_code).inc()
    if "started_at" in g:
        figures.seconds.labels(endpoint).observe(time.perf_counter() - g.started_at)
    return response
