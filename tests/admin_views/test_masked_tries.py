"""Trying values against a mask: no refusal tells whether a guess was right, and nothing is learnt by sums."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core.db import db
from app.domain.order import OrderStatus
from app.models.order import Order
from app.models.role import Role
from tests.factories.customer import make_customer
from tests.factories.making import change, load
from tests.factories.order import line, make_order
from tests.visitor import Visitor

DEPOSIT, PRICE = Decimal("88.88"), Decimal("3.4567")
TOO_MUCH = "金额太大"


@pytest.fixture
def masked(visit) -> Visitor:
    """A clerk who may write, and sees money masked."""
    role = db.session.scalar(select(Role.id).where(Role.name == "clerk"))
    change(Role, role, hidden=["money"])
    return visit("clerk")


@pytest.fixture
def order(app) -> int:
    """An order of two lines with prices and a deposit."""
    lines = [line(n, quantity=1000, unit_price=PRICE) for n in (0, 1)]
    return make_order(make_customer("sales1"), lines=lines, deposit=DEPOSIT)


@pytest.mark.parametrize("field", ["deposit", "lines-0-unit_price"])
def test_pii_4_a_locked_order_does_not_tell_whether_a_guess_was_right(masked, visit, order, field):
    """PII-4: once confirmed, a masked value is refused before it is compared; in clear, what is the same is no change."""
    path = f"/admin/order/edit/?id={order}"
    forms = {who: who.form(path) for who in (masked, visit("manager"))}
    change(Order, order, status=OrderStatus.CONFIRMED)
    version = str(load(Order, order).version)
    right = str(DEPOSIT if field == "deposit" else PRICE)
    answers = {}
    for who, form in forms.items():
        sent = [who.post(path, {**form, "version": version, field: v}) for v in (right, "77.77")]
        answers[who] = [answer.status_code for answer in sent]
    assert list(answers.values()) == [[409, 409], [302, 409]]
    assert masked.post(path, {**forms[masked], "version": version}).status_code == 302


def big(quantity: int, price: str) -> dict[str, str]:
    """Return a third line as a form has it."""
    given = {"description": "彩盒", "quantity": quantity, "unit_price": price, "tax_rate": "13"}
    return {f"lines-9-{name}": str(value) for name, value in given.items()}


def test_pii_4_what_is_too_much_does_not_depend_on_masked_prices(masked, visit, app):
    """PII-4: the sum of an order is judged by what its writer typed, the dearest price standing in for the others."""
    one = make_customer("sales1")
    cheap, dear = (
        make_order(one, lines=[line(0, quantity=50_000_000, unit_price=Decimal(price))])
        for price in ("0.01", "900000")
    )
    for number, wanted in ((1_000, 302), (10_000_000, 302), (90_000_000, 422)):
        given = {"lines-0-quantity": str(number), "remark": str(number)}
        answers = [
            masked.submit(f"/admin/order/edit/?id={order}", **given) for order in (cheap, dear)
        ]
        assert [answer.status_code for answer in answers] == [wanted, wanted], number
        assert [TOO_MUCH in answer.text for answer in answers] == [wanted == 422] * 2
    # In clear the sum itself is judged.
    statuses = [
        visit("manager")
        .submit(f"/admin/order/edit/?id={order}", **big(50_000_000, "900000"))
        .status_code
        for order in (cheap, dear)
    ]
    assert statuses == [302, 302]
    answer = visit("manager").submit(f"/admin/order/edit/?id={dear}", **big(90_000_000, "990000"))
    assert (answer.status_code, TOO_MUCH in answer.text) == (422, True)


def test_pii_4_a_typed_price_counts_whether_or_not_it_was_guessed(masked, app):
    """PII-4: among other refusals, too, the right price makes no difference."""
    lines = [line(0, quantity=90_000_000, unit_price=PRICE)]
    order = make_order(make_customer("sales1"), lines=lines)
    path = f"/admin/order/edit/?id={order}"
    for price in (str(PRICE), "9.9999"):
        answer = masked.submit(path, **{"lines-0-unit_price": price, "lines-0-description": ""})
        assert (answer.status_code, TOO_MUCH in answer.text) == (422, False), price
    assert masked.submit(path, remark="不碰明细").status_code == 302


def test_a_price_has_an_end(visit, order):
    """Beyond a hundred million it is a slip of the finger, and sums would not fit."""
    answer = visit("manager").submit(
        f"/admin/order/edit/?id={order}", **{"lines-0-unit_price": "100000000.01"}
    )
    assert (answer.status_code, "不能大于 100,000,000" in answer.text) == (422, True)
