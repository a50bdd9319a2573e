"""Too large, too often, too busy: real pages that say what to do, and data for who asked for data."""

import pytest
from sqlalchemy.exc import OperationalError

from app.core.errors import TooMany
from app.services.customer import customers
from app.web import limits

NEW = "/admin/customer/new/"
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def busy(*_arguments, **_options):
    raise OperationalError("SELECT secret", {}, Exception("down"))


def often(*_arguments, **_options):
    raise TooMany(17)


@pytest.fixture
def trouble(app, monkeypatch):
    """Return what makes the next form meet a status."""

    def make(status):
        if status == 413:
            monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10_000)
        else:
            monkeypatch.setattr(customers, "create", busy if status == 503 else often)

    return make


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (413, ["提交的内容太大", "文件最大 25 MB，表单最大 8 MB。", "用浏览器的“后退”"]),
        (429, ["操作太频繁", "请在 17 秒后再试。", "刷新本页重新提交"]),
        (503, ["系统正忙", "数据库暂时连接不上，请稍后再试。", "刷新本页重新提交"]),
    ],
)
def test_a_form_that_is_refused_as_a_whole_says_what_to_do(visit, trouble, status, words):
    """Answers: a page in the look of the house, in Chinese, with Retry-After where waiting helps."""
    writer = visit("clerk")
    trouble(status)
    referrer = {"Referer": "http://localhost/admin/customer/new/"}
    answer = writer.post(NEW, {"name": "x" * 20_000}, headers=referrer)
    assert answer.status_code == status
    for text in ('<html lang="zh', "app.css", 'class="trouble"', *words):
        assert text in answer.text, text
    assert "secret" not in answer.text
    # that link would open an empty form
    assert f'href="{NEW}"' not in answer.text
    assert ("Retry-After" in answer.headers) == (status != 413)


@pytest.mark.parametrize(
    ("status", "key"), [(413, "too_large"), (429, "too_many"), (503, "unavailable")]
)
def test_who_asks_for_data_is_refused_in_data(visit, trouble, status, key):
    """Answers: the same refusal as JSON, with the same Retry-After."""
    writer = visit("clerk")
    trouble(status)
    accept = {"Accept": "application/json"}
    answer = writer.post(NEW, {"name": "x" * 20_000}, headers=accept)
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
    answer = writer.post(NEW, {"remark": "字" * 3_000_000}, content_type=kind)
    assert answer.status_code == 413
    assert "表单最大 8 MB" in answer.text


def test_a_page_that_is_asked_for_too_often_leads_back(app, visit, monkeypatch):
    """429 for a page that changes nothing: nothing was lost, and the way back is there."""
    monkeypatch.setattr(limits, "count", often)
    reader = visit("sales1")
    referrer = {"Referer": "http://localhost/admin/customer/?search=x"}
    answer = reader.get("/admin/customer/export/csv/", headers=referrer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
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
