"""What the generator knows of the house: routes, parameters, columns, records, forms – read from the house itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

from app.admin_views import MENU
from app.models.attributes import Attribute, attributes_of
from app.services.registry import SERVICES
from tests.conftest import PASSWORD

SCREENS = {screen.service.entity: screen for group in MENU.values() for screen in group}
OPS = ("eq", "ne", "in", "contains", "ge", "le", "empty")
LIST = ("search", "page", "page_size", "sort", "cursor", "format")
#: Page of a screen → what its address takes; lists have filters, too.
ASKED: dict[str, tuple[str, ...]] = {
    "index_view": LIST,
    "export": (*LIST, "columns", "header", "reason"),
    "details_view": ("id", "format", "tab"),
    "history_view": ("id", "before", "format"),
    "edit_view": ("id",),
    "delete_view": ("id",),
    "print_view": ("id", "kind"),
    "ajax_lookup": ("name", "query", "offset", "limit", "customer"),
    "similar_view": ("name", "id"),
    "create_view": ("copy",),
    "attachment_view": ("id", "file"),
    "unmask_view": ("id", "field"),
    "subject_view": ("id", "reason", "format"),
    "permissions_view": ("id", "entity", "record", "verb", "format"),
    "sessions_view": ("id",),
}
#: Page of a screen → what its form takes, beside the fields of the record.
SENT: dict[str, tuple[str, ...]] = {
    "delete_view": ("id", "version", "confirm"),
    "action_view": (
        "action",
        "rowid",
        "confirm",
        "reason",
        "owner",
        "credit_reason",
        "seen",
        "excused",
    ),
    "ajax_update": ("list_form_pk", "version"),
    "restore_view": ("id",),
    "attach_view": ("id",),
    "detach_view": ("id", "file", "confirm"),
    "unmask_view": ("id", "field", "reason", "page"),
    "sessions_view": ("id", "end", "others", "reason"),
    "print_view": ("id", "kind"),
}
#: Address → what it takes, of the pages that are no screens.
PAGES: dict[str, tuple[str, ...]] = {
    "/login": ("username", "password", "remember", "next", "done"),
    "/login/verify": ("method", "code", "trust_device", "next"),
    "/login/passkey/finish": ("credential",),
    "/forgot-password": ("identity", "method"),
    "/reset-password": ("password", "confirm"),
    "/reset-password/sms": ("identity", "code"),
    "/account/": ("name", "email", "phone"),
    "/account/password": ("current_password", "new_password", "confirm_password", "next"),
    "/account/confirm": ("password", "next"),
    "/account/preferences": ("theme", "density", "locale", "shortcuts", "next"),
    "/account/sessions": ("end", "id", "others"),
    "/account/permissions": ("entity", "record", "verb", "format"),
    "/account/trusted": ("id", "others"),
    "/account/recovery-codes": ("password", "new"),
    "/login/passkey/begin": ("username",),
    "/login/sms/send": ("method", "next"),
    "/account/passkeys/begin": ("name",),
    "/account/totp": ("code", "disable"),
    "/account/passkeys": ("delete", "id"),
    "/account/passkeys/finish": ("name", "credential"),
    "/language": ("locale", "next"),
    "/admin/search/": ("q", "format"),
}
#: Good values of parameters that are no attributes.
GOOD: dict[str, tuple[str, ...]] = {
    "page": ("1", "2"),
    "page_size": ("10", "50"),
    "format": ("json", "html"),
    "header": ("name",),
    "kind": ("contract", "card"),
    "confirm": ("1",),
    "confirmed": ("1",),
    "username": ("viewer", "nobody"),
    "reason": ("客户来电核对",),
    "credential": ("{}", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'),
    "code": ("123456", "000000"),
    "identity": ("viewer", "nobody@example.cn"),
    "password": (PASSWORD, "wrong"),
    "current_password": (PASSWORD, "wrong"),
    "next": ("/admin/",),
    "version": ("1", "2"),
    "others": ("1",),
    "end": ("1",),
    "locale": ("zh_CN", "en"),
    "method": ("totp", "email", "sms"),
    "offset": ("0", "10"),
    "limit": ("20",),
}


@dataclass(frozen=True, slots=True)
class Route:
    """One rule of the URL map; *entity* and *view* only where it belongs to a screen."""

    rule: str
    methods: tuple[str, ...]
    entity: str
    view: str


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything a request can be made of."""

    routes: tuple[Route, ...]
    #: Entity → ids of its records, some of them in the trash.
    ids: Mapping[str, tuple[int, ...]]
    #: (entity, "new" or "edit") → the fields of that form as the page has them.
    forms: Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
    #: Entity → (record, file) of what is attached, and the ids of what lies in the trash.
    files: Mapping[str, tuple[tuple[int, int], ...]]
    binned: Mapping[str, tuple[int, ...]]

    def attributes(self, entity: str) -> Mapping[str, Attribute]:
        """Return the attributes of *entity*, of all kinds."""
        return SCREENS[entity].service.attributes()

    def rows(self, entity: str) -> dict[str, Mapping[str, Attribute]]:
        """Return the child rows of *entity*: collection → attributes of a row."""
        found = self.attributes(entity).items()
        return {name: attributes_of(a.target) for name, a in found if a.kind == "rows"}

    def ids_of(self, attribute: Attribute) -> tuple[int, ...]:
        """Return ids that a relation may hold."""
        service = SERVICES.get(attribute.target)  # type: ignore[arg-type]
        return self.ids.get(service.entity, (1,)) if service else (1,)

    def actions(self, entity: str) -> tuple[str, ...]:
        """Return the actions of *entity*."""
        return (*(action.name for action in SCREENS[entity].actions), "delete")


def routes_of(app: Flask) -> tuple[Route, ...]:
    """Return every rule of the URL map, in the order of the addresses."""
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        entity, _, view = rule.endpoint.partition(".")
        entity = entity if entity in SCREENS else ""
        methods = tuple(sorted((rule.methods or set()) & {"GET", "POST"}))
        found.append(Route(rule.rule, methods, entity, view if entity else ""))
    return tuple(found)
