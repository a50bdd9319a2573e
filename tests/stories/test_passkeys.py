"""Passkeys in a real browser, with an authenticator that Chromium pretends to have."""

from urllib.parse import urlsplit

import pytest

from tests.auth.authenticator import change
from tests.conftest import PASSWORD
from tests.stories import hands
from tests.stories.conftest import DESK, WATCH, Watch, heard

pytestmark = pytest.mark.browser

HERE = "/account/passkeys"
ALONE, SECOND = "用指纹或通行密钥登录", "用指纹或通行密钥验证"
CANCELLED = "没有完成：已取消或超时，请再试一次。"


class Device:
    """The authenticator of one page."""

    def __init__(self, page):
        self.chromium = page.context.new_cdp_session(page)
        self.chromium.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.chromium.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def let(self, what, **facts):
        """Change what the authenticator does."""
        self.chromium.send(f"WebAuthn.set{what}", {"authenticatorId": self.id, **facts})

    def touched(self, *, is_touched):
        """Somebody touches the sensor as soon as they are asked, or nobody does."""
        self.let("AutomaticPresenceSimulation", enabled=is_touched)

    def knows(self, *, is_known):
        """It is the finger of its owner, or not."""
        self.let("UserVerified", isUserVerified=is_known)


@pytest.fixture
def site(app, server):
    """The house at the address that people use: passkeys need a name, not a number."""
    kept = app.extensions["settings"]
    url = server.url.replace("127.0.0.1", "localhost")
    app.extensions["settings"] = kept.model_copy(update={"public_url": url})
    yield url
    server.wait()
    app.extensions["settings"] = kept


@pytest.fixture
def page(chromium, site):
    """A page at that address; what it complains about fails the test."""
    options = {"locale": "zh-CN", "viewport": DESK, "timezone_id": "Asia/Shanghai"}
    context = chromium.new_context(base_url=site, **options)
    context.set_default_timeout(10_000)
    context.add_init_script(WATCH)
    found = context.new_page()
    found.watch = Watch(found, site)
    yield found
    complaints = heard(found)
    context.close()
    assert complaints == []


def add(page, name):
    page.goto(HERE)
    page.get_by_label("名称", exact=True).fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/recovery-codes")


def leave(page, device):
    device.touched(is_touched=False)
    page.locator(".top summary").first.click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login")


def knock(page):
    page.get_by_label("用户名").fill("sales1")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")


def test_add_one_and_come_in_with_nothing_else(page):
    """MFA-12: by keyboard, from the account page to the door and in again."""
    device = Device(page)
    hands.sign_in(page, "sales1", PASSWORD)
    add(page, "办公电脑")
    page.goto(HERE)
    assert "办公电脑" in page.locator("[data-passkey-row]").inner_text()
    leave(page, device)
    button = page.get_by_role("button", name=ALONE)
    button.focus()
    device.touched(is_touched=True)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    page.goto(HERE)
    assert "最近使用" in page.locator("[data-passkey-row]").inner_text()


def test_the_browser_offers_it_with_the_user_names(page):
    """MFA-12: nobody has to press anything but what the browser offers."""
    device = Device(page)
    hands.sign_in(page, "sales1", PASSWORD)
    add(page, "办公电脑")
    leave(page, device)
    device.touched(is_touched=True)
    page.goto("/login?next=/admin/order/")
    page.wait_for_url("**/admin/order/")


def test_come_in_with_password_and_passkey(page):
    """MFA-5: and where it is somebody else's finger, nobody comes in."""
    device = Device(page)
    hands.sign_in(page, "sales1", PASSWORD)
    add(page, "办公电脑")
    leave(page, device)
    knock(page)
    page.wait_for_url("**/login/verify")
    assert page.get_by_label("验证码").count() == 0
    device.touched(is_touched=True)
    device.knows(is_known=False)
    page.get_by_role("button", name=SECOND).click()
    page.get_by_text(CANCELLED).wait_for()
    assert urlsplit(page.url).path == "/login/verify"
    device.knows(is_known=True)
    page.get_by_label("30 天内在这台设备上不再询问").check()
    page.get_by_role("button", name=SECOND).click()
    page.wait_for_url("**/admin/")
    leave(page, device)
    knock(page)
    page.wait_for_url("**/admin/")  # this device is trusted from now on


def test_what_goes_wrong_is_said(page):
    """MFA-12: a passkey that is there already, one that was deleted, an account that is closed."""
    device = Device(page)
    hands.sign_in(page, "sales1", PASSWORD)
    add(page, "办公电脑")
    page.goto(HERE)
    page.get_by_role("button", name="添加通行密钥").click()
    page.get_by_text("这台设备上的通行密钥已经添加过。").wait_for()
    leave(page, device)
    change("sales1", is_active=False)
    device.touched(is_touched=True)
    page.goto("/login")
    page.get_by_text("通行密钥验证失败，请重试。").wait_for()
    page.get_by_role("button", name=ALONE).click()
    page.get_by_text("通行密钥验证失败，请重试。").wait_for()
    assert urlsplit(page.url).path == "/login"


def test_a_page_that_stays_open_asks_anew(page):
    """MFA-12: what the server asked for is good for five minutes, and people leave pages open."""
    Device(page).touched(is_touched=False)
    asked = []
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith("/begin") else None)
    page.clock.install()
    page.goto("/login")
    page.wait_for_load_state("networkidle")
    assert len(asked) == 1
    for number in (2, 3):
        with page.expect_response("**/login/passkey/begin"):
            page.clock.run_for(4 * 60 * 1000)
        assert len(asked) == number


def test_after_a_refusal_the_browser_offers_again(page):
    """MFA-12: another passkey of this device may be the right one."""
    device = Device(page)
    hands.sign_in(page, "sales1", PASSWORD)
    add(page, "办公电脑")
    leave(page, device)
    page.wait_for_load_state("networkidle")
    change("sales1", is_active=False)
    asked = []
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith("/begin") else None)
    device.touched(is_touched=True)
    page.goto("/login")
    page.get_by_text("通行密钥验证失败，请重试。").wait_for()
    page.wait_for_load_state("networkidle")
    assert 2 <= len(asked) <= 4  # not for ever


def test_a_browser_without_passkeys_is_told(page):
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto("/login")
    assert page.get_by_role("button", name=ALONE).count() == 0
    hands.sign_in(page, "sales1", PASSWORD)
    page.goto(HERE)
    page.get_by_text("这个浏览器不支持通行密钥，请换一个浏览器。").wait_for()
    assert page.get_by_role("button", name="添加通行密钥").count() == 0
