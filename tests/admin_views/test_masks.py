"""What a role sees masked is in clear nowhere: generated from roles, models and routes."""

import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import db
from app.domain.permissions import HIDDEN_LABELS
from app.models.role import Role
from app.services.filtering import MASKED_OPS
from tests.admin_views.markup import List
from tests.admin_views.secrets import Secrets, grouped, masked_models, text_in
from tests.admin_views.test_policy import HELD, SCREENS
from tests.conftest import PEOPLE
from tests.factories.making import change

INVALID = "筛选条件无效"
OFFERED = re.compile("data-filters='([^']*)'")
OPS = ("ne", "in", "contains", "ge", "le", "empty")


@pytest.fixture
def secrets(app):
    """One record of every kind, full of numbers."""
    return Secrets()


def mask(username: str, *groups: str) -> None:
    """Let the role of *username* see *groups* masked."""
    role = db.session.scalar(select(Role.id).where(Role.name == PEOPLE[username][0]))
    change(Role, role, hidden=list(groups))


def pages(entity: str, one: int) -> list[str]:
    """Return every address of *entity* that tells something of its records."""
    screen = SCREENS[entity]
    found = ["", "?format=json", "?page_size=200", "?sort=-id", "new/"]
    for name in ("details", "history", "edit", "delete", "unmask", "subject"):
        found.append(f"{name}/?id={one}")
    found += [f"details/?id={one}&format=json", f"subject/?id={one}&reason=客户要求"]
    found += [f"print/?id={one}&kind={document.kind}" for document in screen.documents]
    found += [f"export/{kind}/" for kind in ("csv", "xlsx")]
    every = ",".join(a.name for a in grouped(screen.service.model))
    found += [f"export/{kind}/?columns={every}" for kind in ("csv", "xlsx") if every]
    attributes = screen.service.attributes().values()
    found += [f"ajax/lookup/?name={a.name}" for a in attributes if a.kind.startswith("relation")]
    return found


def everything(secrets: Secrets) -> list[str]:
    """Return every address that may tell a number."""
    found = ["/admin/", "/admin/search/?q=恒达", "/admin/search/?q=恒达&format=json"]
    for entity in SCREENS:
        one = secrets.ids.get(entity, 1)
        found += [f"/admin/{entity}/{page}" for page in pages(entity, one)]
    return found + [
        f"/admin/audit/details/?id={n}{f}" for n in range(1, 40) for f in ("", "&format=json")
    ]


@pytest.mark.parametrize("username", HELD)
def test_no_page_tells_a_masked_value(visit, secrets, username):
    """PII-1, CSV-5: role × every route that reads × every masked attribute, hidden attributes included."""
    mask(username, *HIDDEN_LABELS)
    reader = visit(username)
    for path in everything(secrets):
        answer = reader.get(path)
        assert answer.status_code < 500, path
        assert secrets.told_by(text_in(answer)) == [], path


def test_whoever_sees_no_masks_is_told_every_value(visit, secrets):
    """PII-1, positive control: the same pages tell the administrator every one of them."""
    reader = visit("admin")
    texts = [text_in(reader.get(path)) for path in everything(secrets)]
    told = {key for text in texts for key in secrets.told_by(text)}
    assert told == set(secrets.values)
    exports = [f"/admin/{e}/export/{k}/?columns={','.join(a.name for a in grouped(m))}"
               for e, m in masked_models() for k in ("csv", "xlsx")]  # fmt: skip
    for path in exports:
        assert secrets.told_by(text_in(reader.get(path))), path


def test_masks_stand_where_the_values_would(visit, secrets):
    """PII-1: columns are there, with masks, in lists, details, child rows, JSON and exports."""
    mask("manager", *HIDDEN_LABELS)
    reader = visit("manager")
    page = List(reader.get("/admin/contact/").text)
    assert {"mobile", "phone", "email"} <= set(page.columns)
    row = reader.json("/admin/contact/")["rows"][0]
    number = secrets.values["contact", "mobile"]
    assert row["mobile"] == f"{number[:3]}****{number[-4:]}"
    address = secrets.values["contact", "email"]
    assert row["email"] == f"g***@{address.partition('@')[2]}"
    data = reader.json(f"/admin/order/details/?id={secrets.ids['order']}")
    assert data["values"]["amount"] == data["children"]["lines"][0]["unit_price"] == "***"
    data = reader.json(f"/admin/customer/details/?id={secrets.ids['customer']}")
    assert data["children"]["contacts"][0]["wechat"] == "w****"
    assert data["children"]["invoice_titles"][0]["bank_account"] == "***"
    for kind in ("csv", "xlsx"):
        assert "***" in text_in(reader.get(f"/admin/order/export/{kind}/"))


@pytest.mark.parametrize("username", ["viewer", "clerk", "manager", "admin"])
def test_masked_columns_answer_only_to_their_whole_value(visit, secrets, username):
    """AZ-9, PII-4: no order and no operation but equality, as list, data and export; nothing else is offered."""
    mask(username, *HIDDEN_LABELS)
    reader = visit(username)
    for entity, model in masked_models():
        if reader.get(f"/admin/{entity}/").status_code == 403:
            continue
        for attribute in grouped(model):
            name = attribute.name
            queries = [f"flt_{name}_{op}=1" for op in OPS] + [f"sort={name}", f"sort=-{name}"]
            for query in queries:
                data = reader.json(f"/admin/{entity}/?{query}")
                assert (data["rows"], data["count"], data["errors"]) == ([], 0, [INVALID]), query
                answer = reader.get(f"/admin/{entity}/export/csv/?{query}")
                assert answer.status_code in (403, 422), query
            value = secrets.values.get((entity, name))
            if value is not None:
                for text, number in ((value, 1), (str(value)[:-2], 0), (str(value)[-4:], 0)):
                    data = reader.json(f"/admin/{entity}/?flt_{name}_eq={text}")
                    assert data["count"] == number, (entity, name, text)
                    assert secrets.told_by(str(data["rows"])) == []


def test_of_masked_columns_only_equality_is_offered(visit, secrets):
    """PII-4: the filters of a list name no other operation, and its heads no order."""
    mask("manager", *HIDDEN_LABELS)
    reader = visit("manager")
    for entity, model in masked_models():
        answer = reader.get(f"/admin/{entity}/")
        found = OFFERED.search(answer.text)
        for one in json.loads(unescape(found[1])) if found else ():
            if one["name"] in {a.name for a in grouped(model)}:
                assert [op for op, _ in one["ops"]] == list(MASKED_OPS), one["name"]
        assert not {f"sort={a.name}" for a in grouped(model)} & set(
            re.findall(r"sort=\w+", answer.text)
        )


def test_whoever_sees_no_masks_filters_and_sorts_by_them(visit, secrets):
    """PII-4, positive control."""
    reader = visit("manager")
    for entity, name in (("customer", "credit_limit"), ("order", "amount")):
        value = secrets.values[entity, name]
        for query in (f"flt_{name}_ge={value}", f"flt_{name}_le={value}", f"sort={name}"):
            assert reader.json(f"/admin/{entity}/?{query}")["count"] == 1, query
    number = secrets.values["contact", "mobile"]
    assert reader.json(f"/admin/contact/?flt_mobile_contains={number[3:9]}")["count"] == 1


def test_only_a_whole_number_finds_somebody_behind_a_mask(visit, secrets):
    """PII-4: last digits, beginnings and parts find nobody; the whole number does, wherever one searches."""
    masked, other = visit("viewer"), visit("clerk")
    for name in ("mobile", "email", "wechat"):
        whole = secrets.values["contact", name]
        for term, count in ((whole, 1), (whole[-6:], 0), (whole[:8], 0), (whole[2:-2], 0)):
            path = f"/admin/contact/?search={term}"
            assert masked.json(path)["count"] == count, term
            assert other.json(path)["count"] == 1, term
            hits = masked.get(f"/admin/search/?q={term}&format=json").get_json()
            assert bool(hits) == bool(count), term
            found = masked.get(f"/admin/order/ajax/lookup/?name=contact&query={term}").get_json()
            assert len(found) == count, term
    assert masked.json("/admin/contact/?search=王工")["count"] == 1


def test_tries_of_whole_numbers_are_counted(visit, secrets, house, monkeypatch):
    """LCK-13, PII-4: a mask hides four digits; nobody tries all ten thousand."""
    from limits import parse

    monkeypatch.setitem(house.app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(limits_table(), "guess", parse("2 per day"))
    masked, other = visit("viewer"), visit("clerk")
    for reader, last in ((masked, 429), (other, 200)):
        paths = ["?search=13800000001", "?flt_mobile_eq=13800000002", "?search=13800000003"]
        answers = [reader.get(f"/admin/contact/{path}").status_code for path in paths]
        assert answers == [200, 200, last]
    assert masked.get("/admin/contact/?search=王工").status_code == 200


def test_tries_of_wechat_names_are_counted(visit, secrets, house, monkeypatch):
    """LCK-13, PII-4: in lists, in the search of everything and in look-ups alike."""
    from limits import parse

    monkeypatch.setitem(house.app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(limits_table(), "guess_name", parse("3 per day"))
    masked, other = visit("viewer"), visit("clerk")
    for reader, last in ((masked, 429), (other, 200)):
        paths = [
            *("/admin/contact/?search=wx-hengda", "/admin/search/?q=wx-hengda1"),
            "/admin/order/ajax/lookup/?name=contact&query=wx-hengda2",
            "/admin/contact/?search=wx-hengda3",
        ]
        answers = [reader.get(path).status_code for path in paths]
        assert answers == [200, 200, 200, last]


def test_the_search_promises_only_what_it_finds(visit, secrets):
    """PII-4: to those who see masks not the last four digits."""
    for entity in ("customer", "contact"):
        assert "电话后四位" in visit("clerk").get(f"/admin/{entity}/").text
        text = visit("viewer").get(f"/admin/{entity}/").text
        assert ("电话后四位" in text, "完整电话" in text) == (False, True)


def limits_table() -> Any:
    """Return the table of limits."""
    from app.web.limits import LIMITS

    return LIMITS


def test_the_audit_finds_nothing_by_what_it_masks(visit, secrets):
    """PII-4: amounts in the history are no search for those who see masks."""
    value = secrets.values["customer", "credit_limit"]
    assert visit("auditor").json(f"/admin/audit/?search={value}")["count"] > 0
    mask("auditor", *HIDDEN_LABELS)
    assert visit("auditor").json(f"/admin/audit/?search={value}")["count"] == 0
