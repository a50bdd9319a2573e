"""Contacts: the people to call."""

from app.admin_views.base import RecordView
from app.core.words import N_
from app.services.contact import contacts


class ContactView(RecordView):
    """Find a person by name, pinyin or the last four digits."""

    service = contacts
    icon = "address-book"
    title = N_("客户联系方式")
    noun = N_("联系人")
    new_label = N_("添加客户联系方式")
    search_hint = N_("姓名、拼音、客户、电话后四位")
    search_hint_masked = N_("姓名、拼音、客户、完整电话")

    column_list = (
        *("name", "customer", "title", "department", "mobile", "phone", "email"),
        *("is_primary", "created_at"),
    )
    column_editable_list = ("title", "mobile")
    sortable = ("name", "created_at")
    subtitle = ("customer", "title")
    sections = (
        (N_("基本信息"), ("customer", "name", "title", "department", "birthday")),
        (N_("联系方式"), ("mobile", "phone", "email", "wechat")),
        (N_("其他"), ("is_primary", "is_decision_maker", "remark")),
    )
    half_fields = frozenset({"customer"})
