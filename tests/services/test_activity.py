"""What keeping in touch promises."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import RuleBroken
from app.models.activity import Activity
from app.models.customer import Customer
from app.services.activity import activities
from tests.factories.activity import make_activity
from tests.factories.contact import make_contact
from tests.factories.customer import make_customer
from tests.factories.making import load


def test_a_customer_remembers_when_it_was_last_contacted(app, work_as):
    customer = make_customer()
    version = load(Customer, customer).version
    with work_as("sales1") as work:
        made = activities.create(work, {"customer": customer, "content": "同意先打白样"})
        happened = made.happened_at
    seen = load(Customer, customer)
    assert (seen.last_contact_at, seen.version) == (happened, version)


def test_an_older_activity_does_not_turn_the_clock_back(app, work_as):
    customer = make_customer()
    make_activity(customer)
    last = load(Customer, customer).last_contact_at
    with work_as("sales1") as work:
        values = {"customer": customer, "content": "上周的拜访", "happened_at": last - timedelta(7)}
        activities.create(work, values)
    assert load(Customer, customer).last_contact_at == last


def test_nothing_has_happened_in_the_future(app, work_as):
    tomorrow = clock.now() + timedelta(days=1)
    values = {"customer": make_customer(), "content": "明天的事", "happened_at": tomorrow}
    with pytest.raises(RuleBroken) as refusal, work_as("sales1") as work:
        activities.create(work, values)
    assert refusal.value.problems[0].field == "happened_at"


def test_the_person_works_for_the_customer(app, work_as):
    elsewhere = make_contact(make_customer())
    values = {"customer": make_customer(), "content": "来电", "contact": elsewhere}
    with pytest.raises(RuleBroken) as refusal, work_as("sales1") as work:
        activities.create(work, values)
    assert refusal.value.problems[0].field == "contact"


def test_activities_follow_their_customer(visit):
    """AZ-3"""
    made = make_activity(make_customer(owner="sales3"))
    assert visit("sales1").get(f"/admin/activity/details/?id={made}").status_code == 404
    assert visit("sales3").get(f"/admin/activity/details/?id={made}").status_code == 200


def test_an_activity_is_written_down_in_the_browser(visit):
    person = visit("sales1")
    customer = make_customer()
    path = f"/admin/activity/new/?customer={customer}"
    answer = person.submit(path, content="要求月底前补 2,000 个扣底盒", next_at="2027-01-05T09:30")
    assert answer.status_code == 302
    number = int(answer.headers["Location"].split("id=")[1])
    assert load(Activity, number).content == "要求月底前补 2,000 个扣底盒"
    assert "扣底盒" in person.get(f"/admin/customer/details/?id={customer}").text
