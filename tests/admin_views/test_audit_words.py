"""The audit is kept in codes and read in words; nobody writes it."""

import pytest

from app.models.audit import Audit
from tests.admin_views.markup import Page
from tests.conftest import PEOPLE
from tests.factories.customer import make_customer


def column(page, name):
    return [cell.text for cell in page.one("table", id="list").all("td", data_column=name)]


def test_the_list_says_it_in_words_and_the_data_in_codes(visit):
    """AUD-1: action, kind of record, result and the house itself are Chinese on the page."""
    make_customer()  # by the house
    visit("clerk").get("/admin/user/")  # refused
    reader = visit("auditor")
    page = Page(reader.get("/admin/audit/?page_size=50").text)
    rows = list(
        zip(*(column(page, n) for n in ("actor", "action", "entity", "result")), strict=True)
    )
    assert ("系统", "客户信息 · 添加", "客户信息", "成功") in rows
    assert ("clerk先生", "越权操作被拒绝", "用户", "已拒绝") in rows
    data = reader.json("/admin/audit/?page_size=50")["rows"]
    codes = {(row["actor"], row["action"], row["entity"], row["result"]) for row in data}
    assert ("system", "customer.create", "customer", "ok") in codes
    assert ("clerk先生", "access.denied", "user", "denied") in codes


def test_codes_are_what_filters_and_search_know(visit):
    """Lists: a filter takes the code, as data shows it."""
    make_customer()
    reader = visit("auditor")
    assert reader.json("/admin/audit/?flt_action_eq=customer.create")["count"] == 1
    assert reader.json("/admin/audit/?search=customer.create")["count"] == 1


@pytest.mark.parametrize("username", PEOPLE)
@pytest.mark.parametrize("entity", ["audit", "loginlog", "trash"])
def test_nobody_writes_what_is_only_read(visit, username, entity):
    """AUD-1: the pages for writing are 403 for everybody, the administrator included."""
    make_customer()
    person = visit(username)
    for path in ("new/", "edit/?id=1", "delete/?id=1"):
        assert person.get(f"/admin/{entity}/{path}").status_code == 403
        assert person.post(f"/admin/{entity}/{path}", {"confirm": "1"}).status_code == 403
    for path in ("ajax/update/", "restore/"):
        values = {"list_form_pk": "1", "id": "1", "actor": "x"}
        assert person.post(f"/admin/{entity}/{path}", values).status_code == 403


def test_every_action_has_words():
    """No code of the audit is left to be read as it is."""
    from app.admin_views.base.deeds import EVENTS
    from app.domain.permissions import VERBS

    assert not set(EVENTS) & set(VERBS)
    assert Audit.action.info["kind"] == "action"
