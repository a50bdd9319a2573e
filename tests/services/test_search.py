"""Search finds what people type: characters, pinyin, initials, numbers, codes."""

import pytest
from sqlalchemy import select

from app.core.db import db
from app.models.contact import Contact
from app.models.customer import Customer
from app.models.order import Order
from app.models.role import Role
from app.services import rows, search
from app.services.contact import contacts
from app.services.customer import customers
from app.services.listing import Listing
from app.services.order import orders
from app.services.rows import ChildRow
from tests.factories.contact import make_contact, make_contacts
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line, make_order
from tests.services.conftest import actor_named

FIRM = "苏州恒达包装有限公司"


@pytest.fixture
def firm(app):
    """A customer with everything it can be found by, among others."""
    made = make_customer(
        name=FIRM,
        short_name="恒达3号",
        credit_code="91320594MA1234567R",
        phone="0512-65432109",
    )
    make_contacts(made, {"name": "单立文", "mobile": "13812345678", "phone": "021-54321098"})
    make_customer(name="无锡鹭汀食品有限公司", phone="0510-85554444")
    make_customer(name="ABC Packaging Co., Ltd.")
    return made


def found(term, service=customers, who="manager"):
    actor = actor_named(who)
    records = Listing(db.session(), service, actor, term=term).page(50).records
    return [record.id for record in records]


REMEMBERED = (
    *("苏州恒达", "恒达包装", "达包", "装", FIRM, "恒达　包装", "包装 恒达", "达 司 装"),
    *("suzhou", "hengda", "SuZhouHengDa", "zhouheng", "ngdabaozh", "baozhuang"),
    *("szhd", "SZHDBZ", "hdbz", "bzyxgs", "szhdbzyxgs"),
    *("hengda3hao", "hd3h", "恒达3", "3号", "hengda 包装", "hengda包装", "恒达baozhuang"),
    *("C000001", "c000001", "000001", "Ｃ０００００１"),
    *("91320594MA1234567R", "ma1234567r", "9132", "4567R"),
    *("单立文", "立文", "shanliwen", "danliwen", "slw", "dlw", "恒达 单立文"),
    *("0512-65432109", "051265432109", "65432109", "2109", "543210", "(0512) 6543 2109"),
    *("13812345678", "138 1234 5678", "138-1234-5678", "+86 13812345678", "008613812345678"),
    *("5678", "1234", "021 54321098", "1098", "０５１２", "１３８１２３４５６７８"),
)
ABSENT = (
    *("上海恒达", "恒达食品", "szhdx", "13812345679", "9999", "%", "_", "\\", "' OR 1=1 --"),
    *("恒%达", "(", "达恒"),
)


def test_a_customer_is_found_by_whatever_people_remember(firm):
    assert [term for term in REMEMBERED if found(term) != [firm]] == []


def test_what_is_not_there_is_not_found(firm):
    assert [term for term in ABSENT if found(term)] == []


def test_latin_names_are_found_in_any_case(firm):
    for term in ("abc", "ABC packaging", "packaging abc", "abc pack", "ltd", "Co.,Ltd"):
        assert [load(Customer, one).name for one in found(term)] == ["ABC Packaging Co., Ltd."]


def test_all_words_must_be_there(firm):
    assert found("有限公司 无锡") != found("有限公司")
    assert len(found("有限公司")) == 2
    assert found("恒达 鹭汀") == []


def test_no_word_is_found_across_two_values(firm):
    assert found("公司恒达3号") == []
    assert found("0965432109") == []


def test_people_are_found_by_their_own_and_their_customers_words(firm):
    (person,) = db.session.scalars(select(Contact.id))
    for term in ("单立文", "slw", "13812345678", "5678", "恒达", "szhd", "C000001 单"):
        assert found(term, contacts) == [person]
    assert found("鹭汀", contacts) == []


def test_orders_are_found_by_numbers_and_their_customers_words(firm):
    given = line(customer_item_no="HD-0815-B")
    order = make_order(firm, customer_po="PO 2026/77", lines=[given])
    number = load(Order, order).order_no
    for term in (
        number,
        number.lower(),
        number[-4:],
        "PO2026/77",
        "po 2026/77",
        "hd0815",
        "恒达",
        "hdbz",
    ):
        assert found(term, orders) == [order], term
    assert found("鹭汀", orders) == []


# -- what changes is found by its new words ---------------------------------------------------------


def test_a_renamed_customer_is_found_by_its_new_name_only(firm, work_as):
    with work_as("manager") as work:
        customer = work.session.get_one(Customer, firm)
        customers.update(
            work, customer, {"name": "苏州云松有限公司", "short_name": None}, version=1
        )
    assert found("恒达") == []
    assert found("yunsong") == [firm]


def test_people_who_come_change_and_go_change_what_finds_their_customer(firm, work_as):
    made = make_contact(firm, name="欧阳锋", mobile="15987650707")
    assert found("欧阳") == found("ouyangfeng") == found("0707") == [firm]
    with work_as("manager") as work:
        person = work.session.get_one(Contact, made)
        contacts.update(work, person, {"name": "黄药师", "mobile": "15900001111"}, version=1)
    assert found("欧阳") == found("0707") == []
    assert found("黄药师") == found("15900001111") == [firm]
    with work_as("manager") as work:
        person = work.session.get_one(Contact, made)
        contacts.delete(work, person, version=person.version)
    assert found("黄药师") == found("15900001111") == found("黄药师", contacts) == []


def test_people_of_the_customers_own_form_are_found_too(firm, work_as):
    row = ChildRow("contacts-0", None, {"name": "洪七公", "mobile": "15900002222"})
    with work_as("manager") as work:
        customer = work.session.get_one(Customer, firm)
        customers.update(work, customer, {"contacts": [row]}, version=1)
    assert found("洪七公") == found("hqg") == found("2222") == [firm]
    assert set(found("洪七公", contacts)) >= set(db.session.scalars(select(Contact.id)).all()[1:])


def test_only_people_who_changed_are_indexed_again(firm, work_as, monkeypatch):
    """PERF"""
    make_contacts(firm, {"name": "甲"}, {"name": "乙"})
    indexed = []
    keep = search.index
    monkeypatch.setattr(rows.search, "index", lambda *args: (indexed.append(args[1:]), keep(*args)))
    one = db.session.scalars(select(Contact.id).where(Contact.name == "甲")).one()
    with work_as("manager") as work:
        customer = work.session.get_one(Customer, firm)
        row = ChildRow("contacts-0", one, {"name": "丙"})
        customers.update(work, customer, {"contacts": [row]}, version=customer.version)
    assert [made.id for entity, made in indexed if entity == "contact"] == [one]


def test_somebody_who_moves_is_found_with_the_new_customer(firm, work_as):
    other = make_customer(name="太仓云松有限公司")
    (person,) = db.session.scalars(select(Contact.id))
    with work_as("manager") as work:
        contacts.update(work, work.session.get_one(Contact, person), {"customer": other}, version=1)
    assert found("单立文") == [other]


def test_changed_lines_change_what_finds_their_order(firm, work_as):
    order = make_order(firm, lines=[line(customer_item_no="ALT-1")])
    row = ChildRow("lines-0", load(Order, order).lines[0].id, {"customer_item_no": "NEU-2"})
    with work_as("manager") as work:
        orders.update(work, work.session.get_one(Order, order), {"lines": [row]}, version=1)
    assert found("ALT-1", orders) == []
    assert found("neu2", orders) == [order]


def test_what_is_in_the_trash_is_not_found(firm, work_as):
    """REL-27"""
    with work_as("manager") as work:
        customer = work.session.get_one(Customer, firm)
        customers.delete(work, customer, version=customer.version)
    assert found("恒达") == found("单立文", contacts) == found("单立文") == []


# -- who finds what --------------------------------------------------------------------------------


def test_nobody_finds_what_they_do_not_see(firm):
    """AZ-3"""
    make_customer("sales3", name="张家港恒达印刷有限公司")
    assert len(found("恒达")) == 2
    assert found("恒达", who="sales1") == [firm]
    assert found("恒达", who="sales2") == []
    assert found("恒达", contacts, who="sales3") == []
    assert found("恒达", who="security") == []


def test_masked_numbers_are_found_whole_or_not_at_all(firm):
    """AZ-9, PII-4: a viewer who tried digits could read the number from the answers."""
    for term in ("5678", "1381234", "65432109", "1381234567"):
        assert found(term, who="viewer") == []
        assert found(term, contacts, who="viewer") == []
    for term in ("13812345678", "138 1234 5678", "+86 13812345678", "021-54321098"):
        assert found(term, who="viewer") == [firm]
        assert len(found(term, contacts, who="viewer")) == 1
    assert found("0512-65432109", who="viewer") == [firm]
    assert found("恒达", who="viewer") == [firm]


def test_nobody_is_found_by_the_words_of_a_colleague(firm):
    """A contact and an order are found by their own words and the customer's, not by those of other people there."""
    make_contacts(firm, {"name": "欧阳青", "mobile": "13912340000"})
    order = make_order(firm)
    assert len(found("欧阳", contacts)) == len(found("13912340000", contacts)) == 1
    assert len(found("恒达", contacts)) == 2
    assert found("欧阳", orders) == found("12340000", orders) == []
    assert found("恒达", orders) == found("2109", orders) == [order]
    assert found("欧阳") == found("12340000") == [firm]


def test_whoever_sees_no_contacts_finds_no_customer_by_them(firm):
    """AZ-9: neither by a name nor by a number of its people; by its own words as before."""
    role = db.session.scalars(select(Role).where(Role.name == "finance")).one()
    change(Role, role.id, grants={"customer": {"see": "all"}})
    for term in ("单立文", "slw", "13812345678", "5678"):
        assert found(term, who="finance") == []
        assert found(term) == [firm]
    for term in ("恒达", "65432109"):
        assert found(term, who="finance") == [firm]


def test_very_long_and_odd_terms_are_taken_as_they_are(firm):
    """REL-18"""
    for term in ("恒" * 5_000, "🙂", "a b c d e f g h i j k l", "-", "()"):
        assert found(term) == []
    for term in ("恒达\0包装", "\u202e恒达", "恒\u200b达"):
        assert found(term) == [firm]
    assert len(found(" " * 500)) == 3
