"""Second factors: which there are, what a typed code means, and how often one may be guessed."""

from datetime import timedelta

from app.core.words import N_, Word
from app.domain.folding import fold

#: Guesses of one account within a time, whatever the factor, the browser or the address.
GUESSES = (
    (5, timedelta(minutes=5)),
    (20, timedelta(hours=1)),
    (50, timedelta(days=1)),
)
PENDING = timedelta(minutes=10)  # between the password and the second factor
TRUSTED = timedelta(days=30)
RECOVERY_CODES = 10
TOTP_DIGITS = SMS_DIGITS = 6
STEP = 30  # seconds of a TOTP time step
DRIFT = 1  # steps that a clock may be early or late

WRONG = N_("验证码不正确，请重试。")
TOO_MANY = N_("验证次数过多，请在 %(n)s 分钟后再试。")

_MAX_TYPED = 64


class Factor(Word):
    """What proves, besides the password, that it is you."""

    TOTP = "totp", N_("验证器应用")
    PASSKEY = "passkey", N_("通行密钥")
    SMS = "sms", N_("短信验证码")
    RECOVERY = "recovery", N_("恢复代码")


def typed_code(text: str) -> str:
    """Return a code as it is compared: full-width folded, upper case, without blanks and dashes."""
    return "".join(sign for sign in fold(text[:_MAX_TYPED]).upper() if sign not in " -")


def is_digits(code: str, length: int) -> bool:
    """Tell whether *code* is *length* plain digits."""
    return len(code) == length and code.isascii() and code.isdecimal()
