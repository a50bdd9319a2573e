"""Dictionaries: the factory's own lists of words."""

from app.admin_views.base import RecordView
from app.core.words import N_
from app.services.dictionary import dictionaries


class DictionaryView(RecordView):
    """Industries, sources and the like."""

    service = dictionaries
    icon = "book"
    title = N_("字典")
    noun = N_("字典项")
    new_label = N_("添加字典项")

    column_list = ("kind", "key", "label", "position", "is_active")
    column_editable_list = ("label", "position")
    sections = ((N_("基本信息"), ("kind", "key", "label", "position", "is_active")),)
