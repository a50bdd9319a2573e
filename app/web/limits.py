"""How often costly things may be done: Flask-Limiter, counting in Redis or in the database.

A limit is charged first and judged by what the charge says: parallel requests cannot slip through.
Tries of passwords are counted elsewhere (app/services/login_counter.py): those lock.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_login import current_user
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from app.core import clock
from app.core.config import Settings
from app.core.db import db
from app.core.errors import TooMany
from app.core.work import SYSTEM, work_for
from app.domain.login import network_of
from app.services import rate_counter

View = TypeVar("View", bound=Callable[..., Any])

REDIS_PATIENCE = 0.25  # seconds; a hanging Redis must not hang the page
REDIS_PAUSE = 10.0  # seconds in which a lost Redis is not asked again

#: What → how often. By user, or by address before login.
LIMITS: dict[str, RateLimitItem] = {
    "forgot": parse("20 per hour"),
    "reset": parse("30 per 15 minutes"),
    "passkey": parse("300 per 15 minutes"),
    "lookup": parse("120 per minute"),
    "export": parse("10 per hour"),
    "import": parse("20 per hour"),
    "unmask": parse("50 per day"),
    "attach": parse("60 per hour"),
    # Whole numbers tried by somebody who sees them masked: a mask hides four digits of a mobile.
    "guess": parse("200 per day"),
    # The same for what could be a WeChat name, or pinyin.
    "guess_name": parse("2000 per day"),
}


class DatabaseStorage(Storage):
    """The storage of the ``limits`` package on our own table."""

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """What it may raise."""
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count and return the sum."""
        with work_for(SYSTEM) as work:
            return rate_counter.hit(work, key, seconds=expiry, amount=amount)

    def get(self, key: str) -> int:
        """Return the sum so far."""
        return rate_counter.standing(db.session(), key, now=clock.now())[0]

    def get_expiry(self, key: str) -> float:
        """Return when the counter ends, in seconds since the epoch."""
        return rate_counter.standing(db.session(), key, now=clock.now())[1].timestamp()

    def check(self) -> bool:
        """Tell whether it answers: whoever asks needs the database anyway."""
        return True

    def reset(self) -> int | None:
        """Remove what has ended."""
        with work_for(SYSTEM) as work:
            rate_counter.forget(work)
        return None

    def clear(self, key: str) -> None:
        """Remove one counter."""
        with work_for(SYSTEM) as work:
            rate_counter.forget(work, key)


class _Fallback:
    """Counts in the database while Redis is lost."""

    def __init__(self) -> None:
        self.limiter = FixedWindowRateLimiter(DatabaseStorage())
        self.redis_lost_until = 0.0


def install(app: Flask) -> None:
    """Choose where the limits are counted."""
    house: Settings = app.extensions["settings"]
    Limiter(
        _who,
        app=app,
        storage_uri=house.redis_url or "database://",
        storage_options=_patience() if house.redis_url else {},
        strategy="fixed-window",
        key_prefix="limit",
    )
    app.extensions["limits_fallback"] = _Fallback()


def _patience() -> dict[str, Any]:
    return dict.fromkeys(("socket_timeout", "socket_connect_timeout"), REDIS_PATIENCE)


def within(name: str, key: str | None = None) -> bool:
    """Count one use of *name* by whoever is asking; tell whether it is still within the limit."""
    return _hit(LIMITS[name], name, key or _who())


def count(name: str, key: str | None = None) -> None:
    """Count one use of *name*; raise TooMany (429) when it is one too many."""
    item = LIMITS[name]
    key = key or _who()
    if not _hit(item, name, key):
        raise TooMany(_wait(item, name, key))


def limited(name: str) -> Callable[[View], View]:
    """Return a decorator that counts one use of *name* before its view."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(*arguments: Any, **named: Any) -> Any:
            count(name)
            return view(*arguments, **named)

        return cast("View", counted)

    return decorate


def _who() -> str:
    if current_user.is_authenticated:
        return f"user:{current_user.user_id}"
    return f"address:{network_of(request.remote_addr or '')}"


def _hit(item: RateLimitItem, name: str, key: str) -> bool:
    if not current_app.config.get("RATELIMIT_ENABLED", True):
        return True
    fallback: _Fallback = current_app.extensions["limits_fallback"]
    if time.monotonic() >= fallback.redis_lost_until:
        try:
            return _main().hit(item, name, key)
        except RedisError:
            fallback.redis_lost_until = time.monotonic() + REDIS_PAUSE
            current_app.logger.warning("Redis is lost; limits are counted in the database")
    return fallback.limiter.hit(item, name, key)


def _wait(item: RateLimitItem, name: str, key: str) -> int:
    """Return the seconds until the window ends; a whole window where nobody knows."""
    fallback: _Fallback = current_app.extensions["limits_fallback"]
    is_lost = time.monotonic() < fallback.redis_lost_until
    try:
        ends_at = (fallback.limiter if is_lost else _main()).get_window_stats(item, name, key)[0]
    except RedisError:
        return item.get_expiry()
    return max(1, int(ends_at - clock.now().timestamp()) + 1)


def _main() -> FixedWindowRateLimiter:
    (limiter,) = current_app.extensions["limiter"]
    main: FixedWindowRateLimiter = limiter.limiter
    return main
