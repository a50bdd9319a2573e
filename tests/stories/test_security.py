"""What only a browser can tell: nothing stored runs, nothing stays after leaving, codes are scanned."""

from urllib.parse import urlsplit

import pyotp
import pytest

from app.core import clock
from tests.conftest import PASSWORD
from tests.poison import poison_house
from tests.stories.hands import sign_in
from tests.stories.world import furnish

pytestmark = pytest.mark.browser

MOST_PAGES = 120
LINKS = """() => [...document.querySelectorAll("a[href]")].map((link) => link.href)"""
#: Whatever of these happens is a script of somebody else's.
ALARM = """for (const name of ["alert", "confirm", "prompt", "x"])
  window[name] = () => console.error(`stored markup called ${name}`);"""


def shape_of(url: str) -> str:
    """Return the address without its numbers: pages that differ in them only are alike."""
    parts = urlsplit(url)
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return f"{parts.path}?{','.join(names)}"


def test_stored_markup_runs_on_no_page(open_page):
    """XSS-1, HDR-1: every page that can be reached by links; the policy is never even asked."""
    poison_house()
    page = open_page("admin")
    page.add_init_script(ALARM)
    waiting, seen = ["/admin/", "/account/"], set()
    while waiting and len(seen) < MOST_PAGES:
        where = waiting.pop(0)
        answer = page.goto(where)
        assert answer.status in (200, 409, 422), (where, answer.status)
        for link in page.evaluate(LINKS):
            parts = urlsplit(link)
            local = f"{parts.path}?{parts.query}" if parts.query else parts.path
            is_ours = parts.netloc == page.watch.host and "/export/" not in local
            if is_ours and shape_of(local) not in seen:
                seen.add(shape_of(local))
                waiting.append(local)
    assert len(seen) > 40
    assert page.watch.complaints == []


def test_the_back_button_shows_nothing_after_leaving(open_page):
    """SES-18"""
    world = furnish()
    page = open_page("clerk")
    page.goto("/admin/")
    page.goto(f"/admin/customer/details/?id={world.customer}")
    assert "恒达" in page.inner_text("main")
    page.locator(".top summary").first.click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login")
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        assert urlsplit(page.url).path == "/login"
        assert "恒达" not in page.content()


@pytest.mark.parametrize(
    ("path", "who", "wanted"),
    [
        ("/login", "", {"username": "username webauthn", "password": "current-password"}),
        (
            "/account/password",
            "clerk",
            {
                "current_password": "current-password",
                "new_password": "new-password",
                "confirm_password": "new-password",
            },
        ),
        ("/account/totp", "clerk", {"code": "one-time-code"}),
    ],
)
def test_password_managers_know_the_fields(open_page, path, who, wanted):
    """PWD-10"""
    page = open_page(who)
    page.goto(path)
    found = {name: page.get_attribute(f'[name="{name}"]', "autocomplete") for name in wanted}
    assert found == wanted


def test_an_authenticator_is_set_up_and_asked_for(open_page):
    """MFA-11, MFA-1: by keyboard alone, from the set-up to the next sign-in."""
    page = open_page("clerk")
    page.goto("/account/totp")
    app = pyotp.TOTP(page.get_attribute("[data-secret]", "data-secret"))
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 0
    page.keyboard.type(app.at(clock.now()))
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/recovery-codes")
    page.get_by_role("button", name="生成新的恢复代码").press("Enter")
    codes = page.locator("[data-recovery]")
    codes.first.wait_for()
    code = codes.first.inner_text()

    other = open_page()
    other.goto("/login")
    other.keyboard.type("clerk")
    other.keyboard.press("Tab")
    other.keyboard.type(PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url("**/login/verify")
    other.keyboard.type("000000")
    other.keyboard.press("Enter")
    other.get_by_text("验证码不正确，请重试。").wait_for()
    other.get_by_role("link", name="恢复代码").click()
    other.locator("#code").fill(code)
    other.keyboard.press("Enter")
    other.wait_for_url("**/admin/")


def test_signing_in_without_a_factor_stays_as_it_was(page):
    sign_in(page, "clerk", PASSWORD)
