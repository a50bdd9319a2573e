"""The forms of these pages; each field knows how to be shown and what was typed."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, PasswordField, StringField

from app.core.errors import RuleBroken
from app.core.words import N_
from app.web.locale import say

MAX_TEXT = 255
MAX_SECRET = 1_000


class _Shown:
    """What the templates ask of a field."""

    kind = "text"
    unit = ""
    hint = ""
    text = ""
    theirs = ""

    @property
    def typed(self) -> str:
        """The text to put back; nothing secret ever is."""
        return "" if self.kind == "password" else str(getattr(self, "data", None) or "")


class Text(_Shown, StringField):
    """A line of text."""

    def __init__(
        self, label: str, *, kind: str = "text", required: bool = False, **options: Any
    ) -> None:
        super().__init__(lazy_gettext(label), **options)
        self.kind = kind
        self.flags.required = required

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was typed, without blanks around it; absurd lengths are cut."""
        if valuelist:
            self.data = valuelist[0][: MAX_TEXT + 1].replace("\0", "").strip()


class Secret(_Shown, PasswordField):
    """A password: taken exactly as typed, never shown again."""

    kind = "password"

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(lazy_gettext(label), **options)
        self.flags.required = True

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was typed; more than a thousand characters are no password."""
        if valuelist:
            self.data = valuelist[0][: MAX_SECRET + 1]


class Flag(_Shown, BooleanField):
    """A box to tick."""

    kind = "flag"

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(lazy_gettext(label), **options)


class HouseForm(FlaskForm):
    """A form whose CSRF token the gate has judged already."""

    class Meta(FlaskForm.Meta):
        """No second check: the gate sees every request."""

        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent as a form; values of JSON may be of any type, and are none of ours."""
            return request.form if request.method == "POST" else None

    def show(self, refusal: RuleBroken) -> None:
        """Put every problem beside its field, or beside the first where it has none here."""
        first = next(iter(self))
        for problem in refusal.problems:
            field = self._fields.get(problem.field or "", first)
            field.errors = [*field.errors, say(problem.message, problem.facts)]

    def require_all(self) -> bool:
        """Ask for every required field that is empty; tell whether all are filled."""
        empty = [field for field in self if field.flags.required and not field.data]
        for field in empty:
            field.errors = [*field.errors, _please(field)]
        return not empty


def _please(field: Field) -> str:
    return say(N_("请填写%(field)s。"), {"field": field.label.text})


class LoginForm(HouseForm):
    """User name and password."""

    username = Text(N_("用户名"), required=True)
    password = Secret(N_("密码"))
    remember = Flag(N_("在这台电脑上记住我"))


class ForgotForm(HouseForm):
    """Whose password was forgotten."""

    identity = Text(N_("用户名、邮箱或手机号"), required=True)
    method = Text(N_("发送到"))


class ResetForm(HouseForm):
    """A new password, twice."""

    password = Secret(N_("新密码"))
    confirm = Secret(N_("再输入一次"))


class PasswordForm(HouseForm):
    """The present password, and a new one twice."""

    current_password = Secret(N_("当前密码"))
    new_password = Secret(N_("新密码"))
    confirm_password = Secret(N_("再输入一次"))


class ConfirmForm(HouseForm):
    """The present password."""

    password = Secret(N_("密码"))


class VerifyForm(HouseForm):
    """The second factor."""

    method = Text(N_("验证方式"))
    code = Text(N_("验证码"), required=True)
    trust_device = Flag(N_("30 天内在这台设备上不再询问"))


class ResetCodeForm(HouseForm):
    """A code that was sent to reset a password, and whose it is."""

    identity = Text(N_("用户名、邮箱或手机号"), required=True)
    code = Text(N_("验证码"), required=True)


class CodeForm(HouseForm):
    """A code of an authenticator app that is being set up."""

    code = Text(N_("验证码"), required=True)


class ProfileForm(HouseForm):
    """What people say about themselves."""

    name = Text(N_("姓名"), required=True)
    email = Text(N_("邮箱"), kind="email")
    phone = Text(N_("手机"), kind="phone")


def values_of(form: Form, *names: str) -> Mapping[str, Any]:
    """Return the values of the fields *names*, None for nothing."""
    return {name: form[name].data or None for name in names}
