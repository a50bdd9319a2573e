"""Thousands of hostile requests over all routes: nothing breaks, nothing is told, nothing changes by reading."""

import pytest

from tests.crash.conftest import build, close
from tests.hostile.campaign import Campaign
from tests.hostile.contract import routes_of
from tests.hostile.generator import requests
from tests.hostile.judging import LEAKS
from tests.hostile.values import EVERY

SEED = 20261124
#: What has to be granted now and then, lest only refusals be tried.
REACHED = {
    *(("POST", f"/admin/{one}/attach/") for one in ("customer", "order", "activity")),
    *(("POST", f"/admin/{one}/detach/") for one in ("customer", "order", "activity")),
    *(("GET", f"/admin/{one}/attachment/") for one in ("customer", "order", "activity")),
    *(("POST", f"/admin/{one}/unmask/") for one in ("customer", "contact", "order")),
    *(("POST", f"/admin/{one}/restore/") for one in ("customer", "order", "activity")),
    *(("POST", f"/admin/{one}/action/") for one in ("customer", "order", "trash")),
    *(("POST", f"/admin/{one}/new/") for one in ("order", "contact", "activity")),
    ("GET", "/admin/customer/subject/"),
    ("GET", "/admin/user/permissions/"),
    ("GET", "/admin/user/sessions/"),
    ("GET", "/account/permissions"),
}
COUNTS = {"sqlite": 5_000, "postgresql": 1_500}


@pytest.fixture(scope="module", params=list(COUNTS))
def attacked(request, tmp_path_factory):
    """A campaign against a house of this module alone, and how long it takes."""
    house = build(request.param, tmp_path_factory.mktemp("attacked"))
    yield Campaign(house), COUNTS[request.param]
    close(house)


def test_nothing_hostile_breaks_a_route_or_tells_of_the_inside(attacked):
    """SQL-1, SQL-3, SQL-4, XSS-2, XSS-6, AZ-16, CSRF-2, RED-1, HDR-1, AUD-4: whatever comes, on every route."""
    campaign, count = attacked
    report = campaign.run(SEED, count)
    assert report.failures == [], report.text()
    assert report.sent == count
    assert {who for who, _ in report.statuses} == {"admin", "clerk", ""}
    for status in (200, 302, 400, 403, 404, 405, 409, 422):  # it reached what it was made for
        assert report.statuses["admin", status], report.text()
    if count >= 5_000:  # fewer leave some of them to chance
        missed = sorted(REACHED - report.granted)
        assert not missed, f"never granted: {missed}\n{report.summary()}"


def test_every_route_is_asked_and_the_same_seed_asks_the_same(attacked):
    """The generator walks the whole URL map; a failure can be made again from its seed and number."""
    campaign, _ = attacked
    contract = campaign.contract
    asked = list(requests(SEED, 2 * len(contract.routes) + 50, contract))
    assert asked == list(requests(SEED, len(asked), contract))
    assert asked != list(requests(SEED + 1, len(asked), contract))
    assert contract.routes == routes_of(campaign.app)
    assert {request.method for request in requests(SEED, 3_000, contract)} >= {
        "GET",
        "POST",
        "FROB",
        "TRACE",
        "get",
    }


def test_what_is_sent_holds_no_word_that_is_looked_for():
    """A leaking word in an answer is always ours: no hostile value has one."""
    assert [value for value in EVERY for leak in LEAKS if leak in value] == []
