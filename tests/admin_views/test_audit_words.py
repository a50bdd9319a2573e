"""The audit is kept in codes and read in words; nobody writes it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.admin_views.base.deeds import EVENTS, verb_text
from app.admin_views.base.details import REASONS
from app.domain import audit as audit_words
from app.domain.order import ORDER_FLOW
from app.domain.permissions import VERBS
from app.models.audit import Audit
from app.services.registry import SERVICES
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


ROOT = Path(__file__).resolve().parents[2]
#: Entries about no record of their own: nobody reads them on its page, and the list names no values.
UNREAD = ("audit.", "backup.", "demo.", "access.", ".export")


def told() -> Iterator[tuple[str, ast.Call]]:
    """Yield every action that some service or page writes into the audit, with the call that does."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                place = {"remember": 1, "_keep": 2}.get(node.func.attr, 9)
                is_ours = node.func.attr == "_keep" or ast.unparse(node.func) == "audit.remember"
                if is_ours and len(node.args) > place:
                    yield from ((action, node) for action in actions_in(node.args[place]))


def actions_in(argument: ast.expr) -> Iterator[str]:
    """Yield what *argument* says; what is only known later has its words by other tests."""
    if isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif isinstance(argument, ast.JoinedStr) and isinstance(argument.values[-1], ast.Constant):
        yield f"record{argument.values[-1].value}"
    elif isinstance(argument, ast.Name) and argument.id.isupper():
        yield str(getattr(audit_words, argument.id))


def test_every_action_has_words(app):
    """AUD-1: no code of the audit is left to be read as it is."""
    actions = {action for action, _ in told()} | {f"order.{one.verb}" for one in ORDER_FLOW.actions}
    assert {"user.passkey_add", "record.subject", "record.purge", "audit.archive"} <= actions
    with app.test_request_context():
        assert [one for one in sorted(actions) if verb_text(one) == one.rpartition(".")[2]] == []
    assert set(EVENTS) & set(VERBS) == {"attach"}  # granted as a whole, told as what was done
    assert Audit.action.info["kind"] == "action"


def test_every_fact_of_an_entry_has_words():
    """AUD-1: what a history tells beside the columns of a record has a label, too."""
    nameless = set()
    for action, call in told():
        facts = [part for part in ast.walk(call) if isinstance(part, ast.Dict)]
        keys = {key.value for fact in facts for key in fact.keys if isinstance(key, ast.Constant)}
        known = set(REASONS) | {
            name for service in SERVICES.values() for name in service.attributes()
        }
        if not any(part in action for part in UNREAD):
            nameless |= {(action, key) for key in keys - known}
    assert nameless == set()
