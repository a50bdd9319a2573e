"""Customers: which are the same, which may be, and what a customer must and may hold."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.errors import RuleBroken, Stale
from app.domain.customer import CustomerLevel, CustomerStatus
from app.models.audit import Audit
from app.models.customer import Customer
from app.services.customer import customers, likely_duplicates
from app.services.rows import ChildRow
from tests.factories.making import load, user_id
from tests.services.conftest import actor_named, problems_of

FIRM = "苏州恒达包装有限公司"
CODE = "91320594MA1234567R"
PILOT = "91350203M0001FUE2P"  # an early one, whose check digit is wrong and which is legal


@pytest.fixture
def create(work_as):
    def act(name, who="sales1", **values):
        with work_as(who) as work:
            return customers.create(work, {"name": name, **values}).id

    return act


@pytest.fixture
def edit(work_as):
    def act(customer, who="sales1", **values):
        with work_as(who) as work:
            found = customers.get(work.session, work.actor, customer, "edit")
            customers.update(work, found, values, version=found.version)

    return act


def test_a_new_customer_belongs_to_whoever_made_it(app, create):
    made = load(Customer, create(FIRM))
    assert (made.code, made.owner_id, made.created_by) == (
        "C000001",
        user_id("sales1"),
        made.owner_id,
    )
    assert (made.level, made.status) == (CustomerLevel.C, CustomerStatus.POTENTIAL)
    assert str(made.tax_rate) == "13.00"
    assert made.credit_limit is None


@pytest.mark.parametrize("name", [None, "", "   "])
def test_a_name_is_needed(app, create, name):
    with pytest.raises(RuleBroken) as refusal:
        create(name)
    assert set(problems_of(refusal)) == {"name"}


# -- the same -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        FIRM,
        "苏州恒达包装 有限公司",
        " 苏州恒达　包装有限公司 ",
        "苏州恒达\u200b包装有限公司",
        "\ufeff苏州恒达包装有限公司",
    ],
)
def test_the_same_name_however_written_is_refused(app, create, name):
    """REL-18"""
    create(FIRM)
    with pytest.raises(RuleBroken) as refusal:
        create(name, duplicate_reason="确实是两家公司")
    assert problems_of(refusal) == {"name": "已有同名的客户。"}
    assert refusal.value.problems[0].override is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("恒达包装（苏州）有限公司", "恒达包装(苏州)有限公司"),
        ("ＡＢＣ电子有限公司", "abc电子有限公司"),
        ("恒达【苏州】包装", "恒达[苏州]包装"),
    ],
)
def test_width_case_and_brackets_make_no_difference(app, create, first, second):
    """REL-18"""
    made = create(first)
    with pytest.raises(RuleBroken):
        create(second, duplicate_reason="确实是两家公司")
    assert load(Customer, made).name == first  # but names keep their form


def test_a_trashed_customer_frees_its_name_and_code(app, create, work_as):
    """REL-27"""
    gone = create(FIRM, credit_code=CODE)
    with work_as("manager") as work:
        customers.delete(work, work.session.get_one(Customer, gone), version=1)
    assert load(Customer, create(FIRM, credit_code=CODE)).code == "C000002"


def test_renaming_into_another_is_refused(app, create, edit):
    create(FIRM)
    other = create("苏州云松食品有限公司")
    with pytest.raises(RuleBroken):
        edit(other, name=FIRM)
    edit(other, name="苏州云松食品有限公司", remark="自己的名字不算重复")


# -- perhaps the same -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "恒达包装（苏州）有限公司",
        "苏州恒达包装有限责任公司",
        "苏州市恒达包装股份有限公司",
        "恒达包装",
    ],
)
def test_a_likely_duplicate_asks_for_a_reason(app, create, name):
    create(FIRM)
    with pytest.raises(RuleBroken) as refusal:
        create(name)
    (problem,) = refusal.value.problems
    assert (problem.field, problem.override) == ("name", "duplicate_reason")
    assert FIRM in problem.facts["found"]
    for nothing in ("", "  ", "x"):
        with pytest.raises(RuleBroken):
            create(name, duplicate_reason=nothing)
    made = create(name, duplicate_reason="两家不同的公司，证照已核对")
    entry = db.session.scalars(
        select(Audit).where(Audit.action == "customer.create", Audit.record_id == made)
    ).one()
    assert entry.changes["duplicate_reason"] == [None, "两家不同的公司，证照已核对"]


def test_another_core_is_another_firm(app, create):
    create(FIRM)
    create("苏州恒大包装有限公司")
    create("苏州恒达彩印有限公司")


def test_whoever_gave_a_reason_is_not_asked_at_every_edit(app, create, edit):
    create(FIRM)
    made = create("恒达包装（苏州）有限公司", duplicate_reason="两家不同的公司")
    edit(made, name="恒达包装（苏州）有限公司", short_name="恒达")
    assert load(Customer, made).short_name == "恒达"


def test_others_customers_show_name_owner_and_a_masked_phone(app, create):
    """AZ-3: what is somebody else's is no link, and its number is not whole."""
    theirs = create(FIRM, "sales3", phone="13812345678")
    mine = create("恒达包装（苏州）有限公司", duplicate_reason="两家不同的公司")
    for who, ids in (("sales1", [None, mine]), ("manager", [theirs, mine])):
        actor = actor_named(who)
        found = likely_duplicates(db.session(), actor, "恒达包装")
        assert [one for _, one in found] == ids
        assert found[1][0] == "恒达包装（苏州）有限公司"
        if who == "sales1":
            assert found[0][0] == f"{FIRM}，sales3先生，138****5678"


# -- the credit code ---------------------------------------------------------------------------------


def test_a_credit_code_is_kept_in_one_form_and_used_once(app, create):
    """REL-18"""
    made = create(FIRM, credit_code="９１３２ ０５９４-ma12 34567r")
    assert load(Customer, made).credit_code == CODE
    with pytest.raises(RuleBroken) as refusal:
        create("苏州云松食品有限公司", credit_code=CODE.lower(), credit_code_reason="证照如此")
    assert set(problems_of(refusal)) == {"credit_code"}
    assert refusal.value.problems[0].override is None


@pytest.mark.parametrize("wrong", ["91320594MA1234567", "91320594MA1234567I", "苏州", CODE + "1"])
def test_what_is_no_credit_code_is_refused(app, create, wrong):
    with pytest.raises(RuleBroken) as refusal:
        create(FIRM, credit_code=wrong, credit_code_reason="证照如此")
    assert set(problems_of(refusal)) == {"credit_code"}


def test_an_early_code_needs_a_reason(app, create, edit):
    with pytest.raises(RuleBroken) as refusal:
        create(FIRM, credit_code=PILOT)
    assert refusal.value.problems[0].override == "credit_code_reason"
    made = create(FIRM, credit_code=PILOT, credit_code_reason="早期试点代码，证照如此")
    edit(made, credit_code=PILOT, remark="不再追问")
    assert load(Customer, made).remark == "不再追问"


# -- phones and rows --------------------------------------------------------------------------------


def test_phones_are_kept_in_one_form(app, create):
    """REL-18"""
    made = create(
        FIRM,
        phone="＋８６ 138-1234 5678",
        addresses=[
            ChildRow(
                "addresses-0", None, {"name": "仓库", "address": "一号", "phone": "0512 65432109"}
            )
        ],
        contacts=[ChildRow("contacts-0", None, {"name": "王芳", "mobile": "0086 139 1234 5678"})],
    )
    found = load(Customer, made)
    assert found.phone == "13812345678"
    assert found.addresses[0].phone == "0512-65432109"
    assert found.contacts[0].mobile == "13912345678"


def test_every_problem_is_shown_at_once_beside_its_field(app, create):
    with pytest.raises(RuleBroken) as refusal:
        create(
            None,
            phone="123",
            email="nobody",
            credit_code="1",
            addresses=[ChildRow("addresses-3", None, {"name": "仓库", "phone": "12"})],
            contacts=[ChildRow("contacts-7", None, {"name": "王芳", "mobile": "12"})],
        )
    assert set(problems_of(refusal)) == {
        *("name", "phone", "email", "credit_code"),
        *("addresses-3-address", "addresses-3-phone", "contacts-7-mobile"),
    }


def test_a_member_is_in_the_team_once(app, create):
    member = {"user": user_id("sales2"), "access": "read"}
    rows = [ChildRow(f"team-{n}", None, member) for n in range(2)]
    with pytest.raises(RuleBroken) as refusal:
        create(FIRM, team=rows)
    assert set(problems_of(refusal)) == {"team"}


# -- two editors ------------------------------------------------------------------------


def test_the_second_of_two_editors_is_told(app, create, work_as):
    """REL-1"""
    made = create(FIRM)
    with work_as("sales1") as work:
        customers.update(work, work.session.get_one(Customer, made), {"remark": "一"}, version=1)

    def second(version):
        with work_as("manager") as work:
            found = work.session.get_one(Customer, made)
            customers.update(work, found, {"remark": "二"}, version=version)

    for seen in (1, None, 99):
        with pytest.raises(Stale):
            second(seen)
    assert load(Customer, made).remark == "一"


def test_saving_without_a_change_is_no_change(app, create, edit):
    """REL-1"""
    made = create(FIRM, remark="旧")
    edit(made, name=FIRM, remark="旧")
    assert load(Customer, made).version == 1
    assert len(db.session.scalars(select(Audit).where(Audit.entity == "customer")).all()) == 1


def test_tax_numbers_of_invoice_titles_are_real_and_kept_in_one_form(app, create):
    title = ChildRow("invoice_titles-0", None, {"title": "云松", "tax_no": "32050 0123456789"})
    made = create(name="苏州云松食品有限公司", invoice_titles=[title])
    assert load(Customer, made).invoice_titles[0].tax_no == "320500123456789"
    wrong = ChildRow("invoice_titles-0", None, {"title": "鹭汀", "tax_no": "1234"})
    with pytest.raises(RuleBroken) as refusal:
        create(name="无锡鹭汀食品有限公司", invoice_titles=[wrong])
    assert set(problems_of(refusal)) == {"invoice_titles-0-tax_no"}
