"""What the audit writes in codes, in words: actions, kinds of records, results, and who acted."""

from flask_babel import gettext

from app.core.words import N_
from app.domain.login import LoginResult
from app.domain.permissions import ENTITIES, VERBS

#: What happens to records without being granted.
EVENTS = {
    "ship_part": N_("部分发货"),
    "login": N_("登录"),
    "logout": N_("退出登录"),
    "password": N_("修改密码"),
    "print": N_("打印"),
    "purge": N_("彻底删除"),
    "reset_asked": N_("申请重设密码"),
    "totp_enable": N_("启用验证器应用"),
    "totp_disable": N_("停用验证器应用"),
    "recovery_codes": N_("生成恢复代码"),
    "recovery_used": N_("使用恢复代码"),
    "sms_code": N_("发送短信验证码"),
    "passkey_add": N_("添加通行密钥"),
    "passkey_delete": N_("删除通行密钥"),
    "passkey_copied": N_("通行密钥可能被复制"),
    "subject": N_("导出全部资料"),
    "trust": N_("信任设备"),
    "distrust": N_("取消设备信任"),
    "archive": N_("归档"),
    "adopt": N_("沿用另一把密钥封存的记录"),
    "head": N_("重新开始链头文件"),
    "attach": N_("添加附件"),  # granted as 管理附件, which is both
    "detach": N_("删除附件"),
}
#: Actions that are about no record.
ALONE = {
    "access.denied": N_("越权操作被拒绝"),
    "demo.load": N_("载入演示数据"),
    "backup.create": N_("备份"),
    "backup.restore": N_("从备份恢复"),
}
RESULTS = {
    "ok": N_("成功"),
    "denied": N_("已拒绝"),
    "flood": N_("已拒绝，一分钟内的更多次不再逐条记录"),
    "wrong": N_("失败"),
    "stolen": N_("登录凭据被盗用"),
    **{one.value: one.label for one in LoginResult if one.value not in ("ok", "wrong")},
}
SYSTEM = "system"


def verb_text(action: str) -> str:
    """Return the verb of *action* in words: ``order.create`` is 添加."""
    verb = action.rpartition(".")[2]
    return gettext(ALONE.get(action) or EVENTS.get(verb) or VERBS.get(verb, verb))


def action_text(action: str) -> str:
    """Return *action* in words, with the kind of record: ``order.create`` is 客户订单 · 添加."""
    entity = ENTITIES.get(action.rpartition(".")[0])
    return f"{gettext(entity.label)} · {verb_text(action)}" if entity else verb_text(action)


def entity_text(entity: str) -> str:
    """Return the kind of record in words."""
    return gettext(ENTITIES[entity].label) if entity in ENTITIES else entity


def result_text(result: str) -> str:
    """Return how it ended in words."""
    return gettext(RESULTS.get(result, result))


def actor_text(actor: str) -> str:
    """Return who acted; the house itself is 系统."""
    return gettext("系统") if actor == SYSTEM else actor
