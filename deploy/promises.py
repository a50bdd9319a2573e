"""Bring the last column of the promises in docs/SECURITY.md up to date: the tests that keep each one.

A promise has an ID; a test that keeps it has the ID in its docstring. ``make check`` compares both.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "SECURITY.md"
TESTS = ROOT / "tests"
PROMISE = re.compile(
    r"\b(?:ENU|LCK|PWD|RST|MFA|SES|CSRF|RED|AZ|MAS|XSS|CSV|IMP|FILE|SQL|HDR|AUD|PII|CFG|REL)-\d+\b"
)
#: A line of a table of promises: ID, words, the tests.
ROW = re.compile(r"^\| ([A-Z]+-\d+) \| (.+?) \| (.*?) \|$")
#: A promise that no test can keep, with the reason.
OTHERWISE = re.compile(r"^\| ([A-Z]+-\d+) \| (.+?) \| (?!\[)(.+?) \|$")


def docstrings(path: Path) -> Iterator[str]:
    """Yield the docstrings of a file that speak of tests: its own, those of test classes and tests."""
    if not path.name.startswith("test_"):
        return  # fixtures and factories prove nothing by themselves
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        is_test |= isinstance(node, ast.ClassDef) and node.name.startswith("Test")
        if is_test or isinstance(node, ast.Module):
            yield ast.get_docstring(node) or ""


def keepers() -> dict[str, list[str]]:
    """Return promise → the test files that keep it, below ``tests/``."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        name = path.relative_to(TESTS).as_posix()
        for text in docstrings(path):
            for promise in PROMISE.findall(text):
                found.setdefault(promise, set()).add(name)
    return {promise: sorted(names) for promise, names in found.items()}


def renewed(text: str, kept: dict[str, list[str]]) -> str:
    """Return the document with the tests of today in its tables."""
    lines = []
    for line in text.splitlines():
        row = ROW.match(line)
        if row and row[1] in kept:
            links = "<br>".join(f"[{name}](../tests/{name})" for name in kept[row[1]])
            line = f"| {row[1]} | {row[2]} | {links} |"  # noqa: PLW2901 - the line, renewed
        lines.append(line)
    return "\n".join(lines) + "\n"


def problems(text: str, kept: dict[str, list[str]]) -> Iterator[str]:
    """Yield what does not agree between the document and the docstrings."""
    rows = [row for row in map(ROW.match, text.splitlines()) if row]
    named = [row[1] for row in rows]
    for promise in sorted({one for one in named if named.count(one) > 1}):
        yield f"{promise} stands there twice"
    for promise in sorted(set(kept) - set(named)):
        yield f"{promise} is kept by {', '.join(kept[promise])}, but does not stand there"
    for row in rows:
        if row[1] not in kept and not OTHERWISE.match(row[0]):
            yield f"{row[1]} is kept by no test, and no reason is given"
    if renewed(text, kept) != text:
        yield "the tests of some promise have changed: run deploy/promises.py"


def main() -> int:
    """Rewrite the document; return 1 if something has to be written by hand."""
    kept = keepers()
    DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8"), kept), "utf-8")
    found = list(problems(DOCUMENT.read_text("utf-8"), kept))
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
