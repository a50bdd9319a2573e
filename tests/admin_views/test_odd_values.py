"""Values that no form of ours sends: each gets an answer, none breaks anything (SQL-3)."""

import zlib
from base64 import urlsafe_b64encode

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.models.order import OrderLine
from app.models.role import Role
from app.models.user import User
from tests.factories.customer import make_customer
from tests.factories.making import change

FAR = "9" * 11


@pytest.mark.parametrize(
    "path",
    [
        f"customer/?flt_version_eq={FAR}",
        f"role/?flt_export_rows_ge={FAR}",
        f"dictionary/?flt_position_ge={FAR}",
    ],
)
def test_a_number_beyond_the_column_finds_nothing(visit, path):
    assert visit("admin").get(f"/admin/{path}").status_code == 200


def test_a_number_beyond_the_column_is_refused_or_kept(visit):
    values = {"kind": "industry", "key": "far", "label": "远", "position": FAR}
    assert visit("admin").submit("/admin/dictionary/new/", **values).status_code in (302, 422)


@pytest.mark.parametrize("name", ["㍿" * 120, "ß" * 100])
def test_a_name_that_grows_when_folded_is_refused(visit, name):
    answer = visit("clerk").submit("/admin/customer/new/", name=name)
    assert answer.status_code == 422
    assert 'data-field="name"' in answer.text


def test_a_row_id_of_five_thousand_digits_is_no_row(visit):
    values = {"name": "苏州恒达包装有限公司", "contacts-0-id": "9" * 5_000, "contacts-0-name": "王"}
    assert visit("clerk").submit("/admin/customer/new/", **values).status_code == 404


@pytest.mark.parametrize(
    "extra",
    [
        {"owner": "9" * 20},
        {"base": urlsafe_b64encode(zlib.compress(b"[" * 200_000)).decode()},
        {"base": urlsafe_b64encode(zlib.compress(b'{"owner":"' + b"9" * 5_000 + b'"}')).decode()},
        {"base": "不是"},
    ],
)
def test_a_stale_form_with_odd_values_is_a_conflict(visit, extra):
    """REL-1."""
    person, customer = visit("manager"), make_customer()
    path = f"/admin/customer/edit/?id={customer}"
    form = person.form(path)
    assert person.post(path, {**form, "remark": "先保存"}).status_code == 302
    assert person.post(path, {**form, "remark": "后保存", **extra}).status_code == 409


def test_more_rows_than_can_be_saved_are_refused_whole(visit):
    """Nothing is dropped without a word."""
    person, customer = visit("clerk"), make_customer(owner="clerk")
    form = person.form("/admin/order/new/")
    for number in range(2_001):
        line = {"description": "盒", "quantity": "1", "unit_price": "1"}
        form |= {f"lines-{number}-{name}": value for name, value in line.items()}
    answer = person.post("/admin/order/new/", {**form, "customer": str(customer)})
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(OrderLine)) == 0


def test_a_role_without_export_rows_exports_none(visit):
    """CSV-5."""
    make_customer()
    role = db.session.scalars(select(Role.id).where(Role.name == "manager")).one()
    change(Role, role, export_rows=0)
    assert visit("manager").get("/admin/customer/export/csv/").status_code == 422


def test_a_masked_role_finds_nobody_by_address(visit):
    """MAS: e-mail and WeChat are often the mobile number."""
    make_customer(owner="viewer", name="苏州示例食品有限公司")
    viewer = visit("viewer")
    assert viewer.json("/admin/customer/?search=示例")["count"] == 1


def test_every_role_can_be_taken_away(visit):
    """A list of boxes with none ticked means none, not unchanged."""
    admin = visit("admin")
    number = db.session.scalar(select(User.id).where(User.username == "sales3"))
    form = {**admin.form(f"/admin/user/edit/?id={number}"), "roles": ""}
    assert admin.post(f"/admin/user/edit/?id={number}", form).status_code == 302
    assert admin.json(f"/admin/user/details/?id={number}")["values"]["roles"] == []


def test_a_refused_export_says_why_on_its_page(visit):
    """CSV-5."""
    answer = visit("manager").get("/admin/customer/export/csv/?flt_nothing_eq=1")
    assert answer.status_code == 422
    assert "筛选条件无效" in answer.text
