"""The roles of the first start: the table "Who sees what" as data.

An administrator may change them later; what is here only fills an empty database.
"""

from dataclasses import dataclass

from app.core.words import N_
from app.domain.permissions import ENTITIES, Grants, Scope

OWN, DEPARTMENT, ALL = Scope.OWN, Scope.DEPARTMENT, Scope.ALL

SALES_EXPORT_ROWS = 10_000
AUDIT_EXPORT_ROWS = 10_000
MANAGER_EXPORT_ROWS = 1_000_000

#: Everybody sees in the trash what they deleted themselves.
_OWN_TRASH = {"trash": {"see": OWN}}


@dataclass(frozen=True, slots=True)
class DefaultRole:
    """A role as it is first made. *hidden* are field groups, *export_rows* caps one export."""

    label: str
    grants: Grants
    hidden: frozenset[str] = frozenset()
    export_rows: int = 0


def _every(entity: str, scope: Scope = ALL, *, but: tuple[str, ...] = ()) -> dict[str, Scope]:
    """Return all verbs of *entity* with *scope*, except those in *but*."""
    return {verb: scope for verb in ENTITIES[entity].verbs if verb not in but}


def _only(scope: Scope, *verbs: str) -> dict[str, Scope]:
    return dict.fromkeys(verbs, scope)


DEFAULT_ROLES: dict[str, DefaultRole] = {
    "admin": DefaultRole(
        N_("系统管理员"),
        {entity: _every(entity) for entity in ENTITIES},
        export_rows=MANAGER_EXPORT_ROWS,
    ),
    # Grants roles and resets access, but writes no other field of a user and sees no business data.
    "security": DefaultRole(
        N_("安全管理员"),
        {
            "user": _only(
                ALL, "see", "grant", "unlock", "end_sessions", "reset_password", "reset_mfa"
            ),
            "role": _every("role"),
            "loginlog": _only(ALL, "see"),
            **_OWN_TRASH,
        },
    ),
    "auditor": DefaultRole(
        N_("审计员"),
        {
            **{entity: _only(ALL, "see") for entity in ENTITIES},
            "audit": _only(ALL, "see", "export"),
            "loginlog": _only(ALL, "see", "export"),
        },
        export_rows=AUDIT_EXPORT_ROWS,
    ),
    "manager": DefaultRole(
        N_("经理"),
        {
            "customer": _every("customer"),
            "contact": _every("contact"),
            "order": _every("order"),
            "activity": _every("activity"),
            "trash": _every("trash"),
        },
        export_rows=MANAGER_EXPORT_ROWS,
    ),
    # Own customers and team, and the pool to claim from. Drafts and confirming within credit; what
    # the workshop and the shipping office do next is the clerk's.
    "sales": DefaultRole(
        N_("业务员"),
        {
            "customer": _only(
                OWN,
                *("see", "create", "edit", "delete", "restore", "export", "attach", "claim"),
            ),
            "contact": _only(OWN, "see", "create", "edit", "delete", "export"),
            "activity": _every("activity", OWN, but=("import",)),
            "order": _only(
                OWN,
                *("see", "create", "edit", "delete", "restore", "export", "attach", "confirm"),
            ),
            **_OWN_TRASH,
        },
        export_rows=SALES_EXPORT_ROWS,
    ),
    # All orders, but customers of the department only: an order for another department's customer
    # shows that customer as text. New orders need a customer within sight.
    "clerk": DefaultRole(
        N_("跟单"),
        {
            "customer": _only(DEPARTMENT, "see", "create", "edit", "export", "attach"),
            "contact": _only(DEPARTMENT, "see", "create", "edit", "delete", "export"),
            "activity": _every("activity", DEPARTMENT, but=("import", "restore"))
            | _only(OWN, "restore"),
            "order": _every("order", but=("override", "import", "restore", "unmask"))
            | _only(OWN, "restore"),
            **_OWN_TRASH,
        },
        export_rows=SALES_EXPORT_ROWS,
    ),
    # Writes the credit fields of a customer and nothing else of it.
    "finance": DefaultRole(
        N_("财务"),
        {
            "customer": _only(ALL, "see", "credit"),
            "contact": _only(ALL, "see"),
            "activity": _only(ALL, "see"),
            "order": _only(ALL, "see"),
            **_OWN_TRASH,
        },
    ),
    "viewer": DefaultRole(
        N_("访客"),
        {
            "customer": _only(DEPARTMENT, "see"),
            "contact": _only(DEPARTMENT, "see"),
            "activity": _only(DEPARTMENT, "see"),
            "order": _only(DEPARTMENT, "see"),
            **_OWN_TRASH,
        },
        hidden=frozenset({"phones", "money"}),
    ),
}


def separated(role: str, grants: Grants) -> dict[str, dict[str, Scope]]:
    """Return what is left of *grants* of *role* under the setting ``separate_duties``.

    三权分立, 等保 level 3: the administrator has no business data; only ``security`` grants roles.
    """
    kept = {entity: dict(verbs) for entity, verbs in grants.items()}
    if role == "admin":
        kept = {entity: verbs for entity, verbs in kept.items() if not ENTITIES[entity].is_business}
    if role != "security":
        kept["role"] = {v: s for v, s in kept.get("role", {}).items() if v == "see"}
        kept.get("user", {}).pop("grant", None)
    return {entity: verbs for entity, verbs in kept.items() if verbs}
