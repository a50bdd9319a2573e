"""What is served as it lies there: nothing too new for our browsers, nothing unlisted, readable colours."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "app" / "static"
SHEETS = sorted(STATIC.glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
MARKUP = sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.svg"))
MARKUP += sorted(STATIC.rglob("*.svg"))


def relative(path):
    return path.relative_to(ROOT).as_posix()


def read(path):
    """Return the text of *path* without its comments."""
    text = re.sub(r"/\*.*?\*/|\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE) if path.suffix == ".js" else text


# -- the browser floor and the policy ---------------------------------------------------

#: None of these in Chromium 109, Firefox 102 or Safari 15.4.
TOO_NEW = r"light-dark\(|color-mix\(|@starting-style|field-sizing|@scope|anchor-name|:popover-open|(?<!-)&|oklch\("
FOREIGN = r"url\(\s*['\"]?(?:https?:)?//|@import"


@pytest.mark.parametrize("sheet", SHEETS, ids=relative)
def test_style_sheets_hold_nothing_too_new_and_nothing_foreign(sheet):
    """Chromium 109 is the floor; nothing comes from another host."""
    for pattern in (TOO_NEW, FOREIGN):
        found = re.search(pattern, read(sheet))
        assert not found, found and found.group()


@pytest.mark.parametrize("sheet", SHEETS, ids=relative)
def test_style_sheets_do_not_nest(sheet):
    """No CSS nesting. A rule may stand in an at-rule, never in a rule."""
    open_rules: list[str] = []
    for head, brace in re.findall(r"([^{};]*)([{};])", read(sheet)):
        if brace == "{":
            assert not open_rules or open_rules[-1].startswith("@"), (open_rules[-1], head.strip())
            open_rules.append(head.strip())
        elif brace == "}":
            open_rules.pop()
    assert open_rules == []


CODE_FROM_TEXT = (
    r"\beval\(|\bnew Function|document\.write|insertAdjacentHTML|outerHTML\s*=|"
    r"setAttribute\(\"(?:style|on)"
)
REACHING_OUT = r"https?://(?!www\.w3\.org/2000/svg)|localStorage|window\.\w+\s*="


@pytest.mark.parametrize("script", SCRIPTS, ids=relative)
def test_scripts_run_under_the_policy_and_call_nobody(script):
    """No eval, no markup made of text, no inline style, no other host."""
    text = read(script)
    found = re.search(CODE_FROM_TEXT + "|" + REACHING_OUT, text)
    assert not found, found and found.group()
    for value in re.findall(r"innerHTML\s*=\s*([^;]+);", text):
        assert re.fullmatch(r"blank\.innerHTML\.replaceAll\(\"__n__\", String\(next\)\)", value), (
            value
        )


INLINE = {
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an inline style": r"<style\b|\sstyle\s*=",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "a javascript: link": r"javascript:",
    "popover": r"\spopover(?:target)?\b",
}


@pytest.mark.parametrize("file", MARKUP, ids=relative)
def test_markup_holds_no_inline_code(file):
    """CSP: no inline script, style or handler anywhere."""
    for what, pattern in INLINE.items():
        found = re.search(pattern, read(file), re.IGNORECASE)
        assert not found, f"{what}: {found and found.group()}"


# -- what came from elsewhere -----------------------------------------------------------


def test_vendored_files_are_those_that_were_chosen():
    """A test recomputes the hashes and refuses unlisted files."""
    lock = json.loads((STATIC / "vendor" / "LOCK.json").read_text("utf-8"))
    for name, entry in lock.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == entry["sha256"], name
    there = {relative(path) for path in (STATIC / "vendor").rglob("*") if path.is_file()}
    assert there - set(lock) == {"app/static/vendor/LOCK.json"}


def test_every_icon_that_is_named_is_in_the_sprite():
    """A missing icon is an empty square that nobody reports."""
    sprite = set(
        re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor" / "icons.svg").read_text("utf-8"))
    )
    templates = "".join(read(path) for path in MARKUP)
    views = "".join(
        path.read_text("utf-8") for path in (ROOT / "app" / "admin_views").rglob("*.py")
    )
    named = set(re.findall(r'icon\("([\w-]+)"\)', templates)) | set(
        re.findall(r'icon = "([\w-]+)"', views)
    )
    assert named - sprite == set()


# -- colours ----------------------------------------------------------------------------

TEXT, EDGE = 4.5, 3.0  # WCAG 1.4.3 and 1.4.11
#: Foreground, background, lowest ratio light and dark.
PROMISED = [
    ("text", "bg", 16.8, 15.4),
    *(("text-2", "bg", 6.8, 8.4), ("text-2", "hover", 6.2, 7.4), ("text-2", "pill", 6.0, 6.9)),
    *(("text-3", "bg", 5.3, 6.4), ("text-3", "app", 4.9, 6.8)),
    *(("accent-text", "bg", 7.1, 8.6), ("accent-text", "accent-soft", 6.3, 6.9)),
    *(("on-accent", "accent", 6.5, 5.1), ("on-accent", "accent-hover", 8.4, 5.8)),
    ("ok", "ok-soft", 5.4, 7.4),
    ("warn", "warn-soft", 6.1, 7.6),
    *(("bad", "bad-soft", 5.7, 7.3), ("bad", "bg", 6.5, 8.8)),
    ("info", "info-soft", 6.0, 7.5),
    *(("line-strong", "bg", 3.2, 3.9), ("line-strong", "sub", 3.1, 3.7)),
    ("ring", "bg", 6.5, 8.6),
]
#: Pairs that the pages use beyond those.
USED = [
    *(("text", ground, TEXT, TEXT) for ground in ("app", "sub", "hover", "pill", "float")),
    *(("text", f"{tone}-soft", TEXT, TEXT) for tone in ("ok", "warn", "bad", "info", "accent")),
    *(
        ("text-2", ground, TEXT, TEXT)
        for ground in ("app", "sub", "float", "bad-soft", "warn-soft")
    ),
    *(("text-3", ground, TEXT, TEXT) for ground in ("sub", "hover", "float")),
    *(("on-accent", ground, TEXT, TEXT) for ground in ("bad-fill", "bad-fill-hover")),
    *(("accent-text", ground, TEXT, TEXT) for ground in ("hover", "warn-soft", "bad-soft")),
    *(("ring", ground, EDGE, EDGE) for ground in ("app", "sub", "hover", "float", "accent-soft")),
    *(("ok", "bg", TEXT, TEXT), ("warn", "bg", TEXT, TEXT), ("bad", "accent-soft", TEXT, TEXT)),
]


def tokens(head):
    """Return the colours that the rule *head* sets."""
    sheet = read(STATIC / "app.css")
    found = re.search(re.escape(head) + r"\{(.*?)\}", sheet, re.DOTALL)
    assert found, head
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", found.group(1)))


LIGHT = tokens("\n:root")
DARK = LIGHT | tokens(':root[data-theme="dark"]')


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("front", "back", "light", "dark"), PROMISED + USED)
def test_colours_can_be_read(front, back, light, dark):
    """The ratios of what ships, light and dark."""
    for colours, least in ((LIGHT, light), (DARK, dark)):
        assert round(contrast(colours[front], colours[back]), 1) >= least


def test_both_ways_into_the_dark_are_the_same():
    """The system's choice and the account's choice show the same colours."""
    assert tokens(':root:not([data-theme="light"])') == tokens(':root[data-theme="dark"]')
