"""Mutations of what surrounds the parameters: headers, cookies, and bodies of other kinds."""

import json
from random import Random
from typing import Any

from tests.hostile.contract import Contract, Route
from tests.hostile.draft import BOUNDARY, FORM, SESSION, TOKEN, Draft
from tests.hostile.values import hostile, long_text

#: Header → values it is tried with; None stands for a hostile one.
HEADERS: dict[str, tuple[bytes | None, ...]] = {
    "Host": (
        *(b"", b"evil.example", b"localhost:99999", b"localhost:x", b"[::1", b"[::1]:80"),
        *(b"localhost@evil", b"LOCALHOST.", b"a b", b"127.0.0.1:8000", b"\xff"),
        *(b"localhost,evil", None),
    ),
    "Origin": (
        *(b"null", b"https://evil.example", b"http://localhost", b"http://localhost:8000"),
        *(b"http://[", b"", b"http://localhost.evil.example", None),
    ),
    "Referer": (
        *(b"https://evil.example/", b"http://[", b"//", b"http://localhost/admin/?next=//x"),
        *(b"javascript:zqx(1)", b"http://localhost/\\evil", b"http://localhost//evil.example/"),
        *(b"http://localhost:x/", None),
    ),
    "Accept": (
        *(b"application/json;q=abc", b"*/*;q=", b"application/json"),
        *(b"text/html;q=0,application/json", b"," * 2000, b'a/b;c="'),
        *(b"application/json;q=1e309", b"text/*;q=\xc2\xb2", None),
    ),
    "Accept-Language": (
        *(b"en", b"zh-Hant-TW;q=0.9", b"*", b"x" * 5000, b"en;q=nan", b"../../en"),
        *(b"en_US.UTF-8", b"a-" * 500, b"zh-", None),
    ),
    "Accept-Encoding": (b"gzip;q=x", b"*;q=0", b"identity;q=0", None),
    "Cookie": (
        *(b"sid=" + SESSION + b"x", b"sid=." + SESSION, b"sid=; sid=" + SESSION),
        *(b'sid="' + SESSION, b"sid=eyJ9.x.y", b"sid=.eJw.x.y", b"sid"),
        b"sid=" + SESSION + b"; remember=x; device=x; trust=x; reset=x",
        *(b"sid=" + SESSION + b"; reset=" + b"x" * 43, b"x=" + b"y" * 60_000),
        *(b"sid=" + SESSION + b"; remember=1:\xff", b"; ;=;a=;", b'sid="\\777\\000"'),
        *(b"$Version=1; sid=x", b"sid=" + SESSION + b"; device=gAAAAA==", None),
    ),
    "X-Forwarded-For": (b"127.0.0.1", b"a,b,c", b"::ffff:1", b"%s" * 99, None),
    "X-Forwarded-Host": (b"evil.example", None),
    "X-Forwarded-Proto": (b"https", b"gopher", None),
    "Forwarded": (b"for=1;host=evil", b'for="[', None),
    "X-Background": (b"1", b"2", None),
    "X-Requested-With": (b"XMLHttpRequest", None),
    "X-CSRFToken": (TOKEN, b"", None),
    "Range": (
        *(b"bytes=0-1", b"bytes=9-1", b"bytes=-9999999999999999999999", b"bytes=0-0,1-1"),
        *(b"x=1-2", b"bytes=a-b", None),
    ),
    "If-None-Match": (b"*", b'"x"', b"W/", b'"', None),
    "If-Match": (b"*", b'"x"', None),
    "If-Modified-Since": (
        *(b"Thu, 01 Jan 1970 00:00:00 GMT", b"Mon, 99 Foo 99999999999 99:99:99", b"0", None),
    ),
    "If-Unmodified-Since": (b"Thu, 01 Jan 1970 00:00:00 GMT", b"x", None),
    "If-Range": (b'"x"', b"x", None),
    "X-HTTP-Method-Override": (b"DELETE", b"GET", None),
    "Transfer-Encoding": (b"chunked", b"gzip, chunked", b"x", None),
    "Authorization": (
        *(b"Basic x", b"Basic \xff", b"Basic Og==", b"Bearer ", b'Digest a="', b"Negotiate"),
        *(b"\xff", None),
    ),
    "Sec-Fetch-Site": (b"cross-site", b"same-origin", None),
    "User-Agent": (b"", b"x" * 20_000, b"Chrome Windows \x00", b"%n%s{0}", None),
    "Content-Length": (
        *(b"0", b"1", b"99999999999", b"-1", b"abc", b"", b"1e3", b"+5", b"\xb2", b"9" * 5000),
    ),
    "Expect": (b"100-continue", b"x"),
    "Content-Encoding": (b"gzip", b"deflate", b"x"),
    "Date": (b"x",),
}
KINDS = (
    *(b"", b"text/plain", b"application/json", b"application/json; charset=utf-16"),
    *(b"application/xml", b"*/*", b"/", b"a", FORM + b"; charset=utf-7"),
    *(FORM + b"; charset=utf-16", FORM + b"; charset=gb18030", FORM + b"; charset=\xff"),
    *(FORM + b"; charset=zlib", FORM + b"; charset=idna", FORM + b"; charset=rot13"),
    *(FORM + b"; charset=x-unknown", FORM + b";;;=", b"multipart/form-data"),
    *(b"multipart/form-data; boundary=", b"multipart/form-data; boundary=" + b"b" * 5000),
    *(b"multipart/form-data; boundary=\xff", b'multipart/form-data; boundary="'),
    *(b"multipart/form-data; boundary*=utf-16''x", b"multipart/mixed; boundary=x"),
    *(b"application/json; boundary=" + BOUNDARY, b"application/x-www-form-urlencoded\0"),
    b"x" * 9000,
)
DISPOSITIONS = (
    b'form-data; name="file"; filename="../../x.csv"',
    b"form-data; name=\"file\"; filename*=utf-8''%ff%00.xlsx",
    b"form-data; name=\"file\"; filename*=utf-16''x",
    *(b"form-data; name=\"file\"; filename*=zlib''x", b"form-data; name=file", b"form-data"),
    *(b"", b"attachment", b'form-data; name="', b'form-data; name="a\\'),
    *(b"form-data; name*=gb18030''%81", b"form-data; name*0=a; name*1=b"),
    *(b'form-data; name="search"; filename=""', b'form-data; name="a"; filename="con.\0xlsx"'),
    *(b'form-data; name="\xff"', b"form-data; name*=idna''%ff"),
    *(b"form-data; name*=utf-7''+AG-", b"form-data; name*=undefined''a"),
    *(b"form-data; filename*=''a; name=x", b"form-data; name*=punycode''%ff%fe"),
)


def headers(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Send one to three headers as no browser would."""
    for name in rng.sample(sorted(HEADERS), rng.choice((1, 1, 2, 3))):
        value = rng.choice(HEADERS[name])
        draft.headers[name] = clean(hostile(rng)) if value is None else value
        draft.note(name)


def clean(value: bytes) -> bytes:
    """Return *value* without what ends a header; the raw sockets send that, too."""
    return value.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")


def content_type(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Say the body is of another kind than it is."""
    draft.headers["Content-Type"] = rng.choice(KINDS)
    if rng.random() < 0.5:
        draft.headers["X-CSRFToken"] = TOKEN
    draft.note("content type")


def as_json(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Send the form as JSON with values of wrong types, or JSON that is none."""
    draft.headers["Content-Type"] = rng.choice(
        (b"application/json", b"application/json; charset=utf-8", b"application/vnd.api+json")
    )
    draft.headers["X-CSRFToken"] = TOKEN
    if draft.method != "POST" and rng.random() < 0.5:
        draft.method = "POST"
    names = [name.decode("utf-8", "replace") for name, _ in draft.form] or [
        "identity",
        "credential",
        "name",
    ]
    chosen: Any = {name: _thing(rng, 3) for name in names if name != "csrf_token"}
    text = json.dumps(
        rng.choice((chosen, chosen, chosen, [chosen], _thing(rng, 4))),
        ensure_ascii=rng.random() < 0.5,
    )
    draft.body = (
        rng.choice(
            (text.encode("utf-8", "surrogatepass"), text.encode("utf-16", "surrogatepass"), *BROKEN)
        )
        if rng.random() < 0.4
        else text.encode("utf-8", "surrogatepass")
    )
    draft.note("JSON")


BROKEN = (
    *(b"", b"{", b"[" * 20_000, b'{"a":' * 20_000, b'{"a":1,"a":{}}', b"NaN", b"-Infinity"),
    *(b'"\\ud800"', b"\xff\xfe", b"null", b'{"identity":{}}', b'{"credential":[]}'),
    *(b'{"credential":{"id":{},"rawId":1,"response":"x","type":null}}', b"1" * 5000, b"'x'"),
    b'{"credential":{"id":"x","rawId":"x","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"","userHandle":1}}}',
    b"\xef\xbb\xbf{}",
)


def _thing(rng: Random, deep: int) -> Any:
    """Return anything that JSON can hold."""
    simple: tuple[Any, ...] = (
        *(None, True, 0, -1, 10**400, 2**63, 1e308, "", "\ud800", "\0", [], {}),
        hostile(rng, bytes_too=False).decode(),
    )
    if deep and rng.random() < 0.4:
        inner = _thing(rng, deep - 1)
        return rng.choice(
            (
                *([inner], {"id": inner}, {"": inner}, [inner] * 3),
                {"type": "public-key", "response": inner},
            )
        )
    return rng.choice(simple)


def multipart(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Send parts that are cut, badly named, without end, or of strange encodings."""
    draft.encoding = "multipart"
    draft.headers["Content-Type"] = b"multipart/form-data; boundary=" + BOUNDARY
    draft.headers["X-CSRFToken"] = TOKEN
    parts = b"".join(_part(rng, pair) for pair in (draft.form or [(b"file", b"x")]))
    body = parts + b"--" + BOUNDARY + b"--\r\n"
    draft.body = rng.choice(
        (
            *(body, body, body[: len(body) // 2], parts, body.replace(b"\r\n", b"\n")),
            *(b"preamble\r\n" + body + b"epilogue", body[2:], b"--" + BOUNDARY),
            b"\r\n" * 5000 + body,
        )
    )
    draft.method = "POST"
    draft.note("multipart")


def _part(rng: Random, pair: tuple[bytes, bytes]) -> bytes:
    disposition = (
        rng.choice(DISPOSITIONS) if rng.random() < 0.4 else b'form-data; name="' + pair[0] + b'"'
    )
    more = rng.choice(
        (
            *(b"", b"", b""),
            b"\r\nContent-Type: text/plain; charset="
            + rng.choice((b"utf-16", b"zlib", b"\xff", b"utf-7", b"idna", b"undefined")),
            *(b"\r\nContent-Transfer-Encoding: base64", b"\r\nX: " + b"y" * 9000, b"\r\n : x"),
            b"\r\nnocolon",
        )
    )
    return (
        b"--"
        + BOUNDARY
        + b"\r\nContent-Disposition: "
        + disposition
        + more
        + b"\r\n\r\n"
        + pair[1]
        + b"\r\n"
    )


def odd_body(rng: Random, contract: Contract, route: Route, draft: Draft) -> None:
    """Send a body that is no form: none, bytes, text cut in the middle of an escape."""
    draft.headers.setdefault("Content-Type", FORM)
    draft.headers["X-CSRFToken"] = TOKEN
    draft.method = rng.choice(("POST", "POST", "POST", "GET", "DELETE"))
    draft.body = rng.choice(
        (
            *(b"", b"%", b"a=%f", b"a=%ff%fe&%ed%a0%80=1", b"&&&;;;===", b"\x00" * 100),
            *(b"\x1f\x8b\x08", b"=", long_text(rng, 300_000), b"+" * 9000),
            *(b"name=" + hostile(rng), "name=上海".encode("gb18030")),
            b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        )
    )
    draft.note("body")
