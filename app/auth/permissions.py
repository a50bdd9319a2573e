"""What one may do oneself, and why."""

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.account import pages
from app.core.db import db
from app.models.user import User
from app.web.asking import wants_json
from app.web.permission_page import PermissionPage


@pages.route("/permissions")
def permissions() -> ResponseReturnValue:
    """Show one's own rights, and those on one record that one sees."""
    rights = PermissionPage(db.session.get_one(User, current_user.user_id))
    if wants_json():
        return jsonify(rights.data())
    return render_template("account/permissions.html", rights=rights)
