"""What a page may weigh: requests, bytes on the wire, nodes. Run with ``-rP`` to read the figures."""

import gzip
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.factories.customer import make_customer, make_customers
from tests.factories.order import make_orders
from tests.stories.world import furnish

KILO = 1024
STATIC = Path(__file__).parents[2] / "app" / "static"
SCRIPTS = sorted((STATIC / "js").glob("*.js"))


def tell(figures: str) -> None:
    """Print *figures* for whoever asks for the output of passed tests."""
    sys.stdout.write(f"{figures}\n")


def packed(body: bytes) -> int:
    """Return the size of *body* as a server sends it."""
    return len(gzip.compress(body, 9))


@dataclass(frozen=True)
class Weight:
    """What a first visit to a page costs."""

    requests: int
    bytes: int
    script: int
    nodes: int


def weigh(page: Any, path: str) -> Weight:
    """Open *path* in a browser that knows nothing yet."""
    answers: dict[str, bytes] = {}
    seen: list[Any] = []
    page.on("response", lambda answer: seen.append(answer))
    page.goto(path, wait_until="networkidle")
    requests = len(page.watch.requests)
    for answer in seen:
        answers[urlsplit(answer.url).path] = answer.body() if answer.status == 200 else b""
    sizes = {place: packed(body) for place, body in answers.items()}
    found = Weight(
        requests,
        sum(sizes.values()),
        sum(size for place, size in sizes.items() if place.endswith(".js")),
        page.evaluate("document.querySelectorAll('*').length"),
    )
    tell(
        f"{path}: {requests} requests, {found.bytes / KILO:.1f} KB gz, "
        f"script {found.script / KILO:.1f} KB gz, {found.nodes} nodes"
    )
    return found


@pytest.mark.browser
@pytest.mark.parametrize("who", ["clerk", "admin"])
@pytest.mark.parametrize("entity", ["customer", "order"])
def test_a_list_is_light(open_page, entity, who):
    """Cold list ≤ 12 requests, ≤ 120 KB gz, ≤ 1,200 nodes at 20 rows, script ≤ 20 KB gz."""
    first = {"city": "太仓市", "level": "A"}
    make_customers(
        *({**first, "name": f"太仓彩印{n:02d}厂", "phone": f"0512-5351{n:04d}"} for n in range(25))
    )
    make_orders(make_customer(), *({} for _ in range(25)))
    page = open_page(who)
    weight = weigh(page, f"/admin/{entity}/")
    assert page.locator("#list tbody tr").count() == 20
    assert weight.requests <= 12
    assert weight.bytes <= 120 * KILO
    assert weight.script <= 20 * KILO
    assert weight.nodes <= 1200


@pytest.mark.browser
@pytest.mark.parametrize(
    "path",
    [
        "customer/new/",
        "customer/edit/?id={0.customer}",
        "order/edit/?id={0.draft}",
        "role/edit/?id={0.role}",
    ],
)
def test_a_form_is_light(open_page, path):
    """Form ≤ 80 KB gz, script ≤ 20 KB gz."""
    weight = weigh(open_page("admin"), f"/admin/{path}".format(furnish()))
    assert weight.bytes <= 80 * KILO
    assert weight.script <= 20 * KILO


@pytest.mark.browser
def test_the_door_is_light(open_page):
    """Login ≤ 30 KB gz."""
    assert weigh(open_page(), "/login").bytes <= 30 * KILO


@pytest.mark.browser
def test_a_second_visit_fetches_only_the_page(open_page):
    """Static files carry the hash of their content and are never asked for again."""
    page = open_page("clerk")
    page.goto("/admin/customer/", wait_until="networkidle")
    again = page.context.new_page()
    again.goto("/admin/customer/", wait_until="networkidle")
    from_cache = again.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.transferSize > 0).map((one) => one.name)"
    )
    assert from_cache == []


def test_the_style_sheet_stays_small():
    """Own CSS ≤ 40 KB raw on every page; what only rare pages need they bring along."""
    size = (STATIC / "app.css").stat().st_size
    zipped = packed((STATIC / "app.css").read_bytes())
    tell(f"app.css: {size / KILO:.1f} KB raw, {zipped / KILO:.1f} KB gz")
    assert size <= 40 * KILO
    assert (STATIC / "rare.css").stat().st_size <= 6 * KILO


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_modules_stay_small(script):
    """Each module ≤ 4 KB gz."""
    size = packed(script.read_bytes())
    tell(f"{script.name}: {size / KILO:.1f} KB gz")
    assert size <= 4 * KILO
