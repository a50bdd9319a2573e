"""The list of rules beside a new password says the same as the server will."""

import pytest

from tests.conftest import PASSWORD
from tests.stories import hands

pytestmark = pytest.mark.browser


def met(page):
    rules = page.locator("[data-rule]")
    found = rules.evaluate_all("(all) => all.map((one) => [one.dataset.rule, one.dataset.met])")
    return {name for name, is_met in found if is_met == "yes"}


@pytest.fixture(params=["dengbao", "nist"])
def profile(app, request):
    """PASSWORD_PROFILE."""
    kept = app.extensions["settings"]
    app.extensions["settings"] = kept.model_copy(update={"password_profile": request.param})
    yield request.param
    app.extensions["settings"] = kept


def test_what_is_ticked_is_what_the_server_accepts(page, profile):
    """PWD-1: as long as it says, no three characters of the user name, and a blank is special."""
    hands.sign_in(page, "sales1", PASSWORD)
    page.goto("/account/password")
    field = page.locator("#new_password")
    field.fill("q7 quxivo")
    kinds = {"letter", "digit", "special"} if profile == "dengbao" else set()
    length = {"length"} if profile == "dengbao" else set()
    assert met(page) == kinds | length | {"username"}
    field.fill("ALES-quxivoRbek")
    assert "username" not in met(page)
    assert "length" in met(page)
    field.fill("xSa Lx-quxivoRbek")
    assert "username" not in met(page)
