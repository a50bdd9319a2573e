"""Demo data: firms that never existed, what they buy and when. The same seed tells the same story."""

from array import array
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from math import gcd
from random import Random
from typing import Any

from app.core import clock
from app.domain import demo_words as words
from app.domain.customer import CustomerLevel
from app.domain.demo_words import Place, Trade
from app.domain.identity import ALPHABET, check_digit
from app.domain.order import (
    CANCELLED,
    COMPLETED,
    CONFIRMED,
    DRAFT,
    PART_SHIPPED,
    PRODUCING,
    SHIPPED,
    OrderStatus,
)

OPENING = time(8, 30)
SHIFT = 9 * 60 * 60  # seconds from the first order of a day to the last
SUNDAY = 6
CUSTOMER_YEARS = timedelta(days=5 * 365)
ORDER_YEAR = timedelta(days=365)
YESTERDAY = timedelta(days=1)

#: Level → (share in percent, how eagerly such a firm orders).
LEVELS = {
    CustomerLevel.A: (8, 10),
    CustomerLevel.B: (22, 5),
    CustomerLevel.C: (48, 2),
    CustomerLevel.D: (22, 1),
}
#: One in so many C and D firms has only asked for a price so far.
ASKS_ONLY = 6


def _spread(weights: Mapping[Any, int]) -> tuple[Any, ...]:
    """Return each key as often as it weighs, to choose from."""
    return tuple(key for key, weight in weights.items() for _ in range(weight))


#: How many lines an order has.
LINES = _spread({1: 38, 2: 24, 3: 15, 4: 9, 5: 6, 6: 4, 7: 2, 8: 2})
#: Age of an order in days → where it stands; the last row is for all older ones.
STATES = (
    (7, _spread({DRAFT: 35, CONFIRMED: 42, PRODUCING: 18, CANCELLED: 5})),
    (20, _spread({PRODUCING: 48, CONFIRMED: 24, SHIPPED: 23, CANCELLED: 5})),
    (45, _spread({COMPLETED: 52, SHIPPED: 34, PART_SHIPPED: 9, CANCELLED: 5})),
    (10_000, _spread({COMPLETED: 94, SHIPPED: 1, CANCELLED: 5})),
)

#: Pieces → price in percent of that of ten thousand.
QUANTITIES = {
    500: 190,
    1_000: 155,
    2_000: 130,
    3_000: 118,
    5_000: 108,
    10_000: 100,
    20_000: 96,
    30_000: 94,
}
BOXES_PER_INDUSTRY = 240
_CODE_LENGTH = 7
_CODES = len(ALPHABET) ** _CODE_LENGTH
_CODE_STRIDE = 7_777_777_777
_GOLDEN = 0.618034
_SCATTER = 2_654_435_761


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm that nobody founded."""

    name: str
    brand: str
    place: Place
    trade: Trade
    credit_code: str


@dataclass(frozen=True, slots=True)
class Box:
    """A box as the factory words it; *price* in 0.0001 CNY each for ten thousand."""

    wording: str
    price: int

    def price_for(self, quantity: int) -> Decimal:
        """Return the net price per piece, four places."""
        return Decimal(self.price * QUANTITIES[quantity] // 100).scaleb(-4)


class Calendar:
    """The working days from *first* to *last* (the factory rests on Sundays), and moments in them."""

    def __init__(self, first: date, last: date) -> None:
        span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        self.days = [day for day in span if day.weekday() != SUNDAY] or [last]
        self._starts = [clock.from_local(datetime.combine(day, OPENING)) for day in self.days]

    def moment(self, position: int, of: int) -> tuple[date, datetime]:
        """Return day and instant of the event at *position* among *of*, spread evenly."""
        whole, rest = divmod((2 * position + 1) * len(self.days), 2 * of)
        return self.days[whole], self._starts[whole] + timedelta(seconds=rest * SHIFT // (2 * of))


class Story:
    """Who the firms are, and which of them gave which order.

    *first* counts the firms told before, so that another chapter of the same seed brings new ones.
    Firms and orders are numbered from 0 in the order of their time; what is kept here is a few bytes each.
    """

    def __init__(self, seed: int, customers: int, orders: int, *, first: int, today: date) -> None:
        self.seed, self.customers, self.orders, self.first = seed, customers, orders, first
        self.today = today
        last = today - YESTERDAY
        self._joined = Calendar(last - CUSTOMER_YEARS, last)
        self._ordered = Calendar(last - ORDER_YEAR, last)
        rng = self.dice("levels")
        shares = [share for share, _ in LEVELS.values()]
        self.levels = rng.choices(list(LEVELS), shares, k=customers)
        self.buyers = array("i", self._buyers(rng))
        self.last_order = array("i", [-1]) * customers
        for order, buyer in enumerate(self.buyers):
            self.last_order[buyer] = order

    def dice(self, *what: object) -> Random:
        """Return the chance that decides about *what*, the same for the same story."""
        return Random(f"{self.seed}/{self.first}/{what}")  # noqa: S311 - nothing is kept secret

    def joined(self, customer: int) -> datetime:
        """Return when the firm became a customer."""
        return self._joined.moment(customer, self.customers)[1]

    def ordered(self, order: int) -> tuple[date, datetime]:
        """Return day and instant of the order."""
        return self._ordered.moment(order, self.orders)

    def states(self, day: date) -> tuple[OrderStatus, ...]:
        """Return where an order of *day* may stand by today, the likely more often."""
        age = (self.today - day).days
        return next(states for most, states in STATES if age <= most)

    def _buyers(self, rng: Random) -> Iterator[int]:
        """Yield for each order its firm: one that is a customer by then, the eager ones more often."""
        eager = array("q", accumulate(self._appetite(n) for n in range(self.customers)))
        known = 0
        for order in range(self.orders):
            moment = self.ordered(order)[1]
            while known < self.customers and self.joined(known) <= moment:
                known += 1
            most = eager[max(known, 1) - 1]
            yield bisect(eager, rng.randrange(most), 0, max(known, 1) - 1)

    def _appetite(self, customer: int) -> int:
        level = self.levels[customer]
        asks_only = (
            level in (CustomerLevel.C, CustomerLevel.D) and customer % ASKS_ONLY == ASKS_ONLY - 1
        )
        return 0 if asks_only else LEVELS[level][1]

    # -- names -----------------------------------------------------------------------------

    def firms(self) -> Iterator[Firm]:
        """Yield firms without end, no two of one name; the first million differ in more than the place."""
        brands, trades, places = words.brands(), words.TRADES, words.PLACES
        space = len(brands) * len(trades)
        stride = int(space * _GOLDEN)
        while gcd(stride, space) > 1:
            stride += 1
        start = Random(self.seed).randrange(space)  # noqa: S311
        position = self.first
        while True:
            turn, index = divmod(position, space)
            mixed = (start + index * stride) % space
            trade, brand = divmod(mixed, len(brands))
            place = places[((mixed * _SCATTER >> 16) + turn) % len(places)]
            yield _firm(brands[brand], trades[trade], place, mixed + turn * space)
            position += 1

    # -- boxes -----------------------------------------------------------------------------

    @cached_property
    def boxes(self) -> dict[str, list[Box]]:
        """The boxes of each industry; a firm orders a few of them again and again."""
        return {
            industry: [
                _box(self.dice("box", industry, n), goods) for n in range(BOXES_PER_INDUSTRY)
            ]
            for industry, goods in words.GOODS.items()
        }


def _firm(brand: str, trade: Trade, place: Place, number: int) -> Firm:
    town = place.city.removesuffix("市")
    match number % 12:
        case 0:
            name = f"{brand}{trade.word}（{town}）有限公司"
        case 1:
            name = f"{place.prefix}{brand}{trade.word}股份有限公司"
        case 2:
            name = f"{place.prefix}{brand}{trade.word}有限责任公司"
        case _:
            name = f"{place.prefix}{brand}{trade.word}有限公司"
    rest, digits = (number * _CODE_STRIDE) % _CODES, ""
    for _ in range(_CODE_LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        digits += ALPHABET[digit]
    code = f"91{place.code}MA{digits}"
    return Firm(name, brand, place, trade, code + check_digit(code))


def _box(dice: Random, goods: Sequence[str]) -> Box:
    """Return a box in the words of the trade: 双插盒 180×100×60 300g灰底白+E坑 4C+1专 过哑膜."""
    pick = dice.choice
    length = dice.randrange(60, 425, 5)
    width = dice.randrange(40, min(length, 300) + 5, 5)
    height = dice.randrange(20, 265, 5)
    parts = (
        f"{pick(goods)}{pick(words.STYLES)} {length}×{width}×{height}",
        pick(words.FACES) + pick(words.FLUTES),
        pick(words.COLOURS),
        pick(words.FINISHES),
    )
    blank = (2 * length + 2 * width + 25) * (height + 2 * width + 30)  # mm², as 双插盒
    return Box(" ".join(parts), max(blank * dice.randrange(450, 900) // 10_000, 800))
