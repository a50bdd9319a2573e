"""Demo orders with their lines, as the tables keep them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from app.core.money import cents
from app.domain import demo_words as words
from app.domain.customer import PaymentTerms
from app.domain.demo import LINES, QUANTITIES
from app.domain.order import CANCELLED, Amounts, OrderStatus, line_amounts, total
from app.services.demo_customer import Row, Rows, stamps

PREPAID = PaymentTerms.PREPAID
DEPOSIT_SHARE = Decimal("0.3")
DEAREST_FOR_MANY = 30_000  # 0.0001 CNY each; dearer boxes are not ordered by the ten thousand
FEW = [quantity for quantity in QUANTITIES if quantity <= 5_000]  # noqa: PLR2004
MANY = list(QUANTITIES)
#: So many boxes a firm begins its orders with; one firm in so many has no item numbers of its own.
FAVOURITES = 4
UNNUMBERED = 4
SPARES = 100  # one spare piece for so many
TOLERANCE = Decimal(5)
NOTHING = cents(Decimal(0))
UNTOUCHED = dict.fromkeys(("delivered", "returned", "stated", "invoiced", "received"), NOTHING)
#: How often an order was changed to stand where it stands.
STEPS = {status: at for at, status in enumerate(OrderStatus)} | {CANCELLED: 1}


class Buyer(NamedTuple):
    """What an order needs to know of its customer."""

    id: int
    code: str
    owner_id: int | None
    payment_terms: PaymentTerms | None
    tax_rate: Decimal
    industry: str
    city: str
    district: str
    address: str


class NewOrder(NamedTuple):
    """What the house gives an order: *at* is its place in the story."""

    at: int
    day: date
    moment: datetime
    id: int
    order_no: str
    contact: int | None


class OrderRows(Rows):
    """Orders with their lines."""

    def add(self, buyer: Buyer, given: NewOrder) -> None:
        """Add an order of *buyer*."""
        dice, day = self.dice, given.day
        status = dice.choice(self.story.states(day))
        stamp = stamps(buyer.owner_id, given.moment, given.moment, 1)
        amounts, items = self._add_lines(given.id, buyer, stamp)
        deposit = amounts.gross * DEPOSIT_SHARE if buyer.payment_terms is PREPAID else NOTHING
        town = "" if buyer.district.endswith("市") else buyer.city
        customer_po = f"PO{day:%y%m%d}-{given.at % 10_000:04d}" if self.likely(60) else None
        row: Row = {
            "id": given.id,
            "order_no": given.order_no,
            "customer_po": customer_po,
            "delivery_address": f"{town}{buyer.district}{buyer.address}",
            "order_date": day,
            "delivery_date": day + timedelta(days=dice.randint(7, 20)),
            "currency": "CNY",
            "deposit": cents(deposit),
            "status": status,
            "is_urgent": self.likely(8),
            "remark": dice.choice(words.ORDER_REMARKS) if self.likely(20) else None,
            "net_amount": amounts.net,
            "tax_amount": amounts.tax,
            "amount": amounts.gross,
            "customer_id": buyer.id,
            "contact_id": given.contact,
            **UNTOUCHED,
            **stamp,
        }
        row["version"] += STEPS[status]
        self.put("orders", row)
        self.find_by("order", (given.id, [given.order_no, customer_po, *items], [], [], []))

    def _add_lines(
        self, order_id: int, buyer: Buyer, stamp: Row
    ) -> tuple[Amounts, list[str | None]]:
        """Add the lines; return what they come to, and the customer's item numbers."""
        dice, boxes, rate = self.dice, self.story.boxes[buyer.industry], buyer.tax_rate
        number = int(buyer.code[1:])
        first = dice.randrange(FAVOURITES)
        sums: list[Amounts] = []
        items: list[str | None] = []
        for nth in range(first, first + dice.choice(LINES)):
            box = boxes[(number * 5 + nth) % len(boxes)]
            quantity = dice.choice(FEW if box.price > DEAREST_FOR_MANY else MANY)
            price = box.price_for(quantity)
            amounts = line_amounts(quantity, price, rate)
            item = f"{buyer.industry[0].upper()}{number:04d}-{nth + 1:02d}"
            row = {
                "order_id": order_id,
                "description": box.wording,
                "customer_item_no": item if number % UNNUMBERED else None,
                "quantity": quantity,
                "spare_quantity": quantity // SPARES,
                "unit": "个",
                "unit_price": price,
                "tax_rate": rate,
                "tolerance": TOLERANCE if quantity in FEW else None,
                "net_amount": amounts.net,
                "tax_amount": amounts.tax,
                "amount": amounts.gross,
                **stamp,
            }
            self.put("order_lines", row)
            sums.append(amounts)
            items.append(row["customer_item_no"])
        return total(sums), items
