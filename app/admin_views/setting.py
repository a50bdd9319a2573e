"""Settings: the knobs of the business."""

from app.admin_views.base import RecordView
from app.core.words import N_
from app.services.setting import settings


class SettingView(RecordView):
    """Turn a knob; nothing is added or removed."""

    service = settings
    icon = "settings"
    title = N_("设置")
    noun = N_("设置")

    column_list = ("label", "value", "help", "updated_at")
    sections = ((N_("设置"), ("value",)),)
    subtitle = ("key", "help")
