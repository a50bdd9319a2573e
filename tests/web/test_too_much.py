"""Too large, too often, too busy: real pages that say what to do, and data for who asked for data."""

from contextlib import ExitStack, contextmanager
from io import BytesIO

import pytest
from sqlalchemy import text

from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.web import limits
from tests.factories.customer import make_customer
from tests.factories.order import make_order
from tests.visitor import forget

NEW = "/admin/customer/new/"
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def use_up(app, monkeypatch, name, user_id):
    """Let somebody have done *name* as often as it may be done."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    forget()
    with app.test_request_context():
        while limits.within(name, f"user:{user_id}"):
            pass


@pytest.fixture
def trouble(app, monkeypatch):
    """Return what makes the next form meet a status, and says where that form is."""
    with ExitStack() as after:

        def make(status, writer):
            if status == 413:
                monkeypatch.setitem(app.config, "MAX_FORM_MEMORY_SIZE", 10_000)
            elif status == 429:
                order = make_order(make_customer())
                use_up(app, monkeypatch, "attach", writer.user_id)
                return f"/admin/order/attach/?id={order}"
            else:
                after.enter_context(hidden_table("number_series"))
            return NEW

        yield make


@contextmanager
def hidden_table(name):
    """Take a table away, as while the database is brought up to date."""
    db.session.remove()
    with work_for(SYSTEM) as work:
        work.session.execute(text(f"ALTER TABLE {name} RENAME TO {name}_away"))
    try:
        yield
    finally:
        with work_for(SYSTEM) as work:
            work.session.execute(text(f"ALTER TABLE {name}_away RENAME TO {name}"))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (413, ["提交的内容太大", "文件最大 25 MB，表单最大 8 MB。", "用浏览器的“后退”"]),
        (429, ["操作太频繁", "秒后再试。", "刷新本页重新提交"]),
        (503, ["系统正忙", "系统正在升级，请稍后再试。", "刷新本页重新提交"]),
    ],
)
def test_a_form_that_is_refused_as_a_whole_says_what_to_do(visit, trouble, status, words):
    """Answers: a page in the look of the house, in Chinese, with Retry-After where waiting helps."""
    writer = visit("clerk")
    path = trouble(status, writer)
    referrer = {"Referer": f"http://localhost{path}"}
    answer = writer.post(path, {"name": "x" * 20_000}, headers=referrer)
    assert answer.status_code == status
    for text_shown in ('<html lang="zh', "app.css", 'class="trouble"', *words):
        assert text_shown in answer.text, text_shown
    assert "number_series" not in answer.text
    # that link would open an empty form
    assert f'href="{path}"' not in answer.text
    assert ("Retry-After" in answer.headers) == (status != 413)


@pytest.mark.parametrize(
    ("status", "key"), [(413, "too_large"), (429, "too_many"), (503, "unavailable")]
)
def test_who_asks_for_data_is_refused_in_data(visit, trouble, status, key):
    """Answers: the same refusal as JSON, with the same Retry-After."""
    writer = visit("clerk")
    path = trouble(status, writer)
    accept = {"Accept": "application/json"}
    answer = writer.post(path, {"name": "x" * 20_000}, headers=accept)
    assert (answer.status_code, answer.get_json()["error"]) == (status, key)
    assert ("Retry-After" in answer.headers) == (status != 413)


@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART])
def test_an_absurd_number_of_parts_is_413(app, visit, monkeypatch, kind):
    """Forms: parts are counted before they are read, however they are written."""
    monkeypatch.setitem(app.config, "MAX_FORM_PARTS", 500)
    writer = visit("clerk")
    token = {"csrf_token": writer.token}
    many = {f"x{n}": "" for n in range(600)}
    answer = writer.browser.post(NEW, data={**token, **many}, content_type=kind)
    assert answer.status_code == 413
    assert "提交的内容太大" in answer.text
    few = {f"x{n}": "" for n in range(400)}
    answer = writer.browser.post(NEW, data={**token, **few}, content_type=kind)
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART])
def test_a_form_of_more_than_8_mb_is_413(visit, kind):
    """Forms: a form is held in memory, so it is kept small; files may be larger."""
    writer = visit("clerk")
    answer = writer.post(NEW, {"remark": "x" * 9_000_000}, content_type=kind)
    assert answer.status_code == 413
    assert "表单最大 8 MB" in answer.text
    answer = writer.post(NEW, {"remark": "x" * 7_900_000}, content_type=kind)
    assert answer.status_code == 422


@pytest.mark.parametrize(("size", "status"), [(9_000_000, 413), (7_900_000, 422)])
def test_a_form_of_unknown_length_is_measured_as_it_comes(visit, size, status):
    """Forms: chunks say no length beforehand; no more of them is read than a form may have."""
    writer = visit("clerk")
    body = BytesIO(f"csrf_token={writer.token}&remark=".encode() + b"x" * size)
    forget()
    answer = writer.browser.post(
        NEW,
        input_stream=body,
        content_type=URLENCODED,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == status
    assert body.tell() <= 8 * 1024 * 1024 + 1


def test_a_page_that_is_asked_for_too_often_leads_back(app, visit, monkeypatch):
    """429 for a page that changes nothing: nothing was lost, and the way back is there."""
    reader = visit("sales1")
    use_up(app, monkeypatch, "export", reader.user_id)
    referrer = {"Referer": "http://localhost/admin/customer/?search=x"}
    answer = reader.get("/admin/customer/export/csv/", headers=referrer)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3_601
    assert "没有保存。" not in answer.text
    assert 'href="/admin/customer/?search=x"' in answer.text


@pytest.mark.parametrize("lines", [100, 300])
@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART])
def test_a_long_order_is_one_form(visit, lines, kind):
    """Forms: MAX_FORM_PARTS does not bite an order of a hundred lines, nor of three hundred."""
    writer = visit("clerk")
    made = writer.submit("/admin/customer/new/", name="昆山样品日化有限公司")
    customer = made.headers["Location"].split("id=")[1]
    form = writer.form(f"/admin/order/new/?customer={customer}")
    cells = {"description": "彩盒", "quantity": "7", "unit_price": "1", "unit": "个"}
    cells |= {"spare_quantity": "0", "customer_item_no": "A", "tax_rate": "13", "tolerance": "3"}
    for n in range(lines):
        form |= {f"lines-{n}-{name}": text for name, text in cells.items()}
    answer = writer.post("/admin/order/new/", form, content_type=kind)
    assert answer.status_code == 302
    saved = writer.json(answer.headers["Location"])
    assert len(saved["children"]["lines"]) == lines


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("clerk", "/admin/customer/edit/?id=999999", 404),
        ("viewer", NEW, 403),
        ("clerk", "/account/preferences", 400),
    ],
)
def test_a_refused_form_never_leads_into_an_empty_one(visit, who, path, status):
    """Answers: whatever refuses a whole form says that nothing was saved, and how to get back to it."""
    writer = visit(who)
    referrer = {"Referer": f"http://localhost{path}"}
    typed = {"name": "晨光", **({"csrf_token": "x"} if status == 400 else {})}
    answer = writer.post(path, typed, headers=referrer)
    assert (answer.status_code, "没有保存。" in answer.text) == (status, True)
    assert "用浏览器的“后退”" in answer.text
    assert f'href="{path}"' not in answer.text


def test_nothing_is_said_of_a_form_where_there_was_none(visit):
    """Answers: a page that only reads leads back by its link."""
    answer = visit("clerk").get(
        "/admin/customer/edit/?id=999999", headers={"Referer": "http://localhost/admin/customer/"}
    )
    assert (answer.status_code, "没有保存。" in answer.text) == (404, False)
    assert 'href="/admin/customer/"' in answer.text
