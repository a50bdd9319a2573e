"""How one setting is read from its text, and when it is refused (ValueError, for people)."""

import ipaddress
import string
from base64 import urlsafe_b64decode
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core import keyfiles

MIN_AUDIT_HEX = 32


def listed(value: object) -> object:
    """Split a comma-separated text; ``none`` is the empty list."""
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",")]
    return [part for part in parts if part and part != "none"]


def switch(value: object) -> object:
    """Read FLASK_DEBUG as Flask itself does: anything but 0, false, no is on."""
    return (
        value.strip().lower() not in {"", "0", "false", "no"} if isinstance(value, str) else value
    )


def database(url: str) -> str:
    """Refuse what is neither SQLite nor PostgreSQL."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ValueError("不是数据库地址") from error
    if backend not in {"sqlite", "postgresql"}:
        raise ValueError("只支持 sqlite 和 postgresql")
    return url


def web_address(url: str) -> str:
    """Return *url* as browsers say it in an Origin: no path, small letters, no usual port."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("应为 http(s)://主机[:端口]")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("只写协议、主机和端口")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("端口不对") from error
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    is_usual = port in (None, {"http": 80, "https": 443}[parts.scheme])
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}")


def is_address(host: str) -> bool:
    """Tell whether *host* is a number rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def with_scheme(*schemes: str) -> AfterValidator:
    """Return a check that a URL has one of *schemes*."""

    def check(url: str) -> str:
        if urlsplit(url).scheme not in schemes:
            raise ValueError("应以 " + "、".join(f"{scheme}:" for scheme in schemes) + " 开头")
        return url

    return AfterValidator(check)


def sms_gateway(url: str) -> str:
    """Refuse what messages could not be sent to safely: http leads to this very machine only."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return url
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("应为 file:目录 或 https://主机/路径")
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("必须使用 https")
    return url


def zone(name: str) -> str:
    """Refuse a time zone that nobody knows."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # an unknown zone is a KeyError
        raise ValueError("没有这个时区") from error
    return name


def networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is neither an address nor a network."""
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError as error:
            raise ValueError("应为 IP 地址或网段") from error
    return values


def fernet_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse keys that Fernet could not use."""
    for key in keys:
        try:
            size = len(urlsafe_b64decode(key))
        except ValueError as error:
            raise ValueError("应为 Fernet 密钥") from error
        if size != keyfiles.KEY_BYTES:
            raise ValueError("应为 Fernet 密钥")
    return keys


def hexadecimal(key: str) -> str:
    """Refuse keys that are short, or not hexadecimal."""
    if len(key) < MIN_AUDIT_HEX or set(key) - set(string.hexdigits):
        raise ValueError("应为至少 32 个十六进制字符")
    return key


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)]
Minutes = Annotated[tuple[Annotated[int, Field(gt=0)], ...], NoDecode, BeforeValidator(listed)]
Positive = Annotated[int, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
