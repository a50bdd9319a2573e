"""Every "no" as a page or as data: never a trace, a statement or a path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from app.core.db import db
from app.core.errors import (
    Blocked,
    Missing,
    NotAllowed,
    Refusal,
    RuleBroken,
    Stale,
    TooMany,
    Unavailable,
)
from app.core.patience import NO_RIGHTS, OUTDATED, outage
from app.core.words import N_
from app.core.work import UNRECORDED
from app.domain.permissions import ENTITIES, VERBS
from app.services import audit
from app.web.actor import Nobody
from app.web.asking import local_path, wants_json
from app.web.locale import say
from app.web.working import working

BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a status is called in data, as a heading, and in a sentence."""

    key: str
    title: str
    text: str


ANSWERS: dict[int, Answer] = {
    400: Answer("bad_request", N_("请求无法识别"), N_("请返回上一页重试。")),
    401: Answer("login", N_("请先登录"), N_("请登录后再继续。")),
    403: Answer("forbidden", N_("您没有此操作的权限。"), N_("请联系管理员。")),
    404: Answer("missing", N_("记录不存在或您无权查看。"), N_("请返回列表，或用搜索查找。")),
    405: Answer("method", N_("请求无法识别"), N_("此地址不支持这种操作。")),
    409: Answer("conflict", N_("此记录已被他人修改。"), N_("请重新打开后再修改。")),
    410: Answer("gone", N_("链接已失效"), N_("链接已失效，请重新申请。")),
    413: Answer("too_large", N_("提交的内容太大"), N_("文件最大 25 MB，表单最大 8 MB。")),
    415: Answer("media_type", N_("请求无法识别"), N_("不支持这种格式。")),
    422: Answer("invalid", N_("请检查填写的内容"), N_("填写的内容有误，请修改后再试。")),
    429: Answer("too_many", N_("操作太频繁"), N_("请稍后再试。")),
    500: Answer("error", N_("系统出错了"), N_("数据未改动。请把事件编号告诉管理员。")),
    503: Answer("unavailable", N_("系统正忙"), N_("请稍后重试。")),
}
_BACK = N_("没有保存。请用浏览器的“后退”回到刚才的页面，填写的内容还在那里。")
_AGAIN = N_("没有保存。请稍后刷新本页重新提交，或用浏览器的“后退”回到填写的内容。")
#: What becomes of a form that was refused as a whole.
_UNSAVED = {
    **dict.fromkeys((400, 403, 404, 409, 500), _BACK),
    413: N_(
        "没有保存。请用浏览器的“后退”回到填写的内容，缩短文字、减少行数或分几次保存；文件请压缩或拆分。"
    ),
    429: _AGAIN,
    503: _AGAIN,
}
_STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (NotAllowed, 403),
    (Missing, 404),
    (Stale, 409),
    (Blocked, 409),
    (RuleBroken, 422),
    (TooMany, 429),
    (Unavailable, 503),
)


def install(app: Flask) -> None:
    """Answer refusals, HTTP errors, lost databases and everything unexpected."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, _http)
    for kind in (DBAPIError, PoolTimeoutError, OSError):
        app.register_error_handler(kind, _outage)
    app.register_error_handler(Exception, _unexpected)


def refused(refusal: Refusal) -> Response:
    """Return the answer to a refusal that no form shows beside a field."""
    status = next((number for kind, number in _STATUS if isinstance(refusal, kind)), 422)
    data: dict[str, Any] = {}
    if isinstance(refusal, Unavailable):
        _note_outage(refusal)
        _expect_nothing()
    if isinstance(refusal, RuleBroken):
        data["errors"] = _by_field(refusal)
    if isinstance(refusal, Blocked):
        data["items"] = [
            item if isinstance(item, str) else say(item.message, item.facts)
            for item in refusal.items
        ]
    if isinstance(refusal, Stale | Blocked):
        data["error"] = "stale" if isinstance(refusal, Stale) else "blocked"
    if isinstance(refusal, NotAllowed):
        _remember_denied(refusal.permission)
        data["permission"] = refusal.permission
    wait = refusal.retry_after if isinstance(refusal, TooMany) else None
    text = "" if refusal.message == ANSWERS[status].title else say(refusal.message, refusal.facts)
    reasons = data.get("errors", {}).get("", ())  # what belongs to no field
    text = "".join(reasons) or text
    return page(status, text=text, retry_after=wait, data=data)


def _remember_denied(permission: str) -> None:
    """Write into the audit that somebody wanted more than is allowed."""
    if not current_user.is_authenticated:
        return
    try:
        with working() as work:
            audit.remember_denied(work, permission, request.path)
    except Unavailable:
        current_app.logger.warning("a denial was not written down: the database is busy")


def page(
    status: int,
    *,
    text: str = "",
    retry_after: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Response:
    """Return the answer *status* as a page, or as data where data was asked for.

    *text* is in the reader's language already; without it the words of the status are used.
    """
    answer = ANSWERS.get(status, ANSWERS[500 if status >= 500 else 400])  # noqa: PLR2004
    if status == 503 and retry_after is None:  # noqa: PLR2004
        retry_after = BUSY_SECONDS
    if wants_json():
        words = {"error": answer.key, "message": text or say(answer.title), **(data or {})}
        response = jsonify(words)
    else:
        permission = str((data or {}).get("permission", ""))
        response = make_response(_rendered(status, answer, text, retry_after, permission))
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(retry_after, 1))
    return response


def _rendered(
    status: int, answer: Answer, text: str, retry_after: int | None, permission: str
) -> str:
    """Return the page; a bare one where not even that can be made, as without a database."""
    needed = _permission_words(permission)
    lost = _UNSAVED.get(status, "") if request.method not in ("GET", "HEAD") else ""
    facts = {
        "status": status,
        "title": say(answer.title),
        "text": text or ("" if needed else say(answer.text)),
        "lost": say(lost),
        "retry_after": retry_after,
        "request_id": g.get("request_id", ""),
        # The page before, opened anew, would be an empty form; the browser's own way back is not.
        "back_url": "" if lost else local_path(request.referrer or ""),
        "permission": needed,
    }
    try:
        return render_template("error.html", **facts)
    except Exception:  # whatever fails here must not hide the first failure
        current_app.logger.warning("error page could not be rendered", exc_info=True)
        return (
            "<!doctype html><html lang=zh-CN><meta charset=utf-8>"
            f"<title>{answer.title}</title><h1>{answer.title}</h1><p>{answer.text}</p>"
        )


def _permission_words(permission: str) -> str:
    """Return ``customer.edit`` as people read it; empty for what is no permission."""
    entity, _, verb = permission.partition(".")
    if entity not in ENTITIES or verb not in VERBS:
        return ""
    return f"{say(ENTITIES[entity].label)} · {say(VERBS[verb])}"


def _by_field(refusal: RuleBroken) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for problem in refusal.problems:
        errors.setdefault(problem.field or "", []).append(say(problem.message, problem.facts))
    return errors


def _http(error: HTTPException) -> Response | HTTPException:
    """Answer what Flask refuses: unknown addresses, wrong methods, too much data."""
    if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect is no error
        return error
    response = page(error.code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _outage(error: Exception) -> Response:
    """Answer a database that is busy, slow or out of reach, and a full disk; our own fault is a 500."""
    refusal = outage(error)
    if refusal is None:
        return _unexpected(error)
    refusal.__cause__ = error
    return refused(refusal)


def _note_outage(refusal: Unavailable) -> None:
    """Log what is the matter; what waiting does not heal is worth the whole way that led to it."""
    error = refusal.__cause__
    cause = type(getattr(error, "orig", error)).__name__
    is_ours = refusal.message in (OUTDATED, NO_RIGHTS, UNRECORDED)
    log = current_app.logger.error if is_ours else current_app.logger.warning
    log("unavailable: %s", cause, exc_info=error if is_ours else None)


def _unexpected(error: Exception) -> Response:
    """Log what nobody foresaw under the id that the page shows."""
    current_app.logger.error("request %s failed", g.get("request_id", ""), exc_info=error)
    if not _person_is_known():
        _think_of_nobody()
    return page(500)


def _expect_nothing() -> None:
    """Leave the database alone for the rest of this request: its transaction is over, one way or other."""
    db.session.close()
    _think_of_nobody()


def _person_is_known() -> bool:
    """Tell whether the person behind the request was found before things went wrong."""
    return "_login_user" in g


def _think_of_nobody() -> None:
    """Ask the database no more in this request: the page is for nobody in particular."""
    if not _person_is_known():
        g._login_user = Nobody()
