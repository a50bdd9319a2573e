"""Of a person who is deleted nothing stays that could be called or written to, whatever was done with them before."""

from app.core.db import db
from app.models.activity import Activity
from app.models.order import Order
from tests.admin_views.test_masked_forms import MAIL, MOBILE
from tests.factories.activity import make_activity
from tests.factories.customer import make_customer
from tests.factories.making import load
from tests.factories.order import make_order
from tests.services.test_contact import traces

WHY = "客户来电核对"


def test_a_deleted_person_leaves_no_number_behind(visit):
    """PII-7: made by a form, searched, filtered, exported, shown, handed over, edited, deleted: no table keeps it."""
    one = make_customer("sales1", name="恒达纸品")
    writer = visit("manager")
    form = {
        "customer": one,
        "name": "欧阳青",
        "mobile": MOBILE,
        "email": MAIL,
        "remark": f"也可打 {MOBILE}",
    }
    made = writer.submit("/admin/contact/new/", **form)
    person = int(made.headers["Location"].rpartition("=")[2])
    order = make_order(one, contact=person)
    call = make_activity(one, contact=person)
    for path in (
        *(
            f"/admin/contact/?search={MOBILE}",
            f"/admin/contact/export/csv/?search={MOBILE}&reason={MOBILE}",
        ),
        *(f"/admin/contact/export/xlsx/?flt_mobile_eq={MOBILE}", f"/admin/search/?q={MOBILE}"),
        f"/admin/contact/export/csv/?flt_email_eq={MAIL}",
        f"/admin/customer/subject/?id={one}&reason={MOBILE}",
    ):
        assert writer.get(path).status_code == 200, path
    asked = {"id": person, "field": "mobile", "reason": f"打给 {MOBILE}"}
    assert writer.post("/admin/contact/unmask/", asked).get_json() == {"value": MOBILE}
    assert writer.submit(f"/admin/contact/edit/?id={person}", title="采购").status_code == 302
    assert traces(MOBILE, MAIL, "欧阳青") != set()
    gone = {"id": person, "version": "2", "confirm": "1"}
    assert writer.post(f"/admin/contact/delete/?id={person}", gone).status_code == 302
    assert traces(MOBILE, MOBILE[3:], MAIL, "欧阳青") == set()
    db.session.remove()
    assert (load(Order, order).contact_id, load(Activity, call).contact_id) == (None, None)
