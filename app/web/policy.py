"""Which permission every route needs: one table, printed by ``flask policy`` and tested route by route."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask

from app.domain.permissions import ENTITIES
from app.web.security import SAFE

#: View function of a screen → the verb it needs; None for a function that nobody may call.
VerbOf = Callable[[str], str | None]

NONE = "-"
LOGIN = "login"
REFUSED = "refused"

_screens: dict[str, VerbOf] = {}


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the URL map.

    *verb* is that of the permission ``<entity>.<verb>``; ``login`` where everybody who is signed in
    may come, ``-`` where anybody may, ``refused`` where nobody may because no policy speaks of it.
    *scope* are the scopes such a permission may have, *csrf* is ``token`` where a request changes something.
    """

    rule: str
    methods: tuple[str, ...]
    entity: str
    verb: str
    scope: str
    csrf: str

    def line(self) -> str:
        """Return the route in one line, tab-separated."""
        methods = ",".join(self.methods)
        return f"{self.rule}\t{methods}\t{self.entity}\t{self.verb}\t{self.scope}\t{self.csrf}"


def register(screen: str, verb_of: VerbOf) -> None:
    """Let *verb_of* speak for the view functions of *screen*, an entity or the panel itself."""
    _screens[screen] = verb_of


def routes(app: Flask) -> Iterator[Route]:
    """Yield every route of *app*, in the order of their addresses."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        entity, verb = _needed(app, rule.endpoint)
        scope = ",".join(ENTITIES[entity].scopes) if entity in ENTITIES else NONE
        csrf = NONE if SAFE.issuperset(methods) else "token"
        yield Route(rule.rule, methods, entity, verb, scope, csrf)


def _needed(app: Flask, endpoint: str) -> tuple[str, str]:
    """Return entity and verb of the permission that *endpoint* needs."""
    view = app.view_functions[endpoint]
    if endpoint == "static" or getattr(view, "is_public", False) or getattr(view, "is_bare", False):
        return NONE, NONE
    screen, _, name = endpoint.partition(".")
    if screen not in _screens:
        return NONE, LOGIN
    verb = _screens[screen](name) or REFUSED
    return (screen if screen in ENTITIES else NONE), verb
