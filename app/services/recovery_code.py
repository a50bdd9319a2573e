"""Recovery codes: make a sheet of them, and use one up."""

import base64
import secrets

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core import tokens
from app.core.errors import Blocked
from app.core.words import N_
from app.core.work import Work
from app.domain.second_factor import RECOVERY_CODES, typed_code
from app.models.recovery_code import RecoveryCode
from app.models.user import User
from app.services import audit, letters, second_factor

_BYTES = 10  # 80 bits: sixteen letters and digits
_GROUP = 4

SUBJECT_NEW = N_("恢复代码已更新")
TEXT_NEW = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 刚刚生成了新的恢复代码，旧的已全部失效。\n\n"
    "如果不是您本人操作，请立即联系系统管理员。\n"
)
SUBJECT_USED = N_("恢复代码已使用")
TEXT_USED = N_(
    "%(name)s，您好：\n\n"
    "您在 %(company)s 的账号 %(username)s 刚刚用恢复代码登录，还剩 %(left)s 个。\n\n"
    "如果不是您本人操作，请立即修改密码并联系系统管理员。\n"
)

NO_FACTOR = N_("请先启用验证器应用或通行密钥，再生成恢复代码。")


def renew(work: Work, user: User) -> list[str]:
    """Return ten new codes, to be shown this once; older ones are worth nothing.

    Raises Blocked where no factor is on that they could stand in for: such codes would wait for one.
    """
    second_factor.owner(work, user.id)
    if not second_factor.has_one(work.session, user.id):
        raise Blocked(NO_FACTOR)
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    work.session.add_all(
        RecoveryCode(user_id=user.id, digest=_digest(user.id, code), created_at=work.now)
        for code in codes
    )
    work.session.flush()
    letters.write(work, user, SUBJECT_NEW, TEXT_NEW)
    audit.remember(work, "user.recovery_codes", "user", user.id)
    return codes


def accept(work: Work, user: User, typed: str) -> bool:
    """Tell whether *typed* is a code of the user that was not used yet; use it up, tell the owner."""
    used = work.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.digest == _digest(user.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=work.now)
        .returning(RecoveryCode.id)
    )
    if used.scalar() is None:
        return False
    letters.write(work, user, SUBJECT_USED, TEXT_USED, left=number_left(work.session, user.id))
    audit.remember(work, "user.recovery_used", "user", user.id)
    return True


def number_left(session: Session, user_id: int) -> int:
    """Return how many codes are still good."""
    unused = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(unused) or 0


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _digest(user_id: int, code: str) -> str:
    return tokens.digest_of(f"{user_id}:{typed_code(code)}")
