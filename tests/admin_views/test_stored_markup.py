"""Text is text: markup in any field of any record is shown, never obeyed, on every page there is."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.services.registry import SERVICES
from tests.admin_views.markup import Element, Page
from tests.factories.customer import make_customer
from tests.poison import EVIL, SCREENS, SHORT, poison_house
from tests.visitor import fields_of


@pytest.fixture
def poisoned(app):
    """One record of every kind, all of its texts markup; the id of each."""
    return poison_house()


def everything(element: Element) -> Iterator[Element]:
    """Yield every element of a page, those in templates too."""
    for part in element.parts:
        if isinstance(part, Element):
            yield part
            yield from everything(part)


def innocent(answer: Any, what: object) -> None:
    """Fail if the page holds an element or an attribute that none of our templates wrote."""
    titles = pictures = 0
    for element in everything(Page(answer.text)):
        for name, value in element.attributes.items():
            assert not name.startswith("on"), (what, element.tag, name)
            assert not (value or "").lower().startswith("javascript:"), (what, name)
        if element.tag == "img":
            assert element["src"].startswith("/static/"), what
        titles += element.tag == "title"
        pictures += element.tag == "svg"
    assert titles <= 1 + pictures, what
    for raw in ("<img src=x", '"><b onclick', "<i>", "${49}", ">49<"):
        assert raw not in answer.text, (what, raw)


def test_no_page_of_the_panel_obeys_stored_markup(visit, poisoned):
    """XSS-1, XSS-6: list, details, edit, delete confirmation, history and new, of every kind of record."""
    reader = visit("admin")
    for entity, one in poisoned.items():
        for path in (
            *("", "?search=img", "?page_size=10&sort=-id"),
            *(f"{page}/?id={one}" for page in ("details", "edit", "delete", "history")),
            *(f"print/?id={one}&kind={kind}" for kind in ("contract", "card")),
            "new/",
        ):
            answer = reader.get(f"/admin/{entity}/{path}")
            assert answer.status_code in (200, 403, 404, 409), (entity, path)
            innocent(answer, (entity, path))
    for path in ("/admin/", "/admin/search/?q=img", "/admin/search/?q=<img src=x>"):
        innocent(reader.get(path), path)


def test_the_texts_are_all_there(visit, poisoned):
    """XSS-1: nothing is cut or swallowed: people read exactly what was stored."""
    reader = visit("admin")
    page = Page(reader.get(f"/admin/customer/details/?id={poisoned['customer']}").text)
    assert page.values["remark"] == EVIL
    assert page.values["name"] == EVIL
    form = fields_of(reader.get(f"/admin/customer/edit/?id={poisoned['customer']}").text)
    assert (form["name"], form["remark"], form["short_name"]) == (EVIL, EVIL, SHORT)
    assert form["addresses-0-address"] == EVIL
    confirm = Page(reader.get(f"/admin/contact/delete/?id={poisoned['contact']}").text)
    assert SHORT in confirm.one("h1").text
    history = Page(reader.get(f"/admin/customer/history/?id={poisoned['customer']}").text)
    assert history.text.count(EVIL) >= 5


def test_data_is_data(visit, poisoned):
    """XSS-1: JSON answers hold the text as it is, as JSON that no browser sniffs."""
    reader = visit("admin")
    for path in (
        "/admin/customer/?format=json",
        f"/admin/customer/details/?id={poisoned['customer']}&format=json",
        "/admin/order/ajax/lookup/?name=customer",
        "/admin/customer/ajax/lookup/?name=source",
        "/admin/customer/similar/?name=<img src=x>",
        "/admin/search/?q=img&format=json",
        "/admin/audit/?format=json",
    ):
        answer = reader.get(path)
        assert answer.mimetype == "application/json", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.get_json()
    assert reader.json("/admin/customer/")["rows"][0]["name"] == EVIL
    offered = reader.get("/admin/order/ajax/lookup/?name=customer").get_json()
    assert [poisoned["customer"], EVIL] in offered


def test_actions_and_messages_show_names_as_text(visit, poisoned):
    """XSS-1: action confirmations, blocked pages and flashes hold names, too."""
    writer = visit("admin")
    for entity, action in (("customer", "transfer"), ("order", "cancel"), ("contact", "delete")):
        asked = {"action": action, "rowid": str(poisoned[entity])}
        innocent(writer.post(f"/admin/{entity}/action/", asked), (entity, action))
        innocent(
            writer.post(f"/admin/{entity}/action/", {**asked, "confirm": "1"}), (entity, action)
        )
        innocent(writer.get(f"/admin/{entity}/"), (entity, action))
    blocked = writer.get(f"/admin/customer/delete/?id={poisoned['customer']}")
    assert blocked.status_code == 409
    innocent(blocked, "blocked")


def test_what_is_typed_comes_back_as_text(visit):
    """XSS-2: a refused form, an expired one and a list with a bad filter reflect nothing as markup."""
    writer = visit("manager")
    typed = {"name": EVIL, "level": SHORT, "owner": EVIL, "credit_limit": EVIL, "remark": EVIL}
    typed |= {
        "contacts-0-name": EVIL,
        "contacts-0-mobile": SHORT,
        "team-0-user": SHORT,
        "version": SHORT,
    }
    answer = writer.post("/admin/customer/new/", typed)
    assert answer.status_code == 422
    innocent(answer, "422")
    answer = writer.browser.post("/admin/customer/new/", data={**typed, "form_token": SHORT})
    assert answer.status_code == 400
    innocent(answer, "400")
    for query in (
        {"search": EVIL},
        {"sort": SHORT},
        {f"flt_{SHORT}_eq": EVIL},
        {"flt_name_contains": EVIL, "flt_level_eq": SHORT, "flt_owner_eq": SHORT},
        {"page": SHORT, "cursor": EVIL, "page_size": SHORT, SHORT: SHORT},
    ):
        innocent(writer.get("/admin/customer/", query_string=query), query)
    for path in (
        f"/admin/customer/details/?id={SHORT}",
        f"/admin/customer/{SHORT}/",
        f"/admin/{SHORT}/",
    ):
        innocent(writer.get(path), path)


def test_a_conflict_shows_both_texts_as_text(visit):
    """XSS-1: the page that compares two saves holds old and new values."""
    one = make_customer()
    first, second = visit("manager"), visit("admin")
    path = f"/admin/customer/edit/?id={one}"
    theirs, mine = first.form(path), second.form(path)
    assert first.post(path, {**theirs, "remark": EVIL, "short_name": SHORT}).status_code == 302
    answer = second.post(
        path, {**mine, "remark": EVIL + "2", "short_name": SHORT + "2", "city": EVIL[:60]}
    )
    assert answer.status_code == 409
    innocent(answer, "conflict")
    assert EVIL + "2" in [e.attributes.get("value") for e in everything(Page(answer.text))]


def test_every_kind_of_record_is_poisoned(poisoned):
    """The test above speaks of every screen of the menu; the trash has a test of its own."""
    assert set(SCREENS) - {"trash"} <= set(poisoned) | {"activity", "opportunity", "product"}
    assert SERVICES


def test_the_trash_shows_names_as_text(visit):
    """XSS-1: what was deleted is named in the trash, and in the message when it comes back."""
    one = make_customer(name="<img src=x onerror=alert(1)>")
    writer = visit("admin")
    assert writer.submit(f"/admin/customer/delete/?id={one}", confirm="1").status_code == 302
    (entry,) = [row["id"] for row in writer.json("/admin/trash/")["rows"]]
    for path in (
        "/admin/customer/",
        "/admin/trash/",
        f"/admin/trash/details/?id={entry}",
        "/admin/audit/",
    ):
        innocent(writer.get(path), path)
    innocent(writer.post("/admin/customer/restore/", {"id": one}), "restore")
    innocent(writer.get("/admin/customer/"), "restored")
