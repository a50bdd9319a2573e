"""The logs: who did what, and who tried to come in. Read, searched and exported, never written."""

from app.admin_views.base import RecordView
from app.core.words import N_
from app.services.log import audits, login_logs


class AuditView(RecordView):
    """Every change, with its author."""

    service = audits
    icon = "history"
    title = N_("审计")
    noun = N_("审计")
    search_hint = N_("操作人、操作、记录编号、内容")
    writable = False

    column_list = (
        *("at", "actor", "action", "entity", "record_id", "address", "request_id"),
        "result",
    )
    sections = ((N_("审计"), (*column_list, "changes")),)


class LoginLogView(RecordView):
    """Every try to sign in."""

    service = login_logs
    icon = "key"
    title = N_("登录日志")
    noun = N_("登录日志")
    search_hint = N_("用户名、结果、地址")
    writable = False

    column_list = ("at", "username", "result", "address", "device")
    sections = ((N_("登录日志"), column_list),)
