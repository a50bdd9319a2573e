"""How the pages look and speak: theme, density, language, single-key shortcuts."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.auth.account import pages
from app.services import profile
from app.web.asking import local_path, wants_json
from app.web.locale import LANGUAGES, choose
from app.web.security import before_password, public
from app.web.working import working

#: Preference → what it may be; empty is the usual.
CHOICES: dict[str, frozenset[str]] = {
    "theme": frozenset({"", "light", "dark"}),
    "density": frozenset({"", "compact", "loose"}),
    "locale": frozenset({"", *LANGUAGES}),
}


@pages.post("/preferences")
@before_password
def preferences() -> ResponseReturnValue:
    """Keep what was given and is known; answer 204 to scripts, lead people back."""
    given = {name: request.form[name] for name in CHOICES if name in request.form}
    values: dict[str, str | bool] = {k: v for k, v in given.items() if v in CHOICES[k]}
    if "shortcuts" in request.form:
        values["shortcuts"] = request.form["shortcuts"] == "1"
    with working() as work:
        profile.prefer(work, current_user.user_id, values)
    if wants_json() or "X-CSRFToken" in request.headers:
        return "", 204
    return redirect(local_path(request.referrer or "") or "/account/")


@public
def language() -> ResponseReturnValue:
    """Choose the language of this browser; of the person, once signed in."""
    chosen = choose(request.form.get("locale"))
    if chosen and current_user.is_authenticated:
        with working() as work:
            profile.prefer(work, current_user.user_id, {"locale": chosen})
    return redirect(local_path(request.referrer or "") or "/login")
