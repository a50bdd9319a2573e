"""Whatever stands in an address or a form: no error of ours, no statement, no path in the answer."""

from typing import Any
from urllib.parse import quote

import pytest

from app.admin_views import MENU
from app.domain.permissions import ENTITIES
from tests.admin_views.test_list_statements import fill
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer, make_customers
from tests.factories.order import make_order

SCREENS = {screen.service.entity: screen for group in MENU.values() for screen in group}
LEAKS = (
    *("sqlalchemy", "psycopg", "sqlite3", "Traceback", "site-packages", "SELECT ", "INSERT INTO"),
    *("syntax error", "OperationalError", "ProgrammingError", "StatementError", "/work/", "FROM "),
)
#: Percent-encoded, so that what is no UTF-8 can be sent too.
HOSTILE = [
    *(
        "-1",
        "0",
        str(10**21),
        str(2**63),
        str(2**31),
        "%00",
        "%27",
        "%22",
        "%25",
        "_",
        "%5C",
        "%5c%27",
    ),
    *("%27%20OR%201%3D1--", "1%3B%20DROP%20TABLE%20users", "abc", "1%2C2", "1e3", "NaN", "inf"),
    *("%C2%B2", "%D9%A3", "%ED%A0%80", "%FF%FE", "%F0%9F%93%A6", "%E2%80%AE", "%0D%0AX-A%3A%201"),
    *(
        "%7B%7B7*7%7D%7D",
        "%24%7B7%7D",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "..%2F..%2Fetc%2Fpasswd",
    ),
    *("a" * 10_000, "9" * 5_000, "%E4%B8%AD" * 2_000, "None", "true", "[]", "%7B%7D", "%20", ""),
]
#: Where many things are tried, the worst of them.
WORST = [
    "-1",
    str(10**21),
    "%00",
    "%27",
    "%25",
    "%5C",
    "%C2%B2",
    "%ED%A0%80",
    "1%2C2",
    "a" * 10_000,
]


def worst_but(entity: str, of: str) -> list[str]:
    """Return all values for the kind of record *of*; all share one code, so the worst do elsewhere."""
    return HOSTILE if entity == of else WORST


def sound(answer: Any, *what: object) -> Any:
    """Return *answer*, which must be no error of ours and tell nothing about the inside."""
    assert answer.status_code < 500, (answer.status_code, *what)
    for leak in LEAKS:
        assert leak not in answer.text, (leak, *what)
    return answer


@pytest.mark.parametrize("entity", SCREENS)
def test_list_parameters_never_break_a_list(visit, entity):
    """SQL-1, SQL-3, SQL-4: search, sort, page, size, cursor and filters may hold anything."""
    fill(1)
    reader = visit("admin")
    column = SCREENS[entity].column_list[0]
    for value in worst_but(entity, "customer"):
        for query in (
            f"search={value}&page={value}&page_size={value}",
            f"sort=-{value}&cursor={value}&format=json",
            f"flt_{column}_eq={value}&flt_{column}_contains={value}&format=json",
            f"flt_{value}_eq=1&flt_{value}=1&flt_{column}_{value}=1&{value}={value}&format=json",
        ):
            answer = sound(reader.get(f"/admin/{entity}/?{query}"), entity, query[:80])
            assert answer.status_code == 200, query[:80]


@pytest.mark.parametrize("entity", SCREENS)
def test_no_attribute_breaks_as_a_filter_an_order_or_a_column(visit, entity):
    """SQL-3, AZ-9: whatever attribute is named – also those no list shows –, any op, any value: 200."""
    fill(1)
    reader = visit("admin")
    names = (*SCREENS[entity].service.attributes(), "password", "metadata", "__class__")
    for name in names:
        for query in (
            *(
                f"flt_{name}_eq=1&sort={name}",
                f"flt_{name}_in=2026-11-24,%27",
                f"flt_{name}_empty=1",
            ),
            *(f"flt_{name}_contains=%25", f"flt_{name}_ge=1", f"sort={name}"),
        ):
            answer = reader.get(f"/admin/{entity}/?format=json&{query}")
            assert sound(answer, entity, query).status_code == 200
        asked = reader.get(f"/admin/{entity}/export/csv/?columns={name}&reason=x")
        assert sound(asked, name).status_code in (200, 403, 422), name


def test_odd_shapes_of_parameters(visit):
    """SQL-3: arrays, repetitions, missing values and empty names are no problem."""
    make_customers({}, {})
    reader = visit("manager")
    for query in (
        *("page[]=1", "a[]=1&a[]=2", "search=a&search=b", "sort=name&sort=-code", "page=1&page=2"),
        *(
            "cursor=a&cursor=b",
            "&&&",
            "=",
            "search",
            "flt_=",
            "flt_level_eq",
            "page_size=10&page_size=x",
        ),
        *("format=xml", "format=json&format=", "flt_level_eq=A&flt_level_eq=B", "%00=1", "?", "#"),
    ):
        assert sound(reader.get(f"/admin/customer/?{query}"), query).status_code == 200, query


def test_bent_and_foreign_cursors_show_the_first_page(visit):
    """SQL-1: a cursor that is broken, bent, of another order or of another list is not followed."""
    make_customers(*({"city": "苏州市"} for _ in range(25)))
    reader = visit("manager")
    first = reader.json("/admin/customer/?sort=name")
    cursor = first["links"]["next"].split("cursor=")[1].split("&")[0]
    flipped = cursor[:-3] + ("AAA" if not cursor.endswith("AAA") else "BBB")
    for bad in (
        cursor[:-1],
        cursor[1:],
        flipped,
        cursor + "x",
        "." + cursor,
        cursor.replace(".", ""),
    ):
        data = sound(
            reader.get(f"/admin/customer/?sort=name&format=json&cursor={bad}"), bad
        ).get_json()
        assert data["rows"] == first["rows"], bad
    for other in (
        "customer/?sort=-name",
        "customer/?sort=city",
        "customer/?",
        "contact/?",
        "user/?",
    ):
        answer = sound(reader.get(f"/admin/{other}&format=json&cursor={cursor}"), other)
        assert answer.status_code in (200, 403)
    plain = reader.json("/admin/customer/?sort=-name")["rows"]
    assert reader.json(f"/admin/customer/?sort=-name&cursor={cursor}")["rows"] == plain


@pytest.mark.parametrize("entity", SCREENS)
def test_ids_that_cannot_be_are_simply_missing(visit, entity):
    """SQL-3, ENU-7: an id that is no number, too long, negative or several is 404 on every page."""
    fill(1)
    reader = visit("admin")
    pages = ("details", "history", "edit", "delete", "print")
    for value in (*worst_but(entity, "order"), "", "1.0", "+1", "1%00", quote("１")):
        for page in pages:
            answer = sound(reader.get(f"/admin/{entity}/{page}/?id={value}"), page, value[:40])
            known = page in ("details", "history", "print") or page in ENTITIES[entity].verbs
            assert answer.status_code == (404 if known else 403), (page, value[:40])
    for page in pages:
        assert sound(reader.get(f"/admin/{entity}/{page}/")).status_code in (403, 404)
    for query in ("id=1&before=abc", f"id=1&before={10**30}", "id=1&before=-1", "id=1&tab=%00"):
        sound(reader.get(f"/admin/{entity}/history/?{query}"), query)


def test_lookups_take_anything(visit):
    """AZ-5, SQL-1, SQL-3: name, query, offset and limit of a look-up may hold anything."""
    make_contact(make_customer())
    reader = visit("manager")
    for value in WORST:
        for query in (
            f"name={value}",
            f"name=customer&query={value}",
            f"name=customer&offset={value}&limit={value}",
            f"name=contact&customer={value}",
            f"name=lines.{value}",
        ):
            answer = sound(reader.get(f"/admin/order/ajax/lookup/?{query}"), query[:60])
            assert answer.status_code in (200, 404), query[:60]
        assert (
            sound(reader.get(f"/admin/customer/similar/?name={value}&id={value}")).status_code
            == 200
        )
        assert sound(reader.get(f"/admin/search/?q={value}")).status_code == 200


WRITTEN = {
    "customer": ("name", "owner", "tax_rate", "credit_limit", "contacts-0-birthday", "team-0-user"),
    "order": (
        "customer",
        "order_date",
        "lines-0-quantity",
        "lines-0-unit_price",
        "contact",
        "deposit",
    ),
    "contact": ("customer", "name", "birthday", "is_primary", "mobile", "email"),
    "user": ("username", "roles", "manager", "phone", "is_active", "department"),
}


@pytest.mark.parametrize("entity", WRITTEN)
def test_form_values_never_break_a_form(visit, entity):
    """SQL-3: whatever is typed into a form is saved or refused with a message, never an error."""
    make_order(make_customer())
    writer = visit("admin")
    for value in worst_but(entity, "order"):
        for start in (0, 3):
            fields = WRITTEN[entity][start : start + 3]
            body = "&".join(f"{name}={value}" for name in fields)
            answer = posted(writer, f"/admin/{entity}/new/", body)
            assert answer.status_code in (302, 422), (body[:80], answer.status_code)


def test_row_names_that_cannot_be_are_ignored(visit):
    """SQL-3: rows are numbered by few digits; anything else in their names is no row."""
    customer = make_customer()
    writer = visit("manager")
    good = f"customer={customer}&order_date=2026-11-24"
    for name in (
        *(
            "lines-%C2%B2-quantity",
            "lines-99999999999-quantity",
            "lines--quantity",
            "lines-x-quantity",
        ),
        *("lines--1-quantity", "lines-1.5-quantity", "lines", "lines-", "lines-%D9%A3-quantity"),
        *("lines[0][quantity]", "lines-0", "lines-0-", "lines-0-nothing", "lines-%00-quantity"),
        *("contacts-0-name", "lines-0-order", "lines-0-order_id", "lines-0-version"),
    ):
        answer = posted(writer, "/admin/order/new/", f"{good}&{name}=5")
        assert answer.status_code == (422 if "99999999999" in name else 302), name
    for row in ("abc", "1%2C2", "-1", str(10**30), "%00", "0", "1.5", "%27"):
        answer = posted(writer, "/admin/order/new/", f"{good}&lines-0-id={row}&lines-0-quantity=1")
        assert answer.status_code == 404, row


def test_actions_and_inline_edits_take_anything(visit):
    """SQL-3, ENU-7: action, rowid, list_form_pk, version and field may hold anything."""
    order = make_order(make_customer())
    writer = visit("manager")
    for value in (*WORST, "%E2%80%AE"):
        for path, body, allowed in (
            ("action", f"action={value}&rowid={order}", (404,)),
            ("action", f"action=confirm&rowid={value}", (404, 409)),
            ("action", f"action=confirm&rowid={order}&rowid={value}&confirm=1", (404,)),
            ("ajax/update", f"list_form_pk={value}&version=1&remark=a", (404,)),
            ("ajax/update", f"list_form_pk={order}&version={value}&remark=a", (409,)),
            ("ajax/update", f"list_form_pk={order}&version=9&{value}=a", (400, 403, 409)),
            ("delete", f"id={value}&version=1&confirm=1", (404,)),
            ("delete", f"id={order}&version={value}&confirm=1", (409,)),
            ("delete", f"id={order}&version=1&confirm={value}", (200,)),
        ):
            answer = posted(writer, f"/admin/order/{path}/", body)
            assert answer.status_code in allowed, (path, body[:60], answer.status_code)


def test_versions_that_cannot_be_read_are_stale(visit):
    """REL-1: an edit with a version that is missing or no number is 409, whatever else it holds."""
    order = make_order(make_customer())
    writer = visit("manager")
    for value in (*HOSTILE, "1.0"):
        answer = posted(writer, f"/admin/order/edit/?id={order}", f"version={value}&remark=a")
        assert answer.status_code == 409, value[:40]


def posted(writer: Any, path: str, body: str) -> Any:
    """Send *body* as it is, with a valid token."""
    from tests.visitor import forget

    forget()
    token = quote(writer.token)
    kind = "application/x-www-form-urlencoded"
    answer = writer.browser.post(path, data=f"csrf_token={token}&{body}", content_type=kind)
    return sound(answer, path, body[:80])
