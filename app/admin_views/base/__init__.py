"""What every screen is made of."""

from app.admin_views.base.actions import Action
from app.admin_views.base.attaching import AttachingView
from app.admin_views.base.forms import GridSpec
from app.admin_views.base.record_view import RecordView

__all__ = ["Action", "AttachingView", "GridSpec", "RecordView"]
