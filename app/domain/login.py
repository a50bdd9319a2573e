"""Signing in: how many tries there are, how long a lock lasts, and what people are told.

A counter belongs to the *submitted* user name, existing or not: no number reveals anything.
"""

from dataclasses import dataclass
from datetime import timedelta

from app.core.words import N_, Word

TRIES = 5
WINDOW = timedelta(minutes=15)
QUIET = timedelta(hours=24)  # without a try: the steps begin anew
ADDRESS_TRIES = 20  # failures of one address within WINDOW
DEVICE_DAYS = 30  # how long a device stays known
WARN_BELOW = 3  # tries left: say that a lock is near

LEFT = N_("用户名或密码错误，还可尝试 %(n)s 次。")
NEAR = N_("用户名或密码错误，再错 %(n)s 次将暂时锁定，忘记密码可重设。")
LOCKED = N_("登录尝试过多，请在 %(n)s 分钟后再试，或重设密码。")


class LoginResult(Word):
    """How a try to sign in ended."""

    OK = "ok", N_("成功"), "green"
    PENDING = "pending", N_("等待两步验证"), "grey"
    FACTOR = "factor", N_("两步验证失败"), "amber"
    WRONG = "wrong", N_("失败"), "amber"
    LOCKED = "locked", N_("已锁定"), "red"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a try led to. *left* tries remain before a lock; *retry_after* seconds, while locked."""

    result: LoginResult
    left: int = 0
    retry_after: int = 0

    @property
    def message(self) -> str:
        """The fixed words for it, a message id; empty if the password was right."""
        if self.result in (LoginResult.OK, LoginResult.PENDING):
            return ""
        if self.result is LoginResult.LOCKED:
            return LOCKED
        return NEAR if self.left < WARN_BELOW else LEFT

    @property
    def facts(self) -> dict[str, int]:
        """The number in those words: tries, or whole minutes, rounded up."""
        return {"n": self.left if not self.retry_after else -(-self.retry_after // 60)}
