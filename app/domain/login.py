"""Signing in: how many tries there are, how long a lock lasts, and what people are told.

A counter belongs to the *submitted* user name, existing or not: no number reveals anything.
"""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from app.core.words import N_, Word

TRIES = 5
WINDOW = timedelta(minutes=15)
QUIET = timedelta(hours=24)  # without a try: the steps begin anew
ADDRESS_TRIES = 20  # failures of one address within WINDOW
SPARED = "trusted"  # what stands for the second factor where a trusted device spared it
DEVICE_DAYS = 30  # how long a device stays known
WARN_BELOW = 3  # tries left: say that a lock is near

LEFT = N_("用户名或密码错误，还可尝试 %(n)s 次。")
NEAR = N_("用户名或密码错误，再错 %(n)s 次将暂时锁定，忘记密码可重设。")
LOCKED = N_("登录尝试过多，请在 %(n)s 分钟后再试，或重设密码。")


class LoginResult(Word):
    """How a try to sign in ended."""

    OK = "ok", N_("成功"), "green"
    REMEMBERED = "remembered", N_("免密登录"), "green"
    PENDING = "pending", N_("等待两步验证"), "grey"
    FACTOR = "factor", N_("两步验证失败"), "amber"
    WRONG = "wrong", N_("失败"), "amber"
    LOCKED = "locked", N_("已锁定"), "red"


def masked_username(typed: str) -> str:
    """Return what is kept of a user name that does not exist: often it is a phone, or a password."""
    return f"{typed[:1]}***({len(typed)})" if typed else ""


def network_of(address: str) -> str:
    """Return what one person commands of *address*: of IPv6 the first 64 bits."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found, 64), strict=False))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a try led to. *left* tries remain before a lock; *retry_after* seconds, while locked."""

    result: LoginResult
    left: int = 0
    retry_after: int = 0

    @property
    def message(self) -> str:
        """The fixed words for it, a message id; empty if the password was right."""
        if self.result not in (LoginResult.WRONG, LoginResult.LOCKED):
            return ""
        if self.result is LoginResult.LOCKED:
            return LOCKED
        return NEAR if self.left < WARN_BELOW else LEFT

    @property
    def facts(self) -> dict[str, int]:
        """The number in those words: tries, or whole minutes, rounded up."""
        return {"n": self.left if not self.retry_after else -(-self.retry_after // 60)}
