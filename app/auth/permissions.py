"""What one may do oneself, and why."""

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from app.auth.account import pages
from app.auth.entrance import me
from app.core.db import db
from app.web.asking import wants_json
from app.web.permission_page import PermissionPage


@pages.route("/permissions")
def permissions() -> ResponseReturnValue:
    """Show one's own rights, and those on one record that one sees."""
    rights = PermissionPage(me(db.session()))
    if wants_json():
        return jsonify(rights.data())
    return render_template("account/permissions.html", rights=rights)
