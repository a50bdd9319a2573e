"""The sums below a sheet are a preview; they equal the server's to the cent."""

import random
from decimal import Decimal

import pytest

from app.domain.capital_amount import capital_amount
from app.domain.order import line_amounts

pytestmark = pytest.mark.browser

RECKON = """async ([path, lines, amounts]) => {
  const money = await import(path);
  const sum = ([quantity, price, rate]) => {
    const line = money.gross(money.read(quantity, 0), money.read(price, 4), money.read(rate, 2));
    return [line.net, line.tax, line.gross].map((part) => money.text(part, 2));
  };
  return [lines.map(sum), amounts.map((cents) => money.inWords(BigInt(cents)))];
}"""


def test_the_browser_reckons_as_the_server_does(open_page):
    """Money: 1,000 lines with 4-decimal prices, half-up; 大写 the same."""
    chance = random.Random(20261124)
    lines = [
        ("3", "0.3350", "13"),
        ("1", "0.0050", "13"),
        ("7", "0.1", "0.5"),
        ("1000000", "99999.9999", "13"),
    ]
    lines += [
        (
            str(chance.randint(1, 10**6)),
            f"{chance.randint(0, 10**6) / 10**4:.4f}",
            str(chance.choice([0, 1, 3, 6, 9, 13, "0.5"])),
        )
        for _ in range(1000)
    ]
    amounts = [chance.randint(0, 10 ** chance.randint(1, 12)) for _ in range(1000)]
    page = open_page("clerk")
    page.goto("/admin/order/new/")
    path = page.locator("[data-money]").get_attribute("data-money")
    shown, words = page.evaluate(RECKON, [path, lines, [str(amount) for amount in amounts]])
    for (quantity, price, rate), found in zip(lines, shown, strict=True):
        own = line_amounts(int(quantity), Decimal(price), Decimal(rate))
        expected = [f"{part:,.2f}" for part in (own.net, own.tax, own.gross)]
        assert found == expected, (quantity, price, rate)
    assert words == [capital_amount(Decimal(amount) / 100) for amount in amounts]
