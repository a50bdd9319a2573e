"""Activities: what was said, and whom to call next."""

from app.admin_views.base import AttachingView
from app.core.words import N_
from app.services.activity import activities


class ActivityView(AttachingView):
    """Every touch with a customer, newest first."""

    service, icon, title, noun = activities, "messages", N_("跟进记录"), N_("跟进")
    new_label = N_("记一条跟进")
    column_list = ("customer", "kind", "content", "happened_at", "next_at", "next_action")
    sortable = ("happened_at", "next_at")
    sections = (
        (N_("跟进"), ("customer", "contact", "kind", "happened_at", "content")),
        (N_("下一步"), ("next_at", "next_action")),
    )
    lookup_within = {"contact": ("customer",)}
    shown_under = ("customer", ("happened_at", "kind", "content", "next_at"))
