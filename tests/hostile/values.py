"""Hostile values, as bytes: what people, scanners and bad luck put into a parameter.

None of them contains a word of ``judging.LEAKS``, so that such a word in an answer is always ours.
"""

from random import Random

#: Never to be found unescaped in a page; ``MARK`` tells our markup from the page's own.
MARK = "zqx"
#: What a template that evaluates ``7*7*27191`` would show.
PRODUCT = "1332359"

SQL = [
    *("'", '"', "\\", "''", "\\'", "%", "_", "%%", "\\%", ";", "--", "/*", "*/", "' or '1'='1"),
    *("1)", "1; drop table users--", "' uNiOn SeLeCt null--", "') or 1=1--", "1 or sleep(9)"),
    *("0x27", "$$", "$1", ":name", "?", "%s", "%(x)s", "%(n)d", "{0}", "{}", "{0.__class__}"),
    "{x!r:>999999}",
]
TEMPLATES = [
    *("{{7*7*27191}}", "${7*7*27191}", "#{7*7*27191}", "<%= 7*7*27191 %>", "{% if %}", "{{"),
    "}}",
]
MARKUP = [
    *(f"<svg/onload={MARK}(1)>", f"</script><{MARK}>", f'" onmouseover={MARK} x="'),
    *(f"' onmouseover={MARK} x='", f"</textarea></title><{MARK}>", f"javascript:{MARK}(1)"),
    *(f"<!--<{MARK}>-->", f"&lt;{MARK}&#0;&#x110000;", f"]]><{MARK}>"),
]
PATHS = [
    *("../../etc/passwd", "..\\..\\windows", "/etc/passwd", "//evil.example"),
    *("\\\\evil.example", "https://evil.example/", "/\\evil.example", "/%2f/evil.example"),
    *("file:///etc/passwd", "http://[", "http://[::1", "//[", "/admin/?next=//evil.example"),
    *("\t//evil.example", "C:\\con", "/admin/\r\nX: 1"),
]
UNICODE = [
    *(
        "中文",
        "ｆｕｌｌ ｗｉｄｔｈ",
        "１２３",
        "٣٤",
        "²",
        "Ⅷ",
        "①",
        "½",
        "十二",
        "\u0660",
        "𝟙𝟚",
        "৩",
        "\u200b",
    ),
    *("\ufeff", "\u202e反", "\u2066", "a\u0301", "ﬃ", "ß", "İ", "ı", "K", "😀👨‍👩‍👧", "𠮷野家"),
    *("\U0010ffff", "\ufffe", "\uffff", "\u2028", "\u2029", "\x85", "\xa0", "\u3000"),
    "Z͑ͫ̓" * 40,
]
CONTROLS = [
    *("\0", "a\0b", "\r\n", "\n", "\r", "\t", "\x0b", "\x1b[2J", "\x7f", "\x08"),
    *("\r\nX-Zqx: 1", " ", ""),
]
NUMBERS = [
    *("-1", "0", "-0", "+1", "1.0", "1.5", "01", " 1", "1 ", "1_0", "1e3", "1e309", "-1e309"),
    *("0x10", "0b1", "NaN", "nan", "sNaN", "Infinity", "-inf", "1,000", "1，000", "1,,0", ".5"),
    *("5.", "１２", "١٢", "²", "Ⅷ", str(2**31), str(2**31 - 1), str(2**63), str(2**63 - 1)),
    *(str(-(2**63)), str(2**64), "9" * 18, "9" * 19, "0." + "0" * 30 + "1"),
    *("99999999999999.99", "1e-400", "1E+5000", "1" + "0" * 400, "-" + "9" * 5000),
    *("99999999999999999.9999", "--1", "+-1", "1e", "e1", "∞", "1/2", "1٫5", "100.00001"),
    "1" * 4301,
]
DATES = [
    *("0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2024-02-29"),
    *("2026-13-01", "1900-01-01", "1986-05-04", "1986-05-04T00:30", "1991-09-15T00:30"),
    *("1940-06-01T00:30", "26-1-1", "2026-11-24T25:00", "2026-11-24T12:00"),
    *("2026-11-24T12:00:60", "2026-11-24T12:00+08:00", "2026-11-24T12:00Z"),
    *("2026-11-24T12:00-23:59", "2026-11-24T12:00+24:00", "9999-12-31T23:59"),
    *("9999-12-31T23:59:59.999999-12:00", "0001-01-01T00:00", "0001-01-01T00:00+14:00"),
    *(
        "20261124",
        "2026-W48-2",
        "2026-328",
        "2026-11-24 12:00",
        "２０２６-１１-２４",
        "-2026-11-24",
    ),
    *("1700000000", "now", "2026-11-24T12:00:00.1234567", "2026-11-24T", "T12:00"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59Z"),
]
WORDS = [
    *("None", "null", "true", "false", "on", "[]", "{}", "[object Object]", "undefined", "id"),
    *("password", "__class__", "metadata", "registry", "query", "A,B,C", ",", ",,,", "1,2"),
    *("1," * 200, "-", "--", "a.b", "a..b", "owner.name", "name desc", "-name", "--name"),
    *("customer_id", "*", "a" * 300, "=", "&"),
]
#: No UTF-8, or no text at all.
BYTES = [
    *(b"\xff", b"\xfe\xff\x00a", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\xaf"),
    *(b"\xc0\x80", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80"),
    *(b"\xf8\x88\x80\x80\x80", b"\xe4\xb8", "上海".encode("gb18030"), "客户".encode("utf-16-le")),
    *(b"+ADw-svg+AD4-", b"\x80", b"\xc3\x28", b"\x81\x30\x81\x30", b"\x1b$B", b"%", b"%zz"),
    *(b"%u4e2d", b"%00", b"%25%30%30", b"\x00" * 50),
]

TEXTS = [*SQL, *TEMPLATES, *MARKUP, *PATHS, *UNICODE, *CONTROLS, *WORDS]
_COUNTED = ("integer", "money", "price", "percent", "relation", "relations", "flag")
_ADDRESSES = [
    *(*PATHS, "a@b", "a@" + "b" * 300, "@", "a@[::1]", "a@xn--", "\u202e@例え.jp", '"a b"@c.cn'),
]
_SHAPES = ["{", "[[]]", '{"a":1}', "customer.see=own", "customer.see=", ".", "=", "x.y=z"]
#: Kind of attribute → what is hostile to just this kind.
FITTING: dict[str, list[str]] = {
    **dict.fromkeys(_COUNTED, NUMBERS),
    **dict.fromkeys(("date", "instant"), DATES),
    **dict.fromkeys(("email", "link"), _ADDRESSES),
    **dict.fromkeys(("json", "grants", "groups", "tags"), _SHAPES),
    "phone": [
        *NUMBERS,
        "13800000000",
        "+8613800000000",
        "１３８００００００００",
        "+",
        "00",
        "+999",
    ],
}
EVERY = [*TEXTS, *NUMBERS, *DATES]
LONG = 100_000
HUGE = 2_000_000


def hostile(rng: Random, kind: str = "", *, bytes_too: bool = True) -> bytes:
    """Return a hostile value, more often than not one that is hostile to this *kind* of attribute."""
    dice = rng.random()
    if kind in FITTING and dice < 0.5:
        return rng.choice(FITTING[kind]).encode()
    if dice < 0.14 and bytes_too:
        return rng.choice(BYTES)
    if dice < 0.18:
        return long_text(rng, rng.choice((201, 256, 5_000)))
    if dice < 0.26:
        return rng.choice(EVERY).encode() + rng.choice(EVERY).encode()
    return rng.choice(EVERY).encode()


def long_text(rng: Random, length: int) -> bytes:
    """Return *length* characters or a little more of one kind: letters, digits, signs, Chinese, markup."""
    piece = rng.choice(
        (
            *("a", "9", "'", "%", "中", "(", "[", "<b>", "\\", " ", "\0", "a ", "-", "😀", "１"),
            "\u0301",
        )
    )
    return (piece * (length // len(piece) + 1)).encode()
