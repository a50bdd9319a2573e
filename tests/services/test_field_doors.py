"""Editing is open wherever one of its doors is; behind each stands only what it is for (AZ-8)."""

from decimal import Decimal

import pytest

from app.core.errors import Missing, NotAllowed
from app.core.work import Actor, work_for
from app.models.customer import Customer
from app.services.customer import customers
from tests.factories.customer import make_customer
from tests.factories.making import load, user_id


def act_as(username, **scopes):
    return Actor(user_id(username), username, {"customer": {"see": "all", **scopes}})


def change(actor, customer, **values):
    with work_for(actor) as work:
        found = customers.get(work.session, actor, customer, "edit")
        customers.update(work, found, values, version=found.version)


def closed(actor, customer):
    with work_for(actor) as work:
        found = customers.get(work.session, actor, customer, "edit")
        return customers.closed_to(actor, "edit", found)


def test_two_roles_open_two_doors(app):
    """AZ-8: finance and sales in one person."""
    both = act_as("sales1", edit="own", credit="all")
    own, foreign = make_customer("sales1"), make_customer("sales3")
    change(both, own, short_name="自己的", credit_limit=Decimal(1))
    change(both, foreign, credit_limit=Decimal(2))
    assert load(Customer, foreign).credit_limit == 2
    for values in ({"short_name": "别人的"}, {"owner": user_id("sales1")}, {"contacts": []}):
        with pytest.raises(NotAllowed):
            change(both, foreign, **values)
    assert not {"credit_limit", "payment_terms"} & closed(both, foreign)
    assert {"name", "contacts", "owner"} <= closed(both, foreign)
    assert "name" not in closed(both, own)


def test_a_narrow_door_stays_narrow(app):
    """AZ-8: everything of all customers, but the credit of one's own only."""
    wide = act_as("sales1", edit="all", credit="own")
    own, foreign = make_customer("sales1"), make_customer("sales3")
    change(wide, own, credit_limit=Decimal(1))
    change(wide, foreign, short_name="改了")
    with pytest.raises(NotAllowed):
        change(wide, foreign, credit_limit=Decimal(2))
    assert load(Customer, foreign).credit_limit is None


def test_out_of_every_reach_is_missing(app):
    """AZ-3"""
    narrow = act_as("sales1", edit="own", credit="own")
    with pytest.raises(Missing):
        change(narrow, make_customer("sales3"), credit_limit=Decimal(2))


def test_the_form_offers_what_the_doors_open(app, visit):
    """AZ-8"""
    foreign = make_customer("sales3")
    fields = visit("finance").form(f"/admin/customer/edit/?id={foreign}")
    assert "credit_limit" in fields
    assert "name" not in fields
