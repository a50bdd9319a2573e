"""Users: who may sign in, and as what; helping them back in, and out."""

from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.admin_views.base import Action, RecordView
from app.admin_views.base.details import Details
from app.admin_views.base.forms import values_of
from app.admin_views.base.writing import Editor
from app.core.ids import as_id
from app.core.words import N_
from app.models.attributes import Attribute
from app.models.user import User
from app.services.user import is_delicate, users
from app.web import unsaved
from app.web.security import ask_again
from app.web.signed_in import sessions_of
from app.web.working import working

REASON = Attribute("reason", N_("原因"), "text", required=True, length=200)


class UserView(RecordView):
    """The people of the factory."""

    service = users
    icon = "users"
    title = N_("用户")
    noun = N_("用户")
    new_label = N_("添加用户")
    search_hint = N_("用户名、姓名、邮箱")
    policy: ClassVar[dict[str, str]] = {"sessions_view": "end_sessions"}
    more_pages: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("sessions_view", N_("登录设备"), "end_sessions"),
    )

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

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        """Change a user; whoever lets people in gives the password again, and loses nothing typed."""
        record = self.find(request.args.get("id"), "edit")
        form = f"user-{record.id}"
        if request.method != "POST":
            kept = unsaved.take(form) if current_user.is_fresh else None
            return super().edit_view() if kept is None else self._typed_before(record, kept)
        typed = values_of(Editor(self, record, request.form).form, new=False)
        again = None
        if is_delicate(record, typed):
            again = ask_again(self.address("edit_view", id=record.id))
        if again is None:
            return super().edit_view()
        fields = request.form.to_dict(flat=False)
        unsaved.keep(form, {name: fields[name] for name in fields if name != "csrf_token"})
        return again

    def _typed_before(self, record: User, typed: dict[str, Any]) -> Any:
        """Return the form with what was typed before the password was asked again."""
        editor = Editor(self, record, MultiDict(typed))
        editor.error = gettext("您的修改还没有保存，请核对后保存。")
        return self.form_answer(editor)

    @expose("/sessions/", methods=("GET", "POST"))
    def sessions_view(self) -> Any:
        """Where a person is signed in; ending one of it, or all."""
        record = self.find(request.form.get("id") or request.args.get("id"), "end_sessions")
        here = self.address("sessions_view", id=record.id)
        if request.method != "POST":
            page = Details(self, record).page(tab="sessions_view")
            found = {"page": page, "post_url": here, "sessions": sessions_of(record.id)}
            return self.render("admin/user/sessions.html", view=self, **found)
        again = ask_again(here)
        if again is not None:
            return again
        with working() as work:
            person = users.get(work.session, self.actor, record.id, "end_sessions")
            if request.form.get("all"):
                users.end_sessions(work, person)
            else:
                users.end_session(work, person, as_id(request.form.get("session")))
        flash(gettext("已退出"), "success")
        return redirect(here)
