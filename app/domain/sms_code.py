"""SMS codes: what they are for, how long they are good, and how often they may be sent and tried."""

import re
from datetime import timedelta

from app.core.words import N_, Word

LIFE = timedelta(minutes=5)
TRIES = 5  # of one code
PAUSE = 60  # seconds between two messages to one phone
#: Messages to one phone within a time.
SENDING = (
    (1, timedelta(seconds=PAUSE)),
    (5, timedelta(hours=1)),
    (10, timedelta(days=1)),
)
#: Of these, as many may reset a password: anybody may ask for those, and must leave some for signing in.
RESETS = ((3, timedelta(hours=1)), (5, timedelta(days=1)))
COUNTED = timedelta(days=1)  # the longest of them

WAIT_SECONDS = N_("短信发送过于频繁，请在 %(n)s 秒后再试。")
WAIT_MINUTES = N_("短信发送次数过多，请在 %(n)s 分钟后再试。")

#: Mainland mobiles only: paying for messages to expensive numbers abroad is a known swindle.
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


class Purpose(Word):
    """What a code is good for; the label is the text of the message."""

    LOGIN = (
        "login",
        N_("【%(company)s】登录验证码 %(code)s，%(minutes)s 分钟内有效。请勿告诉任何人。"),
    )
    RESET = (
        "reset",
        N_("【%(company)s】重设密码的验证码 %(code)s，%(minutes)s 分钟内有效。请勿告诉任何人。"),
    )


def takes_messages(phone: str | None) -> bool:
    """Tell whether codes can be sent to a stored *phone*."""
    return bool(phone and _MOBILE.fullmatch(phone))


def words_for(wait: int) -> tuple[str, int]:
    """Return the message and the number in it for so many seconds to wait."""
    return (WAIT_SECONDS, wait) if wait <= PAUSE else (WAIT_MINUTES, -(-wait // 60))
