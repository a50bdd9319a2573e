"""Showing what is masked: to those who may, for a reason, so often a day, and remembered without the value."""

import json
from typing import Any

import pytest
from limits import parse
from sqlalchemy import select

from app.core.db import db
from app.models.audit import Audit
from app.models.role import Role
from app.web.limits import LIMITS
from tests.admin_views.secrets import Secrets, grouped, masked_models
from tests.admin_views.test_list_statements import counted
from tests.conftest import PEOPLE
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import change
from tests.factories.order import make_order
from tests.visitor import forget

WHY = "客户来电核对"


@pytest.fixture
def secrets(app):
    """One record of every kind, full of numbers."""
    return Secrets()


@pytest.fixture
def reader(visit, secrets):
    """Somebody who sees masks everywhere and may have them shown."""
    role = db.session.scalar(select(Role.id).where(Role.name == "admin"))
    change(Role, role, hidden=["phones", "money"])
    return visit("admin")


def ask(reader: Any, entity: str, one: int, field: str, reason: str = WHY) -> Any:
    """Ask for one value."""
    return reader.post(f"/admin/{entity}/unmask/", {"id": one, "field": field, "reason": reason})


def entries(entity: str) -> list[Audit]:
    """Return what was remembered."""
    db.session.remove()
    return list(
        db.session.scalars(
            select(Audit).where(Audit.action == f"{entity}.unmask").order_by(Audit.id)
        )
    )


def test_every_masked_value_is_shown_for_a_reason(reader, secrets):
    """PII-3: every masked attribute of every kind; the audit says who, what and why, and no value."""
    asked = 0
    for entity, model in masked_models():
        for attribute in grouped(model):
            answer = ask(reader, entity, secrets.ids[entity], attribute.name)
            assert answer.status_code == 200, (entity, attribute.name)
            assert list(answer.get_json()) == ["value"]
            value = secrets.values.get((entity, attribute.name))
            if value is not None:
                assert answer.get_json()["value"] == str(value)
            asked += 1
            entry = entries(entity)[-1]
            assert (entry.record_id, entry.actor) == (secrets.ids[entity], "admin先生")
            assert entry.changes == {"field": attribute.name, "reason": WHY}
    kept = [json.dumps(e.changes) for entity, _ in masked_models() for e in entries(entity)]
    assert len(kept) == asked
    assert secrets.told_by("\n".join(kept)) == []


def test_rows_are_shown_where_they_stand(reader, secrets):
    """PII-3: rows without pages of their own by their record; people by their own kind."""
    one = secrets.ids["customer"]
    data = reader.json(f"/admin/customer/details/?id={one}")
    row = data["children"]["addresses"][0]["id"]
    answer = ask(reader, "customer", one, f"addresses-{row}-phone")
    assert answer.get_json()["value"] == secrets.values["customer", "addresses.phone"]
    assert ask(reader, "customer", one, f"addresses-{row + 99}-phone").status_code == 404
    for field in ("contacts-1-mobile", f"addresses-{row}-name", f"addresses-{row}"):
        assert ask(reader, "customer", one, field).status_code == 422
    page = reader.get(f"/admin/customer/details/?id={one}").text
    assert f"/admin/contact/unmask/?id={secrets.ids['contact']}&amp;field=mobile" in page
    assert f"/admin/customer/unmask/?id={one}&amp;field=addresses-{row}-phone" in page


@pytest.mark.parametrize(
    ("field", "reason"),
    [("phone", ""), ("phone", "abc"), ("phone", "   a   "), ("name", WHY), ("owner", WHY), ("nix", WHY), ("", WHY)],
)  # fmt: skip
def test_without_a_reason_or_a_masked_field_nothing_is_shown(reader, secrets, field, reason):
    """PII-3: 422, and nothing is remembered as shown."""
    answer = ask(reader, "customer", secrets.ids["customer"], field, reason)
    assert answer.status_code == 422
    assert entries("customer") == []


def test_nobody_with_a_mask_may_lift_it_unless_somebody_grants_it(visit, secrets):
    """PII-3, AZ-2: of the first roles only those who see in clear hold the verb; it can be granted."""
    for username in PEOPLE:
        answer = ask(visit(username), "contact", secrets.ids["contact"], "mobile")
        assert (answer.status_code == 200) == (username in ("admin", "manager")), username
    role = db.session.scalars(select(Role).where(Role.name == "viewer")).one()
    grants = {**role.grants, "contact": {"see": "department", "unmask": "department"}}
    change(Role, role.id, grants=grants)
    reader = visit("viewer")
    answer = ask(reader, "contact", secrets.ids["contact"], "mobile")
    assert answer.get_json()["value"] == secrets.values["contact", "mobile"]
    assert ask(reader, "order", secrets.ids["order"], "amount").status_code == 403
    foreign = make_contact(make_customer("sales3"))
    assert ask(reader, "contact", foreign, "mobile").status_code == 404
    assert ask(reader, "contact", 999_999, "mobile").status_code == 404


def test_so_many_a_day_and_no_more(reader, secrets, house, monkeypatch):
    """PII-3, LCK-13: then 429; what was refused does not count."""
    assert LIMITS["unmask"] == parse("50 per day")
    monkeypatch.setitem(house.app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setitem(LIMITS, "unmask", parse("2 per day"))
    one = secrets.ids["contact"]
    answers = [ask(reader, "contact", one, "mobile", reason) for reason in ("", WHY, WHY, WHY)]
    assert [answer.status_code for answer in answers] == [422, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert len(entries("contact")) == 2


def test_a_page_asks_where_scripts_do_not_run(reader, secrets):
    """PII-3: the same link without a script: a form, its message, the value."""
    one = secrets.ids["contact"]
    path = f"/admin/contact/unmask/?id={one}&field=mobile"
    assert reader.get(path).status_code == 200
    answer = reader.submit(path, reason="")
    assert answer.status_code == 422
    assert "请说明原因" in answer.text
    answer = reader.submit(path, reason=WHY)
    assert answer.status_code == 200
    assert "data-unmasked" in answer.text
    assert secrets.told_by(answer.text) == [("contact", "mobile")]
    assert len(entries("contact")) == 1


def test_the_button_is_for_those_who_may(visit, reader, secrets):
    """PII-3: in lists and details beside the mask, with the permission only."""
    for path in ("/admin/contact/", f"/admin/contact/details/?id={secrets.ids['contact']}"):
        assert "data-unmask=" in reader.get(path).text
        assert "data-unmask=" not in visit("viewer").get(path).text
        assert "data-unmask=" not in visit("manager").get(path).text


def test_the_history_names_what_was_shown_and_why(reader, secrets):
    """PII-3, AUD-1."""
    one = secrets.ids["contact"]
    ask(reader, "contact", one, "mobile")
    text = reader.get(f"/admin/contact/history/?id={one}").text
    assert "查看隐藏内容" in text
    assert WHY in text
    assert "手机" in text


# -- everything about one customer ------------------------------------------------------------


def subject(reader: Any, one: int, reason: str = WHY) -> Any:
    """Ask for everything about the customer *one*."""
    return reader.get(f"/admin/customer/subject/?id={one}&reason={reason}")


def test_everything_about_a_customer_is_handed_over(visit, secrets):
    """PII-10: itself, its people, addresses, invoice titles, orders with lines, activities; remembered."""
    one = secrets.ids["customer"]
    answer = subject(visit("manager"), one)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    data = answer.get_json()
    assert (data["entity"], data["id"]) == ("customer", one)
    assert {"contacts", "addresses", "invoice_titles", "team"} <= set(data["children"])
    assert [order["id"] for order in data["below"]["order"]] == [secrets.ids["order"]]
    assert [done["id"] for done in data["below"]["activity"]] == [secrets.ids["activity"]]
    told = secrets.told_by(answer.text)
    assert {key for key in secrets.values if key[0] in ("customer", "contact", "order")} <= set(
        told
    )
    db.session.remove()
    (entry,) = db.session.scalars(select(Audit).where(Audit.action == "customer.subject"))
    assert (entry.record_id, entry.changes) == (one, {"reason": WHY})


def test_it_holds_what_its_reader_may_see(visit, secrets):
    """PII-10, AZ-3: 403 without the permission, 404 for others' customers, masks, no kinds out of sight."""
    one = secrets.ids["customer"]
    statuses = {
        who: subject(visit(who), one).status_code for who in ("viewer", "finance", "sales3")
    }
    assert statuses == {"viewer": 403, "finance": 403, "sales3": 404}
    role = db.session.scalars(select(Role).where(Role.name == "clerk")).one()
    seen = {"customer": {"see": "department", "export": "department"}}
    change(Role, role.id, hidden=["phones", "money"], grants=seen)
    answer = subject(visit("clerk"), one)
    assert secrets.told_by(answer.text) == []
    assert "contacts" not in answer.get_json()["children"]
    assert answer.get_json()["below"] == {"order": [], "activity": []}


def test_it_needs_a_reason(visit, secrets):
    """PII-10: 422 with a form that asks for it."""
    one = secrets.ids["customer"]
    reader = visit("manager")
    for reason in ("", "abc"):
        answer = subject(reader, one, reason)
        assert answer.status_code == 422
        assert 'name="reason"' in answer.text
        assert (
            reader.get(f"/admin/customer/subject/?id={one}&reason={reason}&format=json").status_code
            == 422
        )


def test_asking_for_its_head_takes_nothing_and_leaves_nothing(visit, secrets):
    """PII-10, AUD-1: no data, no entry that says they were handed over."""
    one = secrets.ids["customer"]
    reader = visit("manager")
    path = f"/admin/customer/subject/?id={one}&reason={WHY}"
    forget()
    answer = reader.browser.head(path)
    assert (answer.status_code, answer.content_length) == (200, len("{}\n"))
    db.session.remove()
    assert not db.session.scalars(select(Audit).where(Audit.action == "customer.subject")).all()


@pytest.mark.parametrize(("rows", "status"), [(0, 422), (2, 422), (3, 200)])
def test_it_holds_no_more_than_its_reader_may_export(visit, secrets, rows, status):
    """PII-10, CSV-5: a customer, an order and an activity are three records; nothing is handed over or remembered."""
    change(Role, db.session.scalar(select(Role.id).where(Role.name == "manager")), export_rows=rows)
    answer = subject(visit("manager"), secrets.ids["customer"])
    assert answer.status_code == status
    assert bool(secrets.told_by(answer.text)) == (status == 200)
    db.session.remove()
    found = db.session.scalars(select(Audit).where(Audit.action == "customer.subject")).all()
    assert bool(found) == (status == 200)
    text = visit("manager").get(
        f"/admin/customer/subject/?id={secrets.ids['customer']}&reason={WHY}"
    )
    assert ("资料超过" in text.text) == (status == 422)


def test_it_is_read_in_a_few_statements_before_any_writing(visit, app):
    """PERF, REL-4: as many for two orders as for six, files apart; nobody who writes waits for it."""
    taken = []
    for orders in (2, 6):
        one = make_customer("sales1")
        for n in range(orders):
            make_order(one, contact=make_contact(one, name=f"王{n}"))
        reader = visit("manager")
        with counted() as sent:
            assert subject(reader, one).status_code == 200
        entry = next(at for at, text in enumerate(sent) if text.startswith("INSERT INTO audit "))
        assert not [text for text in sent[entry:] if "FROM orders" in text]
        taken.append(list(sent))
    assert len(taken[0]) == len(taken[1]), taken[1]
