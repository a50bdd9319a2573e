"""What is no filter: unknown or forbidden columns, operations and values show no rows, and say so."""

from tests.admin_views.markup import List
from tests.admin_views.test_list_filters import found
from tests.factories.customer import make_customer
from tests.factories.order import make_order

JSON = {"Accept": "application/json"}
INVALID = "筛选条件无效"

BAD = {
    "customer": [
        *(
            "flt_nothing_eq=1",
            "flt_name_like=1",
            "flt_name_=1",
            "flt__eq=1",
            "flt_=1",
            "flt_name=1",
        ),
        *("flt_level_contains=A", "flt_level_ge=A", "flt_level_eq=Z", "flt_level_in=A,Z"),
        *("flt_name_ge=a", "flt_name_empty=2", "flt_owner_empty=yes", "flt_name_empty=true"),
        *("flt_credit_limit_ge=1e3", "flt_credit_limit_eq=abc", "flt_credit_limit_eq=0.001"),
        *("flt_credit_limit_contains=1", "flt_credit_limit_eq=NaN", "flt_credit_limit_ge=1%2C00"),
        *("flt_created_at_ge=gestern", "flt_created_at_eq=2026-02-30", "flt_created_at_contains=2"),
        *("flt_created_at_ge=0001-01-01T00:00%2B14:00", "flt_created_at_le=9999-12-31T23:59-12:00"),
        *("flt_owner_eq=abc", "flt_owner_in=1,x", "flt_owner_contains=1", "flt_owner_eq=1.5"),
        *(
            "flt_credit_used_ge=1",
            "flt_name_folded_eq=a",
            "flt_contacts_eq=1",
            "flt_owner.name_eq=1",
        ),
        *("flt_owner_id_eq=1", f"flt_owner_eq={10**21}", "flt_name_eq=a%00", "flt_password_eq=1"),
        "sort=nothing",
        "sort=-",
        "sort=contact_name",
        "sort=name_folded",
    ],
    "order": [
        *("flt_is_urgent_eq=true", "flt_is_urgent_ge=1", "flt_order_date_eq=2026-13-01"),
        *("flt_order_date_ge=x", "flt_status_eq=open", "flt_lines_eq=1", "flt_amount_ge=--1"),
        *("sort=customer", "sort=-remark"),
    ],
    "user": [
        "flt_password_hash_empty=1",
        "flt_password_hash_contains=a",
        "flt_username_folded_eq=x",
    ],
}
CASES = [(entity, query) for entity, queries in BAD.items() for query in queries]


def test_what_is_no_filter_shows_no_rows_and_says_so(visit):
    """Lists: an unknown or forbidden column, op or value: 200, no rows, 筛选条件无效; an export: 422."""
    make_order(make_customer())
    reader = visit("admin")
    for entity, query in CASES:
        answer = reader.get(f"/admin/{entity}/?{query}")
        page = List(answer.text)
        assert answer.status_code == 200, query
        assert INVALID in page.text, query
        assert (page.rows, page.count) == ([], (0, "exact")), query
        data = reader.json(f"/admin/{entity}/?{query}")
        assert (data["rows"], data["count"], data["errors"]) == ([], 0, [INVALID]), query
        refused = reader.get(f"/admin/{entity}/export/csv/?{query}", headers=JSON)
        assert (refused.status_code, INVALID in refused.text) == (422, True), query


def test_a_filter_without_a_value_is_none(visit):
    """Lists: the inputs of the filter form that were left empty narrow nothing."""
    one = make_customer()
    assert found(visit("manager"), "customer", flt_level_eq="", flt_city_contains="") == [one]


def test_bad_filters_are_shown_as_chips_that_can_be_removed(visit):
    """Lists: also a condition that nobody understands has its chip, so that it can be taken away."""
    make_customer()
    reader = visit("manager")
    page = List(reader.get("/admin/customer/?flt_nothing_eq=1&flt_level_eq=C").text)
    (_, remove), _ = page.chips
    assert len(List(reader.get(remove).text).rows) == 1
