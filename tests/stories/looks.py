"""Every kind of page there is, and the states that matter: what the checks of the look walk through."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.admin_views import MENU
from tests.auth.authenticator import with_passkey
from tests.auth.factors import with_app
from tests.conftest import PASSWORD
from tests.stories.hands import sign_in
from tests.stories.world import World

LISTS = [view.service.entity for group in MENU.values() for view in group]


@dataclass(frozen=True)
class Look:
    """A page as *who* sees it; *then* brings it into the state that is looked at."""

    path: str
    who: str = "admin"
    then: Callable[[Any], None] | None = None


def click(selector: str) -> Callable[[Any], None]:
    """Return what clicks on the first *selector*."""
    return lambda page: page.locator(selector).first.click()


def press(*keys: str) -> Callable[[Any], None]:
    """Return what presses *keys*."""

    def pressing(page: Any) -> None:
        for key in keys:
            page.keyboard.press(key)

    return pressing


def refused(page: Any) -> None:
    """Send a form that cannot be saved."""
    page.locator('[data-grid="contacts"] [data-add]').click()
    page.locator('[name="contacts-0-title"]').fill("采购")
    page.get_by_role("button", name="保存").click()
    page.locator("#problems").wait_for()


def look_up(page: Any) -> None:
    """Open the list of a look-up."""
    page.locator("#customer").click()
    page.get_by_role("option").first.wait_for()


def find(page: Any) -> None:
    """Search everything from the palette."""
    page.keyboard.press("Control+k")
    page.keyboard.type("恒达")
    page.locator("#palette-list").get_by_role("option", name="恒达").first.wait_for()


def knock(page: Any) -> None:
    """Sign in with a wrong password."""
    page.get_by_label("用户名").fill("nobody")
    page.get_by_label("密码", exact=True).fill("Wrong-0-password")
    page.keyboard.press("Enter")
    page.locator(".note").wait_for()


def halfway(page: Any) -> None:
    """Give the right password of somebody who has a second factor."""
    with_app("manager")
    sign_in(page, "manager", PASSWORD, to="**/login/verify")


def with_key(page: Any) -> None:
    """Give the right password where a passkey has to follow."""
    with_passkey("sales3")
    sign_in(page, "sales3", PASSWORD, to="**/login/verify")


def renew(page: Any) -> None:
    """Make new recovery codes, as somebody who has an authenticator."""
    with_app("admin")
    page.reload()
    page.locator("main form button.primary").click()
    page.locator("[data-recovery]").first.wait_for()


#: What another tab does meanwhile.
OTHER = """() => fetch("../ajax/update/", {
  method: "POST",
  headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
  body: new URLSearchParams({
    list_form_pk: new URL(location.href).searchParams.get("id"),
    version: document.querySelector('[name="version"]').value,
    remark: "对方写的备注",
  }),
}).then((answer) => answer.status)"""


def clash(page: Any) -> None:
    """Save a form that somebody else has saved meanwhile."""
    assert page.evaluate(OTHER) == 200
    page.locator('[name="remark"]').fill("我写的备注")
    page.locator('[name="contacts-0-title"]').fill("采购经理")
    page.locator('[data-grid="contacts"] [data-add]').click()
    page.locator('[name="contacts-2-name"]').fill("孙丽")
    page.locator('[name="contacts-2-mobile"]').fill("13633333333")
    page.get_by_role("button", name="保存").click()
    page.locator("table.three").wait_for()


GROUPS: dict[str, dict[str, Look]] = {
    "door": {
        "login": Look("/login", ""),
        "login refused": Look("/login", "", knock),
        "forgotten": Look("/forgot-password", ""),
        "dead link": Look("/reset-password", ""),
        "second factor": Look("/login", "", halfway),
        "passkey as second factor": Look("/login", "", with_key),
    },
    "lists": {
        "dashboard": Look("/admin/"),
        **{entity: Look(f"/admin/{entity}/") for entity in LISTS},
    },
    "list states": {
        "filtered": Look("/admin/order/?search=恒达&flt_status_in=draft,confirmed&sort=-amount"),
        "nothing found": Look("/admin/order/?search=没有的"),
        "bad filter": Look("/admin/order/?flt_nothing_eq=1"),
        "selected": Look("/admin/order/", then=press("j", "x")),
        "filter open": Look("/admin/order/", then=click("[data-toolbar] summary")),
        "editing a cell": Look("/admin/order/", then=press("j", "F2")),
        "search": Look("/admin/search/?q=恒达"),
    },
    "customer": {
        "new": Look("/admin/customer/new/", "clerk"),
        "edit": Look("/admin/customer/edit/?id={0.customer}", "clerk"),
        "refused": Look("/admin/customer/new/", "clerk", refused),
        "clash": Look("/admin/customer/edit/?id={0.customer}", "clerk", clash),
        "details": Look("/admin/customer/details/?id={0.customer}"),
        "history": Look("/admin/customer/history/?id={0.customer}"),
        "delete": Look("/admin/customer/delete/?id={0.customer}"),
        "transfer": Look(
            "/admin/customer/details/?id={0.customer}", then=click("[value=transfer]")
        ),
        "card": Look("/admin/customer/print/?id={0.customer}&kind=card"),
        "contact": Look("/admin/contact/new/?customer={0.customer}", "clerk"),
        "contact delete": Look("/admin/contact/delete/?id={0.contact}", "clerk"),
    },
    "order": {
        "new": Look("/admin/order/new/?customer={0.customer}", "clerk"),
        "look-up": Look("/admin/order/new/", "clerk", look_up),
        "edit": Look("/admin/order/edit/?id={0.draft}", "clerk"),
        "edit confirmed": Look("/admin/order/edit/?id={0.confirmed}", "clerk"),
        "details": Look("/admin/order/details/?id={0.draft}", "clerk"),
        "history": Look("/admin/order/history/?id={0.draft}", "clerk"),
        "contract": Look("/admin/order/print/?id={0.draft}&kind=contract", "clerk"),
        "delete": Look("/admin/order/delete/?id={0.draft}", "clerk"),
        "blocked": Look("/admin/order/delete/?id={0.confirmed}", "clerk"),
        "confirm": Look("/admin/order/details/?id={0.draft}", "clerk", click("[value=confirm]")),
        "cancel": Look("/admin/order/details/?id={0.draft}", "clerk", click("[value=cancel]")),
    },
    "system": {
        "user new": Look("/admin/user/new/"),
        "user edit": Look("/admin/user/edit/?id={0.user}"),
        "user": Look("/admin/user/details/?id={0.user}"),
        "user permissions": Look(
            "/admin/user/permissions/?id={0.user}&entity=customer&record_id={0.customer}"
        ),
        "user sessions": Look("/admin/user/sessions/?id={0.user}"),
        "role new": Look("/admin/role/new/"),
        "role edit": Look("/admin/role/edit/?id={0.role}"),
        "role": Look("/admin/role/details/?id={0.role}"),
        "dictionary new": Look("/admin/dictionary/new/"),
        "department new": Look("/admin/department/new/"),
    },
    "account and errors": {
        "profile": Look("/account/"),
        "password": Look("/account/password"),
        "authenticator": Look("/account/totp"),
        "recovery codes": Look("/account/recovery-codes"),
        "new recovery codes": Look("/account/recovery-codes", then=renew),
        "sessions": Look("/account/sessions"),
        "own permissions": Look("/account/permissions", "clerk"),
        "passkeys": Look("/account/passkeys"),
        "confirm identity": Look("/account/confirm?next=/account/"),
        "403": Look("/admin/user/", "clerk"),
        "404": Look("/admin/order/details/?id=999999", "clerk"),
        "palette": Look("/admin/", then=find),
        "keys": Look("/admin/", then=press("?")),
        "account menu": Look("/admin/", then=click(".top summary")),
        "English": Look(
            "/login", "", lambda page: page.get_by_role("button", name="English").click()
        ),
    },
}


def each_look(open_page: Any, world: World, group: str) -> Iterator[tuple[str, Any]]:
    """Yield (name, page) for every look of *group*, each person in a browser of their own."""
    pages: dict[str, Any] = {}
    for name, look in GROUPS[group].items():
        if look.who not in pages:
            pages[look.who] = open_page(look.who)
        page = pages[look.who]
        page.goto(look.path.format(world))
        if look.then:
            look.then(page)
            page.wait_for_load_state()
        yield name, page
