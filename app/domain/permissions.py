"""Who may do what: a permission is ``<entity>.<verb>``, granted with a scope, bundled in roles.

This page holds the words and their rules; app/domain/role.py the roles of the first start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.invalid import InvalidValue
from app.core.words import N_, Phrase, Word


class Scope(Word):
    """How far a grant reaches, each including the ones before it.

    For a customer: *own* are those the user owns and those whose team the user is in (writing
    needs a team access of ``write``); *subordinates* adds the people below the user, *department*
    everybody of the user's department. Contacts and orders follow their customer, whoever created
    them; to create one means: below a customer within the scope. For ``restore`` and ``trash``,
    *own* is what the user deleted. A customer without an owner (the pool) belongs to nobody: it is
    seen by whoever may claim it, and by *all* – and written only by *all*.
    """

    OWN = "own", N_("本人")
    SUBORDINATES = "subordinates", N_("本人及下属")
    DEPARTMENT = "department", N_("本部门")
    ALL = "all", N_("全部")

    @property
    def rank(self) -> int:
        """Return 0 for the narrowest; a wider scope ranks higher."""
        return list(Scope).index(self)


Grants = Mapping[str, Mapping[str, Scope]]

#: Verb → label. The names of actions are verbs too; the last seven guard fields, not pages.
VERBS: dict[str, str] = {
    "see": N_("查看"),
    "create": N_("添加"),
    "edit": N_("编辑"),
    "delete": N_("删除"),
    "restore": N_("恢复"),
    "export": N_("导出"),
    "import": N_("导入"),
    "attach": N_("管理附件"),
    "confirm": N_("确认"),
    "produce": N_("投产"),
    "ship": N_("发货"),
    "complete": N_("完成"),
    "cancel": N_("取消订单"),
    "short_close": N_("强制完工"),
    "reopen": N_("反审核"),
    "claim": N_("领取客户"),
    "release": N_("放入公海"),
    "transfer": N_("转移客户"),
    "unlock": N_("解除锁定"),
    "end_sessions": N_("结束登录"),
    "reset_password": N_("重设密码"),
    "reset_mfa": N_("重设两步验证"),
    "override": N_("信用放行"),
    "credit": N_("修改信用额度和付款方式"),
    "owner": N_("修改负责人"),
    "grant": N_("授予角色"),
    "unmask": N_("查看隐藏内容"),
}

#: Whoever may bring customers out of the pool also sees them there; this widens ``see``, no more.
POOL_VERB = "claim"

_KEEP = ("see", "create", "edit", "delete", "restore", "export", "import")


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record in the panel, with the *verbs* and the *scopes* that make sense for it."""

    label: str
    verbs: tuple[str, ...]
    scopes: tuple[Scope, ...] = (Scope.ALL,)
    is_business: bool = False


#: Entity → what may be granted on it. Nothing else can be: nobody edits the audit.
ENTITIES: dict[str, Entity] = {
    "customer": Entity(
        N_("客户信息"),
        (*_KEEP, "attach", "claim", "release", "transfer", "credit", "owner", "unmask"),
        tuple(Scope),
        is_business=True,
    ),
    # A contact is deleted for good, so there is nothing to restore.
    "contact": Entity(
        N_("客户联系方式"),
        ("see", "create", "edit", "delete", "export", "import", "unmask"),
        tuple(Scope),
        is_business=True,
    ),
    "order": Entity(
        N_("客户订单"),
        (
            *_KEEP,
            "attach",
            *("confirm", "produce", "ship", "complete", "cancel", "short_close", "reopen"),
            *("override", "unmask"),
        ),
        tuple(Scope),
        is_business=True,
    ),
    "activity": Entity(N_("跟进"), (*_KEEP, "attach"), tuple(Scope), is_business=True),
    "user": Entity(
        N_("用户"),
        (
            *("see", "create", "edit", "delete", "export"),
            *("grant", "unlock", "end_sessions", "reset_password", "reset_mfa", "unmask"),
        ),
    ),
    "role": Entity(N_("角色"), ("see", "create", "edit", "delete")),
    "department": Entity(N_("部门"), ("see", "create", "edit", "delete")),
    "dictionary": Entity(N_("字典"), ("see", "create", "edit", "delete")),
    "setting": Entity(N_("设置"), ("see", "edit")),
    "audit": Entity(N_("审计"), ("see", "export")),
    "loginlog": Entity(N_("登录日志"), ("see", "export")),
    "trash": Entity(N_("回收站"), ("see",), (Scope.OWN, Scope.ALL), is_business=True),
}

#: What could be granted once: kinds of records without a trash. Roles of older houses still name it.
FORMER = frozenset(f"{entity}.restore" for entity in ("user", "role", "department", "dictionary"))

#: Fields that need a verb of their own; ``edit`` alone shows them but does not write them.
FIELD_VERBS: dict[str, dict[str, str]] = {
    "customer": {"credit_limit": "credit", "payment_terms": "credit", "owner": "owner"},
    "user": {"roles": "grant"},
}

#: Field groups a role sees masked; which fields are in one, the models say. E-mail and WeChat
#: are among the phones because both are often the mobile number itself.
HIDDEN_LABELS: dict[str, str] = {"phones": N_("电话"), "money": N_("金额")}


def edit_doors(entity: str) -> frozenset[str]:
    """Return the verbs of which any opens the edit page: finance keeps credit, and only that."""
    return frozenset({"edit", *FIELD_VERBS.get(entity, {}).values()})


def field_verb(entity: str, field: str) -> str:
    """Return the verb that writing *field* needs; ``edit`` for most."""
    return FIELD_VERBS.get(entity, {}).get(field, "edit")


def widest(scopes: Iterable[Scope]) -> Scope | None:
    """Return the widest of *scopes*; None if there are none."""
    return max(scopes, key=lambda scope: scope.rank, default=None)


def merged(many: Iterable[Grants]) -> dict[str, dict[str, Scope]]:
    """Return what somebody may do who holds several roles: of each permission the widest scope."""
    result: dict[str, dict[str, Scope]] = {}
    for grants in many:
        for entity, verbs in grants.items():
            kept = result.setdefault(entity, {})
            for verb, scope in verbs.items():
                kept[verb] = widest([scope, kept.get(verb, scope)]) or scope
    return result


def shows_masked(entity: str) -> bool:
    """Tell whether records of *entity* show what may be masked; the audit speaks of all of them."""
    return entity == "audit" or ENTITIES[entity].is_business or "unmask" in ENTITIES[entity].verbs


def hidden_from(roles: Iterable[tuple[Grants, Iterable[str]]]) -> frozenset[str]:
    """Return the field groups masked for somebody with these roles: (grants, hidden groups) each.

    A group is shown only if, for every entity seen that has something to mask, a role that sees it at the widest
    scope shows it: a role with a narrower view must not unmask what the wide one masks. The same goes for the
    pool, which only some roles lead to. Whoever sees nothing of the kind is shown nothing in clear.
    """
    held = [(grants, frozenset(hidden)) for grants, hidden in roles]
    views: list[list[frozenset[str]]] = []
    for name in filter(shows_masked, ENTITIES):
        seen = [(g[name]["see"], hidden) for g, hidden in held if "see" in g.get(name, {})]
        top = widest(scope for scope, _ in seen)
        views.append([hidden for scope, hidden in seen if scope is top])
    if any(POOL_VERB in g.get("customer", {}) for g, _ in held):
        views.append([hidden for grants, hidden in held if _leads_to_pool(grants)])
    if not any(views):
        return frozenset[str]().union(*(hidden for _, hidden in held))
    return frozenset[str]().union(*(frozenset.intersection(*view) for view in views if view))


def _leads_to_pool(grants: Grants) -> bool:
    verbs = grants.get("customer", {})
    return POOL_VERB in verbs or verbs.get("see") is Scope.ALL


def clean_grants(raw: object) -> dict[str, dict[str, Scope]]:
    """Return *raw* – entity → verb → scope key, from a form or the database – as grants.

    Raises InvalidValue for anything unknown, and for a verb that reaches further than ``see``.
    """
    if not isinstance(raw, Mapping):
        raise InvalidValue(N_("权限格式不正确。"))
    return {str(name): _clean_verbs(str(name), verbs) for name, verbs in raw.items() if verbs}


def _clean_verbs(name: str, raw: object) -> dict[str, Scope]:
    entity = ENTITIES.get(name)
    if entity is None or not isinstance(raw, Mapping):
        raise InvalidValue(N_("权限格式不正确。"))
    verbs: dict[str, Scope] = {}
    for verb, key in raw.items():
        if f"{name}.{verb}" in FORMER:
            continue
        scope = Scope.of(key)
        if verb not in entity.verbs or scope not in entity.scopes:
            raise InvalidValue(N_("权限格式不正确。"))
        verbs[verb] = scope
    sight = verbs.get("see")
    for verb, scope in verbs.items():
        if sight is None or scope.rank > sight.rank:
            raise InvalidValue(
                N_("%(entity)s：“%(verb)s”的范围不能大于“查看”的范围。"),
                entity=Phrase(entity.label),
                verb=Phrase(VERBS[verb]),
            )
    return verbs
