"""What keeps a customer from being deleted is a list of links – to whom may open them."""

from app.models.order import Order
from tests.admin_views.markup import Page
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.factories.order import make_order


def test_the_orders_that_block_a_customer_are_links(visit):
    """Deleting: the page lists what blocks it, and leads there."""
    customer = make_customer()
    order = make_order(customer)
    number = load(Order, order).order_no
    answer = visit("manager").get(f"/admin/customer/delete/?id={customer}")
    assert answer.status_code == 409
    links = {link["href"]: link.text for link in Page(answer.text).all("a", href=None)}
    assert number in links[f"/admin/order/details/?id={order}"]
    accept = {"Accept": "application/json"}
    asked = {"id": str(customer), "confirm": "1"}
    answer = visit("manager").post("/admin/customer/delete/", asked, headers=accept)
    assert answer.status_code == 409
