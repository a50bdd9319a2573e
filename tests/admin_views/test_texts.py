"""Texts as the world writes them: width, compatibility forms, invisible marks, emoji, rare Han (REL-18)."""

import pytest

from app.admin_views import MENU
from app.models.customer import Customer
from tests.admin_views.markup import Page
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.visitor import fields_of

RARE = "𠮷"  # four bytes in UTF-8, two units in UTF-16, one character
TEXTS = frozenset({"text", "long", "code", "tags"})
NEW = "/admin/customer/new/"


def made(answer):
    assert answer.status_code == 302, Page(answer.text).errors
    return int(answer.headers["Location"].split("id=")[1])


@pytest.mark.parametrize(
    "name",
    [
        "苏州𠮷祥包装（中国）有限公司",
        "ＡＢＣ纸业（苏州）有限公司",
        "苏州🎁礼盒👨‍👩‍👧厂",
        "Müller & Söhne GmbH",
        "株式会社テスト㈱",
        "ООО Упаковка",
        "شركة التغليف",
    ],
)
def test_names_keep_their_form(visit, name):
    """REL-18: stored and shown exactly as written, found again, on both databases."""
    writer = visit("clerk")
    customer = made(writer.submit(NEW, name=name))
    assert load(Customer, customer).name == name
    assert fields_of(writer.get(f"/admin/customer/edit/?id={customer}").text)["name"] == name
    assert [row["name"] for row in writer.json(f"/admin/customer/?search={name[2:5]}")["rows"]] == [
        name
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("苏州恒达包装（中国）有限公司", "苏州恒达包装(中国)有限公司"),
        ("ABC纸业有限公司", "ＡＢＣ纸业有限公司"),
        ("abc纸业有限公司", "ABC 纸业有限公司"),
        ("金祥纸业有限公司", "⾦祥纸业有限公司"),  # the radical that looks like the character
        ("神州纸业有限公司", "\ufa19州纸业有限公司"),  # a compatibility ideograph
        ("恒达纸业有限公司", "恒\u200b达\u2060纸业有限公司"),
        ("恒达纸业有限公司", "恒\ufe0f达纸业有限公司"),
        ("恒达纸业有限公司", "恒达纸业有限公司\u3164"),
        ("2厂纸业有限公司", "②厂纸业有限公司"),
    ],
)
def test_names_that_look_the_same_are_the_same_company(visit, one, other):
    """REL-18: compared folded, whatever form they were written in."""
    writer = visit("clerk")
    made(writer.submit(NEW, name=one))
    answer = writer.submit(NEW, name=other)
    assert answer.status_code == 422
    assert Page(answer.text).errors["name"] == "已有同名的客户。"


CODE = "91350200776049653A"
WIDE = "".join(chr(ord(c) + 0xFEE0) for c in CODE)


@pytest.mark.parametrize(
    "code",
    [
        WIDE,
        CODE.lower(),
        f" {CODE[:4]} {CODE[4:]}\u200b",
        f"\ufeff{CODE}\u202c",
        "9135-" + CODE[4:],
    ],
)
def test_a_code_is_the_same_however_it_is_written(visit, code):
    """REL-18: width, case, blanks, hyphens and invisible marks make no second code."""
    writer = visit("clerk")
    made(writer.submit(NEW, name="昆山样品日化有限公司", credit_code=CODE))
    answer = writer.submit(NEW, name="常熟彩印厂", credit_code=code)
    assert answer.status_code == 422
    assert Page(answer.text).errors["credit_code"] == "已有客户使用这个统一社会信用代码。"
    found = writer.json(f"/admin/customer/?flt_credit_code_eq={WIDE}")
    assert found["count"] == 1


def test_a_code_of_look_alikes_from_another_script_is_none(visit):
    """REL-18: a Cyrillic А is not an A; the message stands beside the field."""
    answer = visit("clerk").submit(NEW, name="昆山样品日化有限公司", credit_code=CODE[:-1] + "А")
    assert answer.status_code == 422
    assert "18 位" in Page(answer.text).errors["credit_code"]


@pytest.mark.parametrize(
    "phone",
    [
        "１３８１２３４５６７８",
        "+86 138-1234-5678",
        "138\u200b1234\u202d5678",
        "０086 13812345678",
        "(+８６)13812345678",
    ],
)
def test_a_phone_is_the_same_however_it_is_written(visit, phone):
    """REL-18: one canonical form, found in any."""
    writer = visit("clerk")
    one = made(writer.submit(NEW, name="昆山样品日化有限公司", phone=phone))
    assert load(Customer, one).phone == "13812345678"
    for asked in (
        "search=13812345678",
        "search=１３８１２３４５６７８",
        "flt_phone_eq=138 1234 5678",
    ):
        assert writer.json(f"/admin/customer/?{asked}")["count"] == 1, asked


@pytest.mark.parametrize("second", ["ＰＯ－2026－18", "po-2026-18", "PO-\u200b2026-18 "])
def test_a_purchase_order_number_is_the_same_however_it_is_written(visit, second):
    """REL-18: the warning does not depend on width or case."""
    writer, customer = visit("clerk"), make_customer()
    made(writer.submit("/admin/order/new/", customer=customer, customer_po="PO-2026-18"))
    answer = writer.submit("/admin/order/new/", customer=customer, customer_po=second)
    assert answer.status_code == 422
    assert "的客户单号相同" in Page(answer.text).errors["customer_po"]


FORMS = [
    pytest.param(view, name, attribute, id=f"{view.service.entity}.{name}")
    for views in MENU.values()
    for view in views
    if view.writable and view.service.entity != "setting"  # the house has the settings it has
    for _title, names in view.sections
    for name in names
    if (attribute := view.service.attributes().get(name)) and attribute.kind in TEXTS
    if name not in view.service.field_verbs and name not in ("code", "order_no", "label")
]


@pytest.mark.parametrize(("view", "name", "attribute"), FORMS)
def test_a_text_too_long_is_refused_at_its_field(visit, view, name, attribute):
    """Forms: the limit is named in characters – a rare one counts once – and the text comes back."""
    writer = visit("admin")
    path = f"/admin/{view.service.entity}/new/"
    form = writer.form(path)
    if name not in form:
        pytest.skip("not a field of this form")
    limit = attribute.length or 20_000
    long = RARE * (limit + 1)
    answer = writer.post(path, {**form, name: long})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors[name] == f"最多 {limit} 个字。"
    assert fields_of(answer.text)[name] == long
    answer = writer.post(path, {**form, name: RARE * limit})
    assert answer.status_code in (302, 422)  # other fields may be missing
    assert "个字" not in Page(answer.text).errors.get(name, "")


def test_lengths_are_counted_in_characters_by_the_database_too(visit):
    """REL-18: 120 characters of four bytes fit where 120 fit, on both databases."""
    writer = visit("clerk")
    values = {
        "name": RARE * 120,
        "short_name": RARE * 60,
        "address": "🎁" * 255,
        "remark": RARE * 999,
    }
    one = made(writer.submit(NEW, **values))
    saved = load(Customer, one)
    assert {name: getattr(saved, name) for name in values} == values
