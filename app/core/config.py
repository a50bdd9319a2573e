"""Every setting of the house: name, default, unit, and what production demands of it."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

from app.core import keyfiles
from app.core.setting_values import (
    Minutes,
    NotNegative,
    Positive,
    Words,
    database,
    fernet_keys,
    hexadecimal,
    is_address,
    networks,
    sms_gateway,
    switch,
    web_address,
    with_scheme,
    zone,
)

ROOT = Path(__file__).resolve().parents[2]
MIN_SECRET = 32
MIN_DISTINCT = 8

log = logging.getLogger("app.config")


class ConfigError(Exception):
    """A setting that is missing or cannot be used; its text is one line naming the setting."""


class Settings(BaseSettings):
    """The settings as given; ``load_settings`` checks them and fills in what development may omit.

    The name of a setting is its attribute in capitals. Descriptions state the unit.
    """

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        validate_default=False,
    )

    app_env: Literal["development", "production"] = Field("development", description="运行环境")
    flask_debug: Annotated[bool, BeforeValidator(switch)] = Field(
        default=False, description="调试模式（0 或 1），生产环境必须为 0"
    )
    port: int = Field(8000, gt=0, lt=65536, description="监听 127.0.0.1 的端口")
    web_workers: int = Field(2, gt=0, le=64, description="网页进程数（个）")
    database_url: Annotated[str, AfterValidator(database)] = Field(
        "sqlite:///instance/app.db", repr=False, description="数据库，SQLite 或 PostgreSQL ≥ 15"
    )
    database_replica_url: Annotated[str, AfterValidator(database)] | None = Field(
        None, repr=False, description="只读副本，供列表、搜索、导出和报表使用"
    )
    redis_url: Annotated[str, with_scheme("redis", "rediss", "unix")] | None = Field(
        None, repr=False, description="共享限流、缓存和任务唤醒；不设则都放在数据库里"
    )
    secret_key: str = Field(
        "", repr=False, description="签名密钥，生产环境必填，至少 32 个字符；开发环境自动生成"
    )
    secret_key_fallbacks: Words = Field((), repr=False, description="轮换前的旧签名密钥，逗号分隔")
    data_keys: Annotated[Words, AfterValidator(fernet_keys)] = Field(
        (), repr=False, description="Fernet 密钥，逗号分隔，第一个用于加密；开发环境自动生成"
    )
    audit_key: Annotated[str, AfterValidator(hexadecimal)] = Field(
        "", repr=False, description="操作记录链的 HMAC 密钥，至少 32 个十六进制字符"
    )
    audit_head_file: str = Field(
        "instance/audit_head", description="操作记录链的外部链头，每条记录后改写"
    )
    public_url: Annotated[str, AfterValidator(web_address)] = Field(
        "", description="对外网址，邮件里的主机名只取自这里；默认 http://localhost:$PORT"
    )
    trusted_hosts: Words = Field((), description="允许的主机名，逗号分隔；默认取自 PUBLIC_URL")
    trusted_proxies: int = Field(0, ge=0, le=10, description="可信反向代理的层数（层）")
    mail_url: Annotated[str, with_scheme("file", "smtp", "smtps")] = Field(
        "file:instance/outbox",
        repr=False,
        description="发信方式：file:目录 或 smtp://用户:密码@主机:587",
    )
    mail_from: str = Field("", description="发件人；默认 no-reply@PUBLIC_URL 的主机名")
    sms_url: Annotated[str, AfterValidator(sms_gateway)] | None = Field(
        None,
        repr=False,
        description="短信：file:目录 或 https 网关；开发环境默认 file:instance/outbox",
    )
    sms_secret: str = Field("", repr=False, description="短信网关的签名密钥")
    password_profile: Literal["dengbao", "nist"] = Field("dengbao", description="密码规则")
    mfa_required_roles: Words | None = Field(
        None,
        description="必须设置两步验证的角色，逗号分隔，none 为不要求；生产环境默认 admin,security",
    )
    login_lock_steps: Minutes = Field((1, 5, 15, 60), description="逐级锁定时长（分钟）")
    session_idle_minutes: Positive = Field(30, description="无操作退出（分钟）")
    session_hours: Positive = Field(12, description="登录最长有效（小时）")
    session_max: Positive = Field(3, description="同时登录的设备数（个）")
    password_max_days: NotNegative = Field(90, description="密码有效期（天），0 为不过期")
    reset_minutes: Positive = Field(30, description="重置链接有效期（分钟）")
    company: str = Field("苏州彩箱", min_length=1, description="页面和打印件上的公司名称")
    locale: Literal["zh_CN", "en"] = Field("zh_CN", description="默认语言")
    timezone: Annotated[str, AfterValidator(zone)] = Field(
        "Asia/Shanghai", description="显示时区；时间一律以 UTC 保存"
    )
    metrics_token: str = Field("", repr=False, description="从别的主机读取 /metrics 的口令")
    admin_addresses: Annotated[Words, AfterValidator(networks)] = Field(
        (), description="管理员角色允许的地址或网段，逗号分隔；不设则不限"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="日志级别")

    _root: Path = PrivateAttr(default=ROOT)

    @property
    def production(self) -> bool:
        """Whether this is a production environment."""
        return self.app_env == "production"

    @property
    def instance(self) -> Path:
        """The folder of everything that belongs to this installation alone."""
        return self._root / "instance"

    @property
    def https(self) -> bool:
        """Whether people reach us over TLS."""
        return self.public_url.startswith("https:")

    @property
    def passkey_host(self) -> str:
        """The host that passkeys belong to; "" where it is a number, for which browsers make none."""
        host = urlsplit(self.public_url).hostname or ""
        return "" if is_address(host) else host

    @property
    def outbox(self) -> Path | None:
        """The folder that mails are written to, or none when they are sent."""
        return (
            Path(self.mail_url.removeprefix("file:")) if self.mail_url.startswith("file:") else None
        )

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        problems = list(_production_problems(self)) if self.production else []
        if problems:
            raise ConfigError("配置错误：" + "；".join(problems))
        return self


def _production_problems(settings: Settings) -> Iterator[str]:
    """Yield what forbids these settings in production, each naming its setting."""
    secret = settings.secret_key
    if len(secret) < MIN_SECRET or len(set(secret)) < MIN_DISTINCT:
        yield "SECRET_KEY 必须设置，至少 32 个字符、8 种不同字符"
    if not settings.https:
        yield "PUBLIC_URL 必须设置为 https 网址"
    if any("*" in host for host in settings.trusted_hosts):
        yield "TRUSTED_HOSTS 不能含 *"
    if not settings.data_keys:
        yield "DATA_KEYS 必须设置"
    if not settings.audit_key:
        yield "AUDIT_KEY 必须设置"
    if settings.flask_debug:
        yield "FLASK_DEBUG 必须为 0"
    if (settings.sms_url or "").startswith("http:"):
        yield "SMS_URL 必须使用 https"


def load_settings(root: Path = ROOT, *, warn: bool = True, **given: Any) -> Settings:
    """Read the environment and ``.env`` below *root*; *given* values win over both.

    Relative paths come back absolute and derived defaults filled in; in development missing keys
    are generated into ``instance/`` once. With *warn*, what production allows but rarely means is
    logged. Raises ConfigError naming each setting that is wrong.
    """
    try:
        settings = Settings(**{"_env_file": root / ".env", **given})
    except ValidationError as error:
        problems = [f"{_name(problem)} {_reason(problem)}" for problem in error.errors()]
        raise ConfigError("配置错误：" + "；".join(problems)) from None
    settings = settings.model_copy(update=_completed(settings, root))
    settings._root = root
    for warning in _warnings(settings) if warn else ():
        log.warning(warning)
    return settings


def _name(problem: Any) -> str:
    return str(problem["loc"][0]).upper() if problem["loc"] else "?"


def _reason(problem: Any) -> str:
    kind, limits = problem["type"], problem.get("ctx", {})
    if kind == "literal_error":
        return f"只能是 {limits['expected'].replace(' or ', '、')}"
    if kind == "int_parsing":
        return "应为整数"
    if kind.startswith(("greater_than", "less_than")):
        return "超出范围"
    return " ".join(str(problem["msg"]).removeprefix("Value error, ").split())


def _completed(settings: Settings, root: Path) -> dict[str, Any]:
    """Return the values that depend on other settings or on *root*."""
    instance = root / "instance"
    public_url = settings.public_url or f"http://localhost:{settings.port}"
    host = urlsplit(public_url).hostname or ""
    local = () if settings.production else ("localhost", "127.0.0.1")
    more: dict[str, Any] = {
        "public_url": public_url,
        "trusted_hosts": settings.trusted_hosts or tuple(dict.fromkeys((host, *local))),
        "database_url": _rooted_database(settings.database_url, root),
        "database_replica_url": settings.database_replica_url
        and _rooted_database(settings.database_replica_url, root),
        "audit_head_file": str(root / settings.audit_head_file),
        "mail_url": _rooted_folder(settings.mail_url, root),
        "mail_from": settings.mail_from or f"no-reply@{host}",
    }
    if settings.mfa_required_roles is None:
        more["mfa_required_roles"] = ("admin", "security") if settings.production else ()
    sms_url = settings.sms_url or (None if settings.production else "file:instance/outbox")
    more["sms_url"] = _rooted_folder(sms_url, root) if sms_url else None
    if not settings.production:
        more["secret_key"] = settings.secret_key or keyfiles.secret_key(instance)
        more["data_keys"] = settings.data_keys or (keyfiles.data_key(instance),)
        more["audit_key"] = settings.audit_key or keyfiles.audit_key(instance)
    return more


def _rooted_database(url: str, root: Path) -> str:
    """Return *url* with a relative SQLite path below *root*, its folder made (0700)."""
    parsed = make_url(url)
    path = parsed.database or ":memory:"
    if parsed.get_backend_name() != "sqlite" or path == ":memory:" or path.startswith("file:"):
        return url
    absolute = root / path
    absolute.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return parsed.set(database=str(absolute)).render_as_string(hide_password=False)


def _rooted_folder(url: str, root: Path) -> str:
    """Return ``file:DIR`` with DIR below *root*; other schemes unchanged."""
    if not url.startswith("file:"):
        return url
    folder = url.removeprefix("file:").removeprefix("//")  # file:///srv/outbox is usual too
    return f"file:{root / folder}"


def _warnings(settings: Settings) -> Iterator[str]:
    """Yield what is allowed in production but rarely meant."""
    if not settings.production:
        return
    if settings.database_url.startswith("sqlite"):
        yield "DATABASE_URL：生产环境正在使用 SQLite，建议使用 PostgreSQL"
    if settings.mail_url.startswith("file:"):
        yield "MAIL_URL：邮件只写入文件夹，不会寄出"
    if (settings.sms_url or "").startswith("file:"):
        yield "SMS_URL：短信只写入文件夹，不会发出"
    if (settings.sms_url or "").startswith("https:") and not settings.sms_secret:
        yield "SMS_SECRET：短信请求没有签名"
