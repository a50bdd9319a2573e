"""The door itself: what comes out of it for whom, and what the history says to those who see masks."""

from decimal import Decimal

import pytest
from sqlalchemy import JSON, Boolean, Date, ForeignKey, Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.core.work import Actor
from app.domain.mask import Masked, has_stars, mask_of
from app.domain.permissions import ENTITIES, Scope, hidden_from
from app.domain.role import DEFAULT_ROLES
from app.models.attributes import attributes_of
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from app.services.masking import check_groups, guess_in, masked, masked_changes, shown_money

MASKED = Actor(1, hidden=frozenset({"phones", "money"}))
CLEAR = Actor(1)


@pytest.mark.parametrize(
    ("kind", "group", "value", "mask"),
    [
        ("phone", "phones", "13812345678", "138****5678"),
        ("phone", "phones", "0512-65432109-12", "0512-****09"),
        ("phone", "phones", "4008001234", "400****234"),
        ("phone", "phones", "+4915112345678", "+49****5678"),
        ("phone", "phones", "1234567", "123****"),
        ("phone", "phones", "138****5678", "138****5678"),
        ("email", "phones", "zhang@example.com", "z***@example.com"),
        ("email", "phones", "z***@example.com", "z***@example.com"),
        ("code", "phones", "zhang_san", "z****"),
        ("code", "phones", "13812345678", "138****5678"),
        ("money", "money", Decimal("0.00"), "***"),
        ("price", "money", Decimal("1.0134"), "***"),
        ("code", "money", "6222000011112222", "***"),
    ],
)
def test_pii_1_every_kind_has_its_mask(kind, group, value, mask):
    """PII-1; a mask of a mask is the same mask, since the history holds some."""
    found = mask_of(kind, group, value)
    assert isinstance(found, Masked)
    assert found == mask
    assert has_stars(mask)


@pytest.mark.parametrize(
    "number", ["1234567", "+24712345", "+29021234", "12345678", "4008001234", "+3541234567"]
)
def test_pii_1_a_mask_hides_four_digits_at_least(number):
    """PII-1: short foreign numbers and QQ numbers are not shown whole by their two ends."""
    shown = mask_of("phone", "phones", number).replace("****", "")
    assert len(shown) <= len(number) - 4


def test_pii_1_the_history_is_masked_when_it_is_read():
    """PII-1: also what was written in clear, in the record and in its rows; what is public stays."""
    attributes = attributes_of(Contact)
    for actor, number in ((MASKED, "138****5678"), (CLEAR, "13812345678")):
        assert masked(actor, attributes["mobile"], "13812345678") == number
    changes = {
        "credit_limit": [None, "76543.21"],
        "name": ["甲", "乙"],
        "contacts": [{"id": 1, "verb": "edit", "changes": {"mobile": ["13812345678", None]}}],
        "invoice_titles": [
            {"id": 1, "verb": "create", "changes": {"bank_account": [None, "6222"]}}
        ],
        "filter": [["flt_credit_limit_ge", "50000"]],
    }
    assert masked_changes(CLEAR, Customer, changes) == changes
    assert masked_changes(MASKED, Customer, changes) == {
        "credit_limit": [None, "***"],
        "name": ["甲", "乙"],
        "contacts": [{"id": 1, "verb": "edit", "changes": {"mobile": ["138****5678", None]}}],
        "invoice_titles": [{"id": 1, "verb": "create", "changes": {"bank_account": [None, "***"]}}],
        "filter": "***",
    }


def test_pii_1_nothing_is_masked_where_there_is_nothing():
    """PII-1: an empty value is empty, and a sum of nothing is a sum."""
    order = attributes_of(Order)
    assert masked(MASKED, order["amount"], None) is None
    assert masked(MASKED, order["amount"], Decimal(0)) == "***"
    assert masked(MASKED, order["order_no"], "SO1") == "SO1"
    assert (shown_money(MASKED, Decimal(5)), shown_money(CLEAR, Decimal(5))) == ("***", "5.00")


def test_pii_3_only_roles_that_see_in_clear_may_show_what_is_masked():
    """PII-3: of the first roles; and every kind with something to mask has the verb."""
    for name, role in DEFAULT_ROLES.items():
        holds = {entity for entity, verbs in role.grants.items() if "unmask" in verbs}
        assert not (holds and role.hidden), name
        assert bool(holds) == (name in ("admin", "manager")), name
    assert {e for e, entity in ENTITIES.items() if "unmask" in entity.verbs} == {
        "customer",
        "contact",
        "order",
        "user",
    }


def test_pii_1_users_are_masked_for_roles_without_business():
    """PII-1: whoever only sees users sees their numbers masked, too, if the role says so."""
    assert hidden_from([({"user": {"see": Scope.ALL}}, ["phones"])]) == {"phones"}


def test_pii_1_a_role_that_only_reads_the_audit_masks_it():
    """PII-1: the audit and the trash show values of every kind; a role that masks does so with whatever it sees."""
    for entity in ("audit", "trash"):
        assert hidden_from([({entity: {"see": Scope.ALL}}, ["phones", "money"])]) == {
            "phones",
            "money",
        }
    assert hidden_from([({"role": {"see": Scope.ALL}}, ["phones"]), ({}, ["money"])]) == {
        "phones",
        "money",
    }


CLAIMS = {"see": Scope.OWN, "claim": Scope.OWN}


@pytest.mark.parametrize(
    ("one", "hidden"),
    [
        ({"see": Scope.DEPARTMENT}, {"phones"}),  # does not reach the pool, so cannot unmask it
        ({"see": Scope.DEPARTMENT, "claim": Scope.OWN}, set()),
        ({"see": Scope.ALL}, set()),
    ],
)
def test_pii_1_the_pool_is_masked_by_whoever_leads_there(one, hidden):
    """PII-1: customers without a salesperson are seen through the right to claim them, or by seeing all."""
    roles = [({"customer": CLAIMS}, ["phones"]), ({"customer": one}, [])]
    assert hidden_from(roles) == hidden_from(reversed(roles)) == hidden


def test_pii_1_the_right_to_claim_unmasks_no_more_than_the_pool():
    """PII-1: the wide view that masks stays masked."""
    roles = [({"customer": CLAIMS}, []), ({"customer": {"see": Scope.DEPARTMENT}}, ["phones"])]
    assert hidden_from(roles) == {"phones"}


@pytest.mark.parametrize("number", ["0731-8765432", "0512-65432109", "010-62345678"])
def test_pii_4_too_many_landlines_fit_a_mask_to_try_them_all(number):
    """PII-4: the area is known to everybody; 200 tries a day are nothing against five digits."""
    area, local = number.split("-")
    assert mask_of("phone", "phones", number) == f"{area}-****{local[-2:]}"


@pytest.mark.parametrize(
    ("term", "limit"),
    [
        ("13812345678", "guess"),
        ("恒达 0512-65432109", "guess"),
        ("wang@geheim.cn", "guess"),
        ("wx-geheim", "guess_name"),
        ("WangWei88", "guess_name"),
        ("恒达 zhang_san", "guess_name"),
        ("suzhouhengda", "guess_name"),  # could be a name
        ("hd", ""),
        ("恒达", ""),
        ("123456", ""),
        ("", ""),
    ],
)
def test_pii_4_what_may_try_something_masked_is_counted(term, limit):
    """PII-4, LCK-13: numbers, addresses and WeChat names; nothing for those who see them in clear."""
    assert (guess_in(MASKED, term), guess_in(CLEAR, term)) == (limit, "")


def test_pii_1_the_history_masks_what_nobody_knows_any_more():
    """PII-1: a column that is gone may have held a number; reasons, files and prints stay readable."""
    changes = {
        "old_mobile": ["13812345678", None],
        "columns": ["name", "mobile"],
        "reason": [None, "客户来电"],
        "credit_reason": [None, "老客户"],
        "file": [None, "图纸.pdf"],
        "prints": [None, 2],
    }
    assert masked_changes(CLEAR, Customer, changes) == changes
    hidden = {"old_mobile": ["***", None]}
    assert masked_changes(MASKED, Customer, changes) == changes | hidden


@pytest.mark.parametrize("info", [{"group": "phones"}, {"group": "prices", "kind": "code"}])
@pytest.mark.parametrize("name", ["birthday", "is_urgent", "owner_id", "tags"])
def test_pii_1_what_has_no_mask_is_refused_at_start_up(name, info):
    """PII-1: a day, a flag or a relation in a hidden group would be shown in clear; so would an unknown group."""

    class Apart(DeclarativeBase):
        pass

    class Owner(Apart):
        __tablename__ = "owner"
        id: Mapped[int] = mapped_column(primary_key=True)

    kinds = {"birthday": Date(), "is_urgent": Boolean(), "tags": JSON()}
    column = (
        mapped_column(ForeignKey("owner.id"), info=info)
        if name == "owner_id"
        else mapped_column(kinds[name], info=info)
    )
    parts = {"__tablename__": "thing", "id": mapped_column(Integer, primary_key=True)}
    more = {"owner": relationship(Owner)} if name == "owner_id" else {}
    thing = type("Thing", (Apart,), {**parts, name: column, **more})
    with pytest.raises(TypeError, match="Thing"):
        check_groups(thing)


def test_pii_1_every_kind_of_record_here_has_its_masks():
    """PII-1, positive control."""
    for model in (Customer, Contact, Order):
        check_groups(model)
