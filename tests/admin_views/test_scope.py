"""One scope behind everything: what is foreign cannot be reached, named, counted or changed by any route."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.models.audit import Audit
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id
from tests.factories.order import make_order
from tests.visitor import forget

SECRET = "顺风印刷"
PERSON = "欧阳先生"
MODELS = {"customer": Customer, "contact": Contact, "order": Order}
#: Pages of an entity that speak of no single record.
WITHOUT_ID = {
    *("index_view", "create_view", "export", "ajax_lookup", "similar_view"),
    *("import_view", "import_template", "template_view"),
}
FIELDS = {"customer": {"short_name": "改"}, "contact": {"title": "改"}, "order": {"remark": "改"}}


@pytest.fixture
def foreign(app):
    """A customer of sales3 with a person and an order, as ids by entity."""
    one = make_customer("sales3", name=SECRET, phone="13812345678")
    person = make_contact(one, name=PERSON, mobile="13987654321")
    order = make_order(one, customer_po="PO-SECRET")
    return {"customer": one, "contact": person, "order": order}


@pytest.fixture
def mine(app):
    """The same for sales1."""
    one = make_customer("sales1", name="恒达纸品")
    return {"customer": one, "contact": make_contact(one), "order": make_order(one)}


def routes(app: Flask, entity: str) -> list[tuple[str, str, str]]:
    """Return (view function, method, path) of every route of *entity* that takes a record."""
    found = []
    for rule in app.url_map.iter_rules():
        blueprint, _, name = rule.endpoint.partition(".")
        if blueprint == entity and name not in WITHOUT_ID and name != "static":
            for method in sorted(rule.methods & {"GET", "POST"}):
                found.append((name, method, rule.rule))
    return found


def ask(visitor: Any, method: str, path: str, entity: str, one: object, **more: Any) -> Any:
    """Ask for the record *one* by every parameter a route may read it from."""
    if method == "GET":
        return visitor.get(
            path, query_string={"id": one, "kind": "contract", "reason": "查看", **more}
        )
    form = {"id": one, "rowid": one, "list_form_pk": one, "version": "1", "confirm": "1"}
    form |= {"field": "phone", "reason": "测试一下", "kind": "contract", **more}
    if path.endswith("/update/"):
        form |= FIELDS[entity]
    return visitor.post(f"{path}?id={one}", form)


ACTIONS = {
    "customer": ("claim", "delete"),
    "contact": ("delete",),
    "order": ("confirm", "delete"),
}


@pytest.mark.parametrize("entity", MODELS)
def test_a_foreign_record_is_missing_on_every_route(visit, app, foreign, mine, entity):
    """AZ-3, ENU-7: by its id 404 on every route, read or write, as page and as data; exactly like no record."""
    before = {name: load(model, foreign[name]).version for name, model in MODELS.items()}
    visitor = visit("sales1")
    seen = set()
    for name, method, path in routes(app, entity):
        many = ACTIONS[entity] if name == "action_view" else ("",)
        for action in many:
            asked = {"action": action} if action else {}
            answers = [
                ask(visitor, method, path, entity, one, **asked)
                for one in (foreign[entity], 999_999)
            ]
            assert [answer.status_code for answer in answers] in ([404, 404], [403, 403]), (
                path,
                method,
            )
            assert SECRET not in answers[0].text
            if answers[0].status_code == 404:
                seen.add(name)
    assert {
        "details_view",
        "history_view",
        "edit_view",
        "delete_view",
        "action_view",
        "ajax_update",
    } <= seen
    data = visitor.get(f"/admin/{entity}/details/?id={foreign[entity]}&format=json")
    assert (data.status_code, data.get_json()["error"]) == (404, "missing")
    after = {name: load(model, foreign[name]).version for name, model in MODELS.items()}
    assert after == before


@pytest.mark.parametrize("entity", MODELS)
def test_ones_own_record_is_reached_by_the_same_routes(visit, app, mine, entity):
    """AZ-3, the other way round: what is refused above is there for its owner."""
    visitor = visit("sales1")
    for name, method, path in routes(app, entity):
        if method == "GET" and name in ("details_view", "history_view", "edit_view", "delete_view"):
            answer = ask(visitor, method, path, entity, mine[entity])
            assert answer.status_code in (200, 409), path


def test_lists_searches_and_counts_know_nothing_of_it(visit, foreign, mine):
    """AZ-3: list, count, search, JSON, export, dashboard and global search hold own records only."""
    visitor = visit("sales1")
    for entity in MODELS:
        for query in (
            "",
            "?search=顺风",
            "?search=PO-SECRET",
            "?search=4321",
            "?page_size=200&sort=-id",
        ):
            path = f"/admin/{entity}/{query}"
            joint = "&" if query else "?"
            data = visitor.get(f"{path}{joint}format=json").get_json()
            ids = [row["id"] for row in data["rows"]]
            assert foreign[entity] not in ids, path
            assert ids == ([] if "search" in query else [mine[entity]]), path
            assert data["count"] == len(ids), path
            for text in (visitor.get(path).text, export(visitor, entity, query)):
                assert SECRET not in text, path
                assert PERSON not in text, path
    for path in ("/admin/", "/admin/search/?q=顺风", "/admin/search/?q=PO-SECRET&format=json"):
        text = visitor.get(path).text
        assert SECRET not in text, path
        assert (
            "PO-SECRET" not in text.replace("q=PO-SECRET", "").replace('value="PO-SECRET"', "")
            or "format" not in path
        )


def export(visitor: Any, entity: str, query: str) -> str:
    """Return the list as a file."""
    answer = visitor.get(f"/admin/{entity}/export/csv/{query}")
    assert answer.status_code == 200
    return str(answer.text)


def test_a_filter_names_nobody_out_of_reach(visit, foreign, mine):
    """AZ-3: a filter by a foreign customer finds nothing and does not say who it is."""
    page = visit("sales1").get(f"/admin/order/?flt_customer_eq={foreign['customer']}").text
    assert SECRET not in page
    assert 'data-count="0"' in page


def test_counts_on_the_dashboard_are_ones_own(visit, foreign, mine):
    """AZ-3: figures are of what their reader may see."""
    make_customer("sales1")
    assert ">2<" in visit("sales1").get("/admin/").text.replace(" ", "")
    assert ">1<" in visit("sales3").get("/admin/").text.replace(" ", "")


def test_a_colleague_of_the_team_reads_or_writes(visit, foreign):
    """AZ-3: a team member reads; with access write also edits the customer and what is below it."""
    manager = visit("manager")
    path = f"/admin/customer/edit/?id={foreign['customer']}"
    row = {"team-0-user": str(user_id("sales1")), "team-0-access": "read"}
    assert manager.post(path, {**manager.form(path), **row}).status_code == 302
    visitor = visit("sales1")
    for entity, one in foreign.items():
        assert visitor.get(f"/admin/{entity}/details/?id={one}").status_code == 200, entity
        assert visitor.json(f"/admin/{entity}/")["count"] == 1
        for page in ("edit", "delete"):
            assert visitor.get(f"/admin/{entity}/{page}/?id={one}").status_code == 404, (
                entity,
                page,
            )
        update = ask(visitor, "POST", f"/admin/{entity}/ajax/update/", entity, one)
        assert update.status_code == 404, entity
    assert manager.submit(path, **{"team-0-access": "write"}).status_code == 302
    for entity, one in foreign.items():
        assert visitor.get(f"/admin/{entity}/edit/?id={one}").status_code == 200, entity


def test_the_pool_is_seen_by_those_who_claim(visit):
    """AZ-3: a customer without an owner is read by sales, changed by nobody but those who see all."""
    pool = make_customer(None, name=SECRET)
    sales = visit("sales1")
    assert sales.get(f"/admin/customer/details/?id={pool}").status_code == 200
    assert sales.get(f"/admin/customer/edit/?id={pool}").status_code == 404
    assert sales.get(f"/admin/customer/delete/?id={pool}").status_code == 404
    assert visit("clerk").get(f"/admin/customer/details/?id={pool}").status_code == 404
    assert visit("manager").get(f"/admin/customer/edit/?id={pool}").status_code == 200


@pytest.mark.parametrize(
    ("username", "seen"),
    [
        ("sales1", {"own1"}),
        ("sales2", {"own2"}),
        ("sales3", {"own3"}),
        ("clerk", {"own1", "own2"}),
        ("viewer", {"own1", "own2"}),
        ("finance", {"own1", "own2", "own3", "pool"}),
        ("manager", {"own1", "own2", "own3", "pool"}),
        ("auditor", {"own1", "own2", "own3", "pool"}),
        ("admin", {"own1", "own2", "own3", "pool"}),
    ],
)
def test_who_sees_which_customers(visit, username, seen):
    """Who sees what: own, department or all; contacts follow their customer, orders of clerks all."""
    names = {n: make_customer(f"sales{n[-1]}" if n != "pool" else None, name=n) for n in (
        "own1", "own2", "own3", "pool",
    )}  # fmt: skip
    for one in names.values():
        make_contact(one)
        make_order(one)
    visitor = visit(username)
    seen = seen | ({"pool"} if username.startswith("sales") else set())
    rows = visitor.json("/admin/customer/")["rows"]
    assert {row["name"] for row in rows} == seen
    found = {row["customer"]["text"] for row in visitor.json("/admin/contact/")["rows"]}
    assert found - {"pool"} == seen - {"pool"}
    found = {row["customer"]["text"] for row in visitor.json("/admin/order/")["rows"]}
    expected = set(names) if username == "clerk" else seen
    assert found - {"pool"} == expected - {"pool"}


def test_security_sees_no_business(visit, foreign):
    """Who sees what: the security officer has users, roles and the login log, nothing else."""
    visitor = visit("security")
    for entity, one in foreign.items():
        for path in (
            "",
            f"details/?id={one}",
            "?format=json",
            "export/csv/",
            "ajax/lookup/?name=customer",
        ):
            assert visitor.get(f"/admin/{entity}/{path}").status_code == 403, (entity, path)
    for entity in ("user", "role", "loginlog"):
        assert visitor.get(f"/admin/{entity}/").status_code == 200
    assert SECRET not in visitor.get("/admin/").text
    assert visitor.get("/admin/search/?q=顺风&format=json").get_json() == []


def test_a_token_or_a_guess_leaves_no_trace_of_the_record(visit, foreign):
    """AZ-3: refused requests change nothing and are not entered as changes of the record."""
    count = select(Audit.id).where(
        Audit.entity == "customer", Audit.record_id == foreign["customer"]
    )
    before = len(db.session.scalars(count).all())
    visitor = visit("sales1")
    forget()
    for page in ("details", "edit", "delete", "history"):
        visitor.get(f"/admin/customer/{page}/?id={foreign['customer']}")
    entries = [
        one
        for one in db.session.scalars(select(Audit).where(Audit.record_id == foreign["customer"]))
        if one.entity == "customer" and not one.action.startswith("access")
    ]
    assert len(entries) == before
