"""How a request that could be meant becomes one that could not: values, names, shapes, paths, methods."""

from collections.abc import Callable
from random import Random

from tests.hostile.contract import OPS, Contract, Route
from tests.hostile.draft import TOKEN, Draft, Pairs
from tests.hostile.plausible import fitting, row
from tests.hostile.values import HUGE, LONG, hostile, long_text

Mutation = Callable[[Random, Contract, Route, Draft], None]
METHODS = (
    *("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "post", "FROB"),
    *("GET", "POST", "G" * 300),
)


def kind_of(contract: Contract, route: Route, name: bytes) -> str:
    """Return the kind of the attribute that the parameter *name* stands for; "" if of none."""
    if not route.entity:
        return ""
    word = name.decode("utf-8", "replace")
    attributes = contract.attributes(route.entity)
    if word.startswith("flt_"):
        word = word[4:].rpartition("_")[0]
    collection, _, rest = word.partition("-")
    inner = contract.rows(route.entity).get(collection)
    if inner is not None:
        attributes, word = inner, rest.partition("-")[2]
    if word in ("id", "version", "page", "rowid", "limit", "offset", "before", "list_form_pk"):
        return "integer"
    return attributes[word].kind if word in attributes else ""


def poison(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Give one parameter a hostile value."""
    pairs = _pairs(rng, draft)
    places = [i for i, (name, _) in enumerate(pairs) if name != b"csrf_token"]
    if not places:
        pairs.append((rng.choice((b"id", b"search", b"name", b"next", b"format")), hostile(rng)))
        draft.note("poisoned addition")
        return
    at = rng.choice(places)
    name = pairs[at][0]
    pairs[at] = (name, hostile(rng, kind_of(contract, route, name)))
    draft.note(f"poisoned {name.decode('utf-8', 'replace')[:40]}")


def poison_much(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Give most parameters hostile values."""
    for pairs in (draft.query, draft.form):
        for at, (name, _) in enumerate(pairs):
            if name != b"csrf_token" and rng.random() < 0.6:
                pairs[at] = (name, hostile(rng, kind_of(contract, route, name)))
    draft.note("poisoned all over")


def bloat(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Make one value very long; an address has its limit at the server."""
    pairs = _pairs(rng, draft)
    length = (
        rng.choice((LONG, LONG, LONG, HUGE))
        if pairs is draft.form and rng.random() < 0.3
        else 7_000
    )
    if pairs and (at := rng.randrange(len(pairs))) >= 0 and pairs[at][0] != b"csrf_token":
        pairs[at] = (pairs[at][0], long_text(rng, length))
    else:
        pairs.append((b"search", long_text(rng, length)))
    draft.note("bloated")


def rename(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Bend the name of one parameter."""
    pairs = _pairs(rng, draft)
    name, value = pairs.pop(rng.randrange(len(pairs))) if pairs else (b"id", b"1")
    bent = rng.choice(
        (
            *(name + b"[]", name + b"[0]", name + b"[$ne]", name.upper(), b" " + name),
            *(name + b"\0", b"", hostile(rng), name * 50, b"_" + name, name + b".x"),
        )
    )
    pairs.append((bent, value))
    draft.note("renamed")


def reshape(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Leave out, repeat, contradict, reorder – or pour out thousands of parameters."""
    pairs = _pairs(rng, draft)
    dice = rng.random()
    if dice < 0.3 and pairs:
        pairs.pop(rng.randrange(len(pairs)))
    elif dice < 0.6 and pairs:
        name, _ = rng.choice(pairs)
        pairs += [(name, hostile(rng)) for _ in range(rng.choice((1, 2, 20)))]
    elif dice < 0.8:
        rng.shuffle(pairs)
        draft.query, draft.form = (
            (draft.form, draft.query) if rng.random() < 0.3 else (draft.query, draft.form)
        )
    elif dice < 0.97 or pairs is draft.query:
        pairs += [(b"a%d" % i, b"") for i in range(rng.choice((50, 300)))]
    else:
        pairs += [
            (rng.choice((b"rowid", b"a", b"lines-%d-quantity" % i)), b"1")
            for i in range(rng.choice((1_001, 10_001, 60_000)))
        ]
        draft.encoding = rng.choice(("form", "multipart"))
    draft.note("reshaped")


def filters(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Filter a list by any attribute, operation and value."""
    if not route.entity:
        return
    attributes = contract.attributes(route.entity)
    for _ in range(rng.choice((1, 2, 10))):
        name = rng.choice((*attributes, "password_hash", "__class__", "customer.name", ""))
        op = rng.choice((*OPS, *OPS, "gt", "like", "", "eq_eq"))
        kind = attributes[name].kind if name in attributes else ""
        value = hostile(rng, kind)
        if op == "in":
            value = b",".join(
                [value] + [hostile(rng, kind) for _ in range(rng.choice((1, 3, 101)))]
            )
        draft.query.append((f"flt_{name}_{op}".encode(), value))
    draft.note("filtered")


def grids(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Add child rows with impossible numbers, foreign ids, repeated ids, unknown columns."""
    rows = contract.rows(route.entity) if route.entity else {}
    if not rows or draft.method == "GET":
        return poison(rng, contract, route, draft)
    collection = rng.choice(sorted(rows))
    inner = rows[collection]
    for _ in range(rng.choice((1, 2, 4, 40))):
        number = rng.choice(
            (
                *("0", "1", "7", "999", "9999", "99999", "9" * 12, "-1", "00", "+1", "1.5", ""),
                *("x", "²", "٣", "１", "0-0", "\0"),
            )
        )
        pairs = row(rng, contract, collection, inner, number)
        if rng.random() < 0.7:
            attribute = rng.choice(
                (*inner, "id", "id", "delete", "version", "order_id", "__class__", "")
            )
            value = (
                rng.choice(("1", "1", "2", "3", "999999", "-1", str(2**63), "", "1,2")).encode()
                if attribute == "id"
                else hostile(rng, kind_of(contract, route, f"{collection}-0-{attribute}".encode()))
            )
            pairs.append((f"{collection}-{number}-{attribute}".encode(), value))
        draft.form += pairs
    draft.note("rows")
    return None


def foreign_fields(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Send fields that no form has: what is computed, kept, or another table's."""
    names = [
        *("id", "version", "created_at", "owner", "password_hash", "roles", "amount", "status"),
        *("deleted_at", "grants", "is_active", "form_token", "csrf_token", "_method", "rowid"),
    ]
    if route.entity:
        names += list(contract.attributes(route.entity))
        attributes = contract.attributes(route.entity)
    else:
        attributes = {}
    for name in rng.sample(names, 3):
        fits = name in attributes and attributes[name].kind != "rows" and rng.random() < 0.5
        value = (
            fitting(rng, contract, attributes[name])
            if fits
            else hostile(rng, kind_of(contract, route, name.encode()))
        )
        (draft.form if draft.method == "POST" else draft.query).append((name.encode(), value))
    draft.note("foreign fields")


def token(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Come without the token, with a bent one, with several, or with it in a header."""
    draft.form = [pair for pair in draft.form if pair[0] != b"csrf_token"]
    choice = rng.randrange(5)
    if choice == 0:
        draft.headers["X-CSRFToken"] = TOKEN
    elif choice == 1:
        draft.form.append((b"csrf_token", hostile(rng)))
    elif choice == 2:
        draft.form += [(b"csrf_token", TOKEN + b"x"), (b"csrf_token", TOKEN)]
    elif choice == 3:
        draft.headers["X-CSRFToken"] = _header(rng)
    draft.note("token")


def _header(rng: Random) -> bytes:
    return hostile(rng).replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")


def method(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Ask in another way."""
    draft.method = rng.choice(METHODS)
    if rng.random() < 0.5:
        draft.headers["X-CSRFToken"] = TOKEN
    draft.note("method")


def path(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Bend the path: slashes, dots, cases, encodings, parameters."""
    at = draft.path
    last = at.rstrip(b"/").rpartition(b"/")[2] or b"x"
    cut = rng.randrange(len(at)) + 1
    value = b"".join(b"%%%02X" % byte for byte in hostile(rng)[:300])
    draft.path = rng.choice(
        (
            *(b"/" + at, at.rstrip(b"/"), at + b"/", at + b".", at + b"./", at + b"../"),
            *(at + b"..;/", at + b";x=1", at.replace(b"/", b"//"), at.replace(b"/", b"/./")),
            *(at.replace(b"/", b"%2f"), at.replace(b"/", b"%5c"), at.upper(), at.title()),
            *(at[:cut] + b"%00" + at[cut:], at[:cut] + value + at[cut:]),
            *(at.replace(b"a", b"%61"), b"/%2e%2e" + at, b"/static/.." + at),
            *(b"/static/%2e%2e%2fapp.db", at + value, b"/" + value, at.replace(last, value)),
            *(at + b"%20", at + b"%0d%0aX-Zqx:1", b"http://localhost" + at, b"*", at + b"#x"),
            *(at + b"%ED%A0%80", b"/reset-password/" + value),
        )
    )
    draft.note("path")


def rawness(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Leave bytes in the address that should have been encoded."""
    draft.note("raw query")


def _pairs(rng: Random, draft: Draft) -> Pairs:
    """Return the parameters in the body, mostly, where there is one; else those of the address."""
    return draft.form if draft.method == "POST" and rng.random() < 0.8 else draft.query
