"""The life of an order, and the arithmetic of its lines."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from app.domain.order import (
    DELETABLE,
    OPEN_STATES,
    ORDER_FLOW,
    OWED_STATES,
    Amounts,
    OrderStatus,
    line_amounts,
    order_number,
    total,
)
from app.domain.workflow import WrongState

LIFE = {
    ("draft", "confirm"): "confirmed",
    ("draft", "cancel"): "cancelled",
    ("confirmed", "produce"): "producing",
    ("confirmed", "reopen"): "draft",
    ("confirmed", "cancel"): "cancelled",
    ("producing", "ship"): "shipped",
    ("producing", "ship_part"): "part_shipped",
    ("producing", "reopen"): "draft",
    ("producing", "cancel"): "cancelled",
    ("part_shipped", "ship"): "shipped",
    ("part_shipped", "short_close"): "completed",
    ("shipped", "complete"): "completed",
    ("shipped", "short_close"): "completed",
}


@pytest.mark.parametrize("transition", ORDER_FLOW.transitions, ids=lambda t: t.verb)
@pytest.mark.parametrize("state", OrderStatus)
def test_every_verb_in_every_state(state, transition):
    expected = LIFE.get((state, transition.verb))
    if expected:
        assert ORDER_FLOW.check(state, transition.verb) == expected
    else:
        with pytest.raises(WrongState):
            ORDER_FLOW.check(state, transition.verb)


def test_every_state_can_be_reached():
    assert ORDER_FLOW.unreachable() == set()


def test_the_actions_are_those_of_the_interface_and_shipping_in_parts():
    verbs = [action.verb for action in ORDER_FLOW.actions]
    assert sorted(verbs) == sorted(
        ["confirm", "produce", "ship_part", "ship", "complete", "cancel", "short_close", "reopen"]
    )


def test_shipping_in_parts_is_shipping():
    assert {step.verb: step.permission for step in ORDER_FLOW.actions if step.needs} == {
        "ship_part": "ship"
    }


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (OrderStatus.PRODUCING, ["ship_part", "ship", "reopen", "cancel"]),
        (OrderStatus.PART_SHIPPED, ["ship", "short_close"]),
    ],
)
def test_what_may_follow_while_the_workshop_delivers(state, offered):
    assert [step.verb for step in ORDER_FLOW.allowed(state)] == offered


def test_cancelling_and_closing_short_ask_for_a_reason():
    assert {t.verb for t in ORDER_FLOW.transitions if t.needs_reason} == {"cancel", "short_close"}


def test_finished_orders_have_no_way_on():
    assert (
        ORDER_FLOW.allowed(OrderStatus.COMPLETED) == ORDER_FLOW.allowed(OrderStatus.CANCELLED) == ()
    )


def test_the_states_people_know():
    assert [status.label for status in OrderStatus] == [
        *("草稿", "已确认", "生产中", "部分发货", "已发货", "已完成", "已取消"),
    ]
    assert {status.tone for status in OrderStatus} == {
        *("grey", "blue", "accent", "amber", "outline", "green"),
    }


def test_only_drafts_and_cancelled_orders_can_be_deleted():
    assert {OrderStatus.DRAFT, OrderStatus.CANCELLED} == DELETABLE


def test_open_and_owed_orders_do_not_overlap():
    assert not OPEN_STATES & OWED_STATES
    assert OrderStatus.DRAFT not in OPEN_STATES | OWED_STATES


@pytest.mark.parametrize(
    ("quantity", "price", "rate", "net", "tax", "gross"),
    [
        (10_000, "1.0134", "13", "10134.00", "1317.42", "11451.42"),
        (3, "0.3350", "13", "1.01", "0.13", "1.14"),  # 1.005 rounds up, 0.1313 down
        (1, "0.0050", "0", "0.01", "0.00", "0.01"),
        (1, "0.0049", "13", "0.00", "0.00", "0.00"),
        (7, "0.07142", "6", "0.50", "0.03", "0.53"),
        (1, "0.5000", "9", "0.50", "0.05", "0.55"),  # tax 0.045 rounds up
        (999_999_999, "99999999999999.9999", "13", None, None, None),
    ],
)
def test_a_line_rounds_net_then_tax(quantity, price, rate, net, tax, gross):
    amounts = line_amounts(quantity, Decimal(price), Decimal(rate))
    if net is not None:
        assert [str(part) for part in amounts] == [net, tax, gross]
    assert amounts.gross == amounts.net + amounts.tax


def half_up(value):
    return Decimal(int(value * 100 + Fraction(1, 2))).scaleb(-2)


def test_lines_agree_with_exact_fractions():
    draw = random.Random(5)
    for _ in range(3000):
        quantity = draw.randint(1, 10**9)
        price = Decimal(draw.randint(0, 10 ** draw.randint(1, 14))).scaleb(-4)
        rate = Decimal(draw.choice([0, 1, 3, 6, 9, 13, Decimal("8.25")]))
        net = half_up(quantity * Fraction(price))
        tax = half_up(Fraction(net) * Fraction(rate) / 100)
        assert line_amounts(quantity, price, rate) == (net, tax, net + tax)


def test_a_document_is_the_sum_of_its_rounded_lines():
    line = line_amounts(1, Decimal("0.0050"), Decimal(13))
    assert total([line] * 3) == Amounts(Decimal("0.03"), Decimal("0.00"), Decimal("0.03"))


def test_an_empty_document_is_worth_nothing():
    assert [str(part) for part in total([])] == ["0.00"] * 3


def test_order_numbers_have_at_least_four_digits():
    assert order_number("202611", 1) == "SO202611-0001"
    assert order_number("202611", 12345) == "SO202611-12345"
