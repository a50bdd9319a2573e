"""``make i18n``: collect the words of code and templates, and bring the translations up to date.

Message ids are Chinese, the product's first language; only English needs a catalogue. Ends with
status 1 and a list when a message has no translation.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "lazy": None, "lazy_gettext": None}
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
WIDTH = 100


def collected() -> Catalog:
    """Return every message id in code and templates, with the files it stands in."""
    found = Catalog(project="", version="", charset="utf-8")
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, filename="babel.cfg")
    for place, _line, message, comments, context in extract_from_dir(
        ROOT, methods, options, KEYWORDS, comment_tags=("L10N:",), strip_comment_tags=True
    ):
        found.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return found


def english() -> Catalog:
    """Return the English catalogue as it lies in the repository."""
    if not PO.exists():
        return Catalog(locale="en", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def missing(words: Catalog, translated: Catalog) -> list[str]:
    """Return the Chinese messages of *words* without a translation."""
    lacking = []
    for message in words:
        forms = message.id if isinstance(message.id, tuple | list) else (message.id,)
        if not message.id or not CHINESE.search(forms[0]):
            continue
        entry = translated.get(message.id, context=message.context)
        strings = entry.string if entry and isinstance(entry.string, tuple | list) else ()
        texts = strings or ((entry.string,) if entry else ())
        if not texts or not all(texts) or (entry and entry.fuzzy):
            lacking.append(forms[0])
    return lacking


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Write a file that others find whole, old or new, whatever happens meanwhile."""
    draft = path.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as file:
        yield file
    draft.replace(path)


def main() -> int:
    """Extract, update, compile; return 1 if something is not translated."""
    words, catalogue = collected(), english()
    catalogue.update(
        words, no_fuzzy_matching=True, keep_user_comments=True, update_creation_date=False
    )
    PO.parent.mkdir(parents=True, exist_ok=True)
    with _whole(PO) as file:
        write_po(
            file,
            catalogue,
            width=WIDTH,
            sort_by_file=True,
            ignore_obsolete=True,
            include_lineno=False,
        )
    with _whole(PO.with_suffix(".mo")) as file:
        write_mo(file, catalogue)
    lacking = missing(words, catalogue)
    for text in lacking:
        sys.stderr.write(f"{text}\n")
    sys.stderr.write(f"{len(words)} messages, {len(lacking)} without an English translation\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
