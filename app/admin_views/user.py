"""Users: who may sign in, and as what; helping them back in."""

from app.admin_views.base import Action, RecordView
from app.core.words import N_
from app.models.attributes import Attribute
from app.services.user import users

REASON = Attribute("reason", N_("原因"), "text", required=True, length=200)


class UserView(RecordView):
    """The people of the factory."""

    service = users
    icon = "users"
    title = N_("用户")
    noun = N_("用户")
    new_label = N_("添加用户")
    search_hint = N_("用户名、姓名、邮箱")

    column_list = (
        *("username", "name", "roles", "department", "manager", "phone", "email"),
        "is_active",
    )
    subtitle = ("username", "department")
    sections = (
        (N_("基本信息"), ("username", "name", "email", "phone", "is_active")),
        (N_("组织与权限"), ("department", "manager", "roles")),
    )
    actions = (
        Action("unlock", N_("解除锁定"), users.unlock, "lock", is_delicate=True),
        Action("end_sessions", N_("结束登录"), users.end_sessions, "logout", is_delicate=True),
        Action(
            "reset_password",
            N_("重设密码"),
            users.reset_password,
            "key",
            warning=N_("将生成一次性密码，该用户在所有设备上退出登录。"),
            asks=(REASON,),
            bulk=False,
            is_delicate=True,
        ),
        Action(
            "reset_mfa",
            N_("重设两步验证"),
            users.reset_mfa,
            "shield",
            warning=N_("该用户的验证器、通行密钥和恢复代码全部失效，并在所有设备上退出登录。"),
            asks=(REASON,),
            bulk=False,
            is_delicate=True,
        ),
    )
