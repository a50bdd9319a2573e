"""Child rows in a form: added, changed, deleted; what is absent stays, what is foreign is refused."""

from typing import Any

import pytest

from app.models.customer import Customer
from app.models.order import Order
from tests.admin_views.markup import Page
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id
from tests.factories.order import line, make_order
from tests.visitor import fields_of


@pytest.fixture
def order(app):
    """A draft of three lines."""
    rows = [line(n, description=f"彩盒 {n}", quantity=100 * (n + 1)) for n in range(3)]
    return make_order(make_customer(name="恒达纸品"), lines=rows)


def rows_of(order: int) -> list[tuple[str, int]]:
    """Return what the lines of *order* hold."""
    return [(one.description, one.quantity) for one in load(Order, order).lines]


def ids_of(order: int) -> list[int]:
    """Return the ids of the lines of *order*."""
    return [one.id for one in load(Order, order).lines]


def edit(writer: Any, order: int, **values: Any) -> Any:
    """Send an edit that speaks of nothing but *values* (``lines__0__id`` is lines-0-id)."""
    named = {name.replace("__", "-"): value for name, value in values.items()}
    version = load(Order, order).version
    return writer.post(f"/admin/order/edit/?id={order}", {"version": str(version), **named})


def test_rows_are_shown_with_their_ids(visit, order):
    """Forms: <collection>-<n>-<attribute>, and <collection>-<n>-id for an existing row."""
    form = visit("clerk").form(f"/admin/order/edit/?id={order}")
    assert [form[f"lines-{n}-id"] for n in range(3)] == [str(one) for one in ids_of(order)]
    assert [form[f"lines-{n}-quantity"] for n in range(3)] == ["100", "200", "300"]
    assert "lines-0-delete" not in form


def test_absent_rows_stay_as_they_are(visit, order):
    """Forms: an absent row stays as it is, and so do its attributes that are not mentioned."""
    second = ids_of(order)[1]
    answer = edit(visit("clerk"), order, lines__0__id=second, lines__0__quantity="250")
    assert answer.status_code == 302
    assert rows_of(order) == [("彩盒 0", 100), ("彩盒 1", 250), ("彩盒 2", 300)]
    assert str(load(Order, order).lines[1].unit_price) == "1.0134"


def test_rows_are_added_changed_and_deleted_at_once(visit, order):
    """Forms: new rows without id, changed ones with, delete=1 removes; gaps in n are allowed."""
    first, second, third = ids_of(order)
    answer = edit(
        visit("clerk"),
        order,
        lines__2__id=second,
        lines__2__quantity="222",
        lines__5__id=first,
        lines__5__delete="1",
        lines__40__description="新行",
        lines__40__quantity="7",
        lines__40__unit_price="0.5",
    )
    assert answer.status_code == 302, Page(answer.text).errors
    assert rows_of(order) == [("彩盒 1", 222), ("彩盒 2", 300), ("新行", 7)]
    assert ids_of(order)[:2] == [second, third]
    assert load(Order, order).net_amount > 0


def test_the_sum_follows_its_rows(visit, order):
    """MAS-2: after a row is changed or deleted, the order is the sum of what is left."""
    first, second, third = ids_of(order)
    writer = visit("clerk")
    edit(writer, order, lines__0__id=first, lines__0__delete="1")
    edit(writer, order, lines__0__id=second, lines__0__unit_price="2", lines__0__tax_rate="0")
    edit(writer, order, lines__0__id=third, lines__0__delete="1")
    saved = load(Order, order)
    assert (str(saved.net_amount), str(saved.tax_amount), str(saved.amount)) == (
        "400.00",
        "0.00",
        "400.00",
    )


def test_a_row_without_an_id_is_a_new_one(visit, order):
    """Forms: only <collection>-<n>-id names an existing row; the number n alone means nothing."""
    new = {"description": "新行", "quantity": "7", "unit_price": "0.5"}
    values = {f"lines__0__{name}": value for name, value in new.items()}
    assert edit(visit("clerk"), order, **values).status_code == 302
    assert rows_of(order) == [("彩盒 0", 100), ("彩盒 1", 200), ("彩盒 2", 300), ("新行", 7)]


def test_an_untouched_empty_row_is_no_row(visit, order):
    """Forms: the empty row a page offers is ignored, and so is a new row marked as deleted."""
    answer = edit(
        visit("clerk"),
        order,
        lines__3__description="",
        lines__3__quantity="",
        lines__3__unit="个",
        lines__3__spare_quantity="0",
        lines__3__unit_price="",
        lines__4__description="gone",
        lines__4__delete="1",
    )
    assert answer.status_code == 302, Page(answer.text).errors
    assert len(rows_of(order)) == 3


def test_a_foreign_row_is_404_and_nothing_is_saved(visit, order):
    """AZ-3, MAS-1: the id of another order's line, or of none, is 404, whether changed or deleted."""
    other = make_order(make_customer(), lines=[line(0, description="别人的")])
    (foreign,) = ids_of(other)
    writer = visit("clerk")
    for bad in (foreign, 999_999, "abc", "-1", "1,2", 10**30, "0", "1.0", "²"):
        for deed in ({"lines__1__quantity": "5"}, {"lines__1__delete": "1"}):
            answer = edit(
                writer, order, remark="改", lines__0__id=ids_of(order)[0], lines__0__quantity="5",
                lines__1__id=bad, **deed,
            )  # fmt: skip
            assert answer.status_code == 404, (bad, deed)
    assert rows_of(order) == [("彩盒 0", 100), ("彩盒 1", 200), ("彩盒 2", 300)]
    assert rows_of(other) == [("别人的", 1000)]
    assert load(Order, order).remark is None
    new = {"customer": load(Order, order).customer_id, "order_date": "2026-11-24"}
    answer = writer.post(
        "/admin/order/new/", {**new, "lines-0-id": foreign, "lines-0-quantity": "5"}
    )
    assert answer.status_code == 404


def test_a_row_cannot_be_moved_or_priced_from_outside(visit, order):
    """MAS-1: parent, sums, version and stamps of a row are never read from a form."""
    other = make_order(make_customer())
    first = ids_of(order)[0]
    before = load(Order, order).lines[0].created_at
    answer = edit(
        visit("clerk"),
        order,
        lines__0__id=first,
        lines__0__order=other,
        lines__0__order_id=other,
        lines__0__amount="1",
        lines__0__net_amount="1",
        lines__0__version="77",
        lines__0__created_at="2020-01-01T00:00",
        lines__0__quantity="100",
    )
    assert answer.status_code == 302
    (one, *_) = load(Order, order).lines
    assert (one.id, one.version, str(one.net_amount)) == (first, 1, "101.34")
    assert one.created_at == before


def test_changing_a_row_moves_the_version_of_the_record(visit, order):
    """REL-1: whoever edits only a line is noticed by everybody who has the order open."""
    first = ids_of(order)[0]
    writer, other = visit("clerk"), visit("manager")
    stale = other.form(f"/admin/order/edit/?id={order}")
    assert edit(writer, order, lines__0__id=first, lines__0__quantity="101").status_code == 302
    assert load(Order, order).version == 2
    assert other.post(f"/admin/order/edit/?id={order}", stale).status_code == 409


def test_contacts_in_a_customer_are_contacts(visit):
    """Forms: contacts of a customer obey the rules of contacts, and are found and deleted like them."""
    one = make_customer(name="恒达纸品")
    person = make_contact(one, name="王工", mobile="13812345678")
    writer = visit("clerk")
    path = f"/admin/customer/edit/?id={one}"
    form = writer.form(path)
    assert form["contacts-0-id"] == str(person)
    answer = writer.post(path, {**form, "contacts-0-mobile": "", "contacts-1-name": "李工"})
    assert answer.status_code == 422
    assert set(Page(answer.text).errors) == {"contacts-0-mobile", "contacts-1-mobile"}
    new = {"contacts-1-name": "李工", "contacts-1-mobile": "+86 139-1234-5678"}
    assert writer.post(path, {**form, **new}).status_code == 302
    data = writer.json("/admin/contact/?search=李工")
    assert ("李工", "13912345678") in [(row["name"], row["mobile"]) for row in data["rows"]]
    form = writer.form(path)
    assert writer.post(path, {**form, "contacts-0-delete": "1"}).status_code == 302
    assert writer.get(f"/admin/contact/details/?id={person}").status_code == 404
    assert writer.json("/admin/contact/?search=王工")["count"] == 0
    assert writer.json("/admin/customer/?search=13812345678")["count"] == 0


def test_a_team_member_stands_there_once(visit):
    """Forms: the same colleague twice is refused with a message, not by the database."""
    one = make_customer()
    writer = visit("manager")
    path = f"/admin/customer/edit/?id={one}"
    sales = str(user_id("sales2"))
    twice = {
        "team-0-user": sales,
        "team-0-access": "read",
        "team-1-user": sales,
        "team-1-access": "write",
    }
    answer = writer.post(path, {**writer.form(path), **twice})
    assert answer.status_code == 422
    assert "同一成员只能添加一次。" in answer.text
    once = {"team-0-user": sales, "team-0-access": "write"}
    assert writer.post(path, {**writer.form(path), **once}).status_code == 302
    assert visit("sales2").get(path).status_code == 200
    saved = load(Customer, one)
    assert [(one.user_id, one.access.value) for one in saved.team] == [(int(sales), "write")]


def test_a_hundred_lines_are_one_form(visit):
    """Forms: MAX_FORM_PARTS does not bite an order of a hundred lines, urlencoded or multipart."""
    customer = make_customer()
    writer = visit("clerk")
    form = writer.form(f"/admin/order/new/?customer={customer}")
    for n in range(120):
        form |= {
            f"lines-{n}-description": f"彩盒 {n}",
            f"lines-{n}-quantity": str(n + 1),
            f"lines-{n}-unit_price": "1",
            f"lines-{n}-unit": "个",
            f"lines-{n}-spare_quantity": "0",
            f"lines-{n}-customer_item_no": f"A{n}",
            f"lines-{n}-tax_rate": "13",
            f"lines-{n}-delivery_date": "2026-12-01",
            f"lines-{n}-tolerance": "3",
        }
    for number, kind in enumerate(("multipart/form-data", "application/x-www-form-urlencoded")):
        asked = {**form, "form_token": f"token-{number}"}
        answer = writer.post("/admin/order/new/", asked, content_type=kind)
        assert answer.status_code == 302, kind
        saved = load(Order, int(answer.headers["Location"].split("=")[1]))
        assert [one.quantity for one in saved.lines] == list(range(1, 121))


def test_rows_keep_their_numbers_when_they_come_back(visit, order):
    """Answers: a message names the row as it was sent, and so do the inputs."""
    answer = edit(
        visit("clerk"),
        order,
        lines__9__description="新行",
        lines__9__quantity="x",
        lines__9__unit_price="1",
    )
    assert answer.status_code == 422
    assert list(Page(answer.text).errors) == ["lines-9-quantity"]
    back = fields_of(answer.text)
    assert (back["lines-9-description"], back["lines-9-quantity"]) == ("新行", "x")
