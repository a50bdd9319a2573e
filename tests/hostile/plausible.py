"""Requests that somebody could mean: each route with parameters it knows and values that fit."""

from random import Random
from urllib.parse import quote

from app.models.attributes import Attribute
from tests.hostile.contract import ASKED, GOOD, LIST, OPS, PAGES, SCREENS, SENT, Contract, Route
from tests.hostile.draft import FILE, TOKEN, Draft, Pairs

#: Who asks, by what the route belongs to: the clerk mostly for business, nobody for what is open.
WHO = {
    "business": ("admin", "clerk", "clerk"),
    "office": ("admin", "admin", "admin", "admin", "clerk"),
    "pages": ("admin", "clerk", ""),
}
BUSINESS = frozenset({"customer", "contact", "order", "activity", "trash"})
STRANGERS = 0.08  # how often nobody in particular tries


def plausible(rng: Random, contract: Contract, route: Route) -> Draft:
    """Return a request for *route* that the house might well grant."""
    method = rng.choice(route.methods or ("GET",))
    draft = Draft(_who(rng, route), method, _address(rng, contract, route))
    if route.entity:
        _ask(rng, contract, route, draft)
    elif method == "GET":
        draft.query = _some(rng, contract, "", PAGES.get(route.rule, ()))
    if method == "POST":
        draft.form = _form(rng, contract, route)
        draft.form.insert(0, (b"csrf_token", TOKEN))
        if rng.random() < (0.95 if route.view == "attach_view" else 0.1):
            draft.encoding = "multipart"
    return draft


def _who(rng: Random, route: Route) -> str:
    kind = "business" if route.entity in BUSINESS else "office" if route.entity else "pages"
    return "" if rng.random() < STRANGERS else rng.choice(WHO[kind])


def _address(rng: Random, contract: Contract, route: Route) -> bytes:
    filled = route.rule.replace("<export_type>", rng.choice(("csv", "xlsx")))
    filled = filled.replace("<token>", "x" * 43).replace(
        "<path:filename>", rng.choice(("app.css", "js/list.js"))
    )
    return quote(filled).encode()


def _ask(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    names = ASKED.get(route.view, ())
    draft.query = _some(rng, contract, route.entity, names)
    if names[: len(LIST)] == LIST:
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            draft.query.append(_filter(rng, contract, route.entity))
    if "id" in names and rng.random() < 0.9:  # without an id there is little to see
        draft.query = [pair for pair in draft.query if pair[0] != b"id"]
        draft.query.insert(0, (b"id", _record(rng, contract, route.entity)))
    _belonging(rng, contract, route, draft.query)


def _filter(rng: Random, contract: Contract, entity: str) -> tuple[bytes, bytes]:
    attributes = contract.attributes(entity)
    name = rng.choice(sorted(attributes))
    return f"flt_{name}_{rng.choice(OPS)}".encode(), fitting(rng, contract, attributes[name])


def _some(rng: Random, contract: Contract, entity: str, names: tuple[str, ...]) -> Pairs:
    chosen = [name for name in names if rng.random() < 0.5]
    return [(name.encode(), good(rng, contract, entity, name)) for name in chosen]


def _record(rng: Random, contract: Contract, entity: str) -> bytes:
    return str(rng.choice(contract.ids.get(entity) or (1,))).encode()


def good(rng: Random, contract: Contract, entity: str, name: str) -> bytes:
    """Return a value that the parameter *name* may well have."""
    if name in GOOD:
        return rng.choice(GOOD[name]).encode()
    if name == "file":
        return str(rng.choice(contract.files.get(entity) or ((1, 1),))[1]).encode()
    if name in ("id", "rowid", "list_form_pk", "before", "copy"):
        return _record(rng, contract, entity)
    if name == "action" and entity:
        return rng.choice(contract.actions(entity)).encode()
    if name == "field" and entity:
        masked = sorted(n for n, one in contract.attributes(entity).items() if one.group)
        return rng.choice(masked or ["id"]).encode()
    if name in ("owner", "customer"):
        return _record(rng, contract, "user" if name == "owner" else "customer")
    if entity and name in ("sort", "columns", "name"):
        return _named(rng, contract, entity, name)
    return rng.choice(("客户", "a", "13800000000", "测试原因", "1")).encode()


def _named(rng: Random, contract: Contract, entity: str, name: str) -> bytes:
    columns = sorted(contract.attributes(entity))
    if name == "columns":
        return ",".join(rng.sample(columns, min(3, len(columns)))).encode()
    if name == "name":
        columns += [
            f"{rows}.{one}" for rows, inner in contract.rows(entity).items() for one in inner
        ]
        return rng.choice(columns).encode()
    return (rng.choice(("", "-")) + rng.choice((*SCREENS[entity].column_list, *columns))).encode()


# -- forms ----------------------------------------------------------------------------------


def _form(rng: Random, contract: Contract, route: Route) -> Pairs:
    if not route.entity:
        return [
            (name.encode(), good(rng, contract, "", name))
            for name in PAGES.get(route.rule, ())
            if rng.random() < 0.9
        ]
    given = [
        (n.encode(), good(rng, contract, route.entity, n))
        for n in SENT.get(route.view, ())
        if rng.random() < 0.9
    ]
    if route.view == "action_view":
        given += [
            (b"rowid", _record(rng, contract, route.entity))
            for _ in range(rng.choice((0, 0, 1, 3)))
        ]
    _belonging(rng, contract, route, given)
    if route.view == "attach_view":
        given.append((b"file", FILE + str(rng.randrange(10**6)).encode()))
    if route.view == "ajax_update":
        editable = SCREENS[route.entity].column_editable_list or sorted(
            contract.attributes(route.entity)
        )
        name = rng.choice(list(editable))
        given.append(
            (name.encode(), fitting(rng, contract, contract.attributes(route.entity)[name]))
        )
    if route.view in ("create_view", "edit_view"):
        given += _record_form(rng, contract, route)
    return given


def _belonging(rng: Random, contract: Contract, route: Route, pairs: Pairs) -> None:
    """Let a file mostly be one of the record it is asked of, and what is restored lie in the trash."""
    if rng.random() < 0.2:
        return
    known: dict[bytes, int] = {}
    if route.view in ("attachment_view", "detach_view") and route.entity in contract.files:
        record, file = rng.choice(contract.files[route.entity])
        known = {b"id": record, b"file": file}
    elif route.view == "restore_view" and route.entity in contract.binned:
        known = {b"id": rng.choice(contract.binned[route.entity])}
    pairs[:] = [pair for pair in pairs if pair[0] not in known]
    pairs += [(name, str(value).encode()) for name, value in known.items()]


def _record_form(rng: Random, contract: Contract, route: Route) -> Pairs:
    """Return the form as its page has it, with what is required and some of the rest filled in."""
    kind = "new" if route.view == "create_view" else "edit"
    fields = {name: value.encode() for name, value in contract.forms.get((route.entity, kind), ())}
    attributes = contract.attributes(route.entity)
    for name, attribute in attributes.items():
        wanted = attribute.required and kind == "new"
        if attribute.kind not in ("rows", "internal") and (wanted or rng.random() < 0.15):
            fields[name] = fitting(rng, contract, attribute)
    if "form_token" in fields:
        fields["form_token"] = b"%032x" % rng.getrandbits(128)
    if "version" in fields and rng.random() < 0.1:
        fields["version"] = b"2"
    pairs = [(name.encode(), value) for name, value in fields.items()]
    for collection, inner in contract.rows(route.entity).items():
        for _ in range(rng.choice((0, 0, 1, 2))):
            pairs += row(rng, contract, collection, inner, str(rng.randrange(0, 9)))
    return pairs


def row(rng: Random, contract: Contract, collection: str, inner: object, number: str) -> Pairs:
    """Return the fields of one row of a child grid."""
    attributes: dict[str, Attribute] = dict(inner)  # type: ignore[call-overload]
    chosen = [name for name in attributes if attributes[name].required or rng.random() < 0.3]
    start = f"{collection}-{number}-"
    pairs = [((start + n).encode(), fitting(rng, contract, attributes[n])) for n in chosen]
    if rng.random() < 0.3:
        pairs.append(((start + "id").encode(), str(rng.randrange(1, 9)).encode()))
    if rng.random() < 0.15:
        pairs.append(((start + "delete").encode(), b"1"))
    return pairs


def fitting(rng: Random, contract: Contract, attribute: Attribute) -> bytes:
    """Return a value that *attribute* may well have."""
    kind = attribute.kind
    if kind in ("relation", "relations"):
        return str(rng.choice(contract.ids_of(attribute) or (1,))).encode()
    if attribute.words is not None:
        return str(rng.choice(list(attribute.words)).value).encode()
    simple = {
        "flag": ("1",),
        "date": ("2026-11-24", "2027-01-05"),
        "instant": ("2026-11-24T10:30",),
        "phone": (f"139{rng.randrange(10**8):08d}",),
        "email": (f"a{rng.randrange(10**6)}@example.cn",),
        "link": ("https://example.cn/",),
        "integer": ("1", "1000"),
        "percent": ("13", "5.5"),
    }
    if kind in simple:
        return rng.choice(simple[kind]).encode()
    if kind in ("money", "price"):
        return rng.choice(("0", "12.5", "1,000.25")).encode()
    return f"纸品{rng.randrange(10**9)}".encode()
