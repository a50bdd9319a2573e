"""Look-ups of forms and filters: what can be chosen, and nothing beyond it."""

from unittest.mock import patch

import pytest

from app.models.customer import Customer
from tests.factories.contact import make_contact, make_contacts
from tests.factories.customer import make_customer, make_customers
from tests.factories.making import change, user_id
from tests.factories.order import make_order


def choices(reader, entity, name, **asked):
    """Return what the look-up offers."""
    answer = reader.get(f"/admin/{entity}/ajax/lookup/", query_string={"name": name, **asked})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_a_lookup_offers_pairs_of_id_and_text(visit):
    """ajax/lookup: [[id, text], …], newest first, searched like a list."""
    one, two = make_customers({"name": "恒达纸品"}, {"name": "顺风印刷"})
    reader = visit("manager")
    assert choices(reader, "order", "customer") == [[two, "顺风印刷"], [one, "恒达纸品"]]
    for term in ("恒达", "hengda", "hdzp"):
        assert choices(reader, "order", "customer", query=term) == [[one, "恒达纸品"]], term
    assert choices(reader, "order", "customer", query="没有") == []


def test_offset_and_limit(visit):
    """ajax/lookup, AZ-5: offset and limit, at most 50."""
    made = make_customers(*({} for _ in range(55)))[::-1]
    reader = visit("manager")
    ids = [one for one, _ in choices(reader, "order", "customer")]
    assert ids == made[:20]
    assert [one for one, _ in choices(reader, "order", "customer", limit=3, offset=2)] == made[2:5]
    for limit in ("50", "51", "1000000"):
        assert [one for one, _ in choices(reader, "order", "customer", limit=limit)] == made[:50]
    assert [one for one, _ in choices(reader, "order", "customer", limit=50, offset=50)] == made[
        50:
    ]


def test_a_lookup_is_scoped(visit):
    """AZ-3, AZ-5: foreign, deleted and unknown customers are not offered, also not by their name."""
    mine, foreign, pool = (
        *make_customers({"name": "恒达甲"}, owner="sales1"),
        *make_customers({"name": "恒达乙"}, owner="sales3"),
        *make_customers({"name": "恒达丙"}, owner=None),
    )
    reader = visit("sales1")
    assert [one for one, _ in choices(reader, "order", "customer", query="恒达")] == [pool, mine]
    assert choices(reader, "order", "customer", query="恒达乙") == []
    person = make_contact(foreign, name="王工")
    assert choices(reader, "order", "contact", query="王工") == []
    assert choices(reader, "order", "contact", customer=foreign) == []
    assert choices(visit("sales3"), "order", "contact", customer=foreign) == [[person, "王工"]]


def test_contacts_are_narrowed_to_the_chosen_customer(visit):
    """ajax/lookup: the people of the customer of the order."""
    one, two = make_customers({}, {})
    (first,) = make_contacts(one, {"name": "张工"})
    make_contacts(two, {"name": "王工"})
    reader = visit("manager")
    assert choices(reader, "order", "contact", customer=one) == [[first, "张工"]]
    assert len(choices(reader, "order", "contact")) == 2


def test_rows_and_filters_have_lookups_too(visit):
    """ajax/lookup: relations of child rows (team.user), several (roles), and dictionaries."""
    reader = visit("admin")
    assert [user_id("sales1"), "sales1先生"] in choices(reader, "customer", "team.user")
    assert "业务员" in [text for _, text in choices(reader, "user", "roles", query="业务")]
    assert ["fair", "展会"] in choices(reader, "customer", "source", query="展")


def test_people_who_left_are_not_offered(visit):
    """ajax/lookup: whoever may not see users is offered those who work here."""
    from app.models.user import User

    change(User, user_id("sales2"), is_active=False)
    names = [text for _, text in choices(visit("manager"), "customer", "owner")]
    assert "sales1先生" in names
    assert "sales2先生" not in names


@pytest.mark.parametrize(
    "name", ["", "nothing", "name", "status", "password_hash", "team", "team.x", "x.y"]
)
def test_what_is_no_relation_is_missing(visit, name):
    """ajax/lookup: an attribute that is no relation of this record: 404."""
    reader = visit("admin")
    answer = reader.get("/admin/customer/ajax/lookup/", query_string={"name": name})
    assert answer.status_code == 404


def test_a_lookup_needs_the_permission_to_see(visit, client):
    """AZ-2: 403 without it; without login 401 as data."""
    path = "/admin/order/ajax/lookup/?name=customer"
    assert visit("security").get(path).status_code == 403
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()) == (401, {"error": "login"})


def test_a_lookup_shows_no_phones_to_whom_they_are_hidden(visit):
    """PII-1, PII-4: no phone in the texts, and none found by its digits."""
    one = make_customer(name="恒达", phone="13812345678")
    make_contact(one, name="王工", mobile="13987654321")
    reader = visit("viewer")
    assert choices(reader, "order", "customer") == [[one, "恒达"]]
    assert choices(reader, "order", "customer", query="5678") == []
    assert choices(reader, "order", "contact", query="4321") == []
    assert "138" not in reader.get("/admin/order/ajax/lookup/?name=contact").text


def test_a_lookup_is_limited(visit, house):
    """AZ-5, LCK-13: 120 a minute for each person; then 429 with Retry-After."""
    make_customer()
    reader, other = visit("manager"), visit("clerk")
    path = "/admin/order/ajax/lookup/?name=customer"
    from limits import parse

    with patch.dict("app.web.limits.LIMITS", lookup=parse("3 per minute")):
        with patch.dict(house.app.config, RATELIMIT_ENABLED=True):
            answers = [reader.get(path) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
            assert other.get(path).status_code == 200


def test_likely_duplicates_are_hinted_within_reach(visit):
    """own customers in full, others' by name and owner with masked phone, without a link."""
    mine = make_customer("sales1", name="恒达包装有限公司")
    foreign = make_customer(
        "sales3", name="昆山恒达包装有限公司", phone="13812345678", duplicate_reason="是两家"
    )
    assert mine != foreign
    reader = visit("sales1")
    hints = reader.get("/admin/customer/similar/?name=苏州恒达包装有限公司").get_json()
    texts = {hint["text"]: hint["url"] for hint in hints}
    assert texts["恒达包装有限公司"].endswith(f"id={mine}")
    (other,) = [text for text in texts if text != "恒达包装有限公司"]
    assert texts[other] == ""
    assert "sales3先生" in other
    assert "138****5678" in other
    assert "13812345678" not in str(hints)
    change(Customer, mine, name="恒达")
    assert make_order(mine)
