"""Attached files: which kinds there are, told by their content, and how much is taken."""

from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple
from unicodedata import category

from app.core.invalid import InvalidValue
from app.core.words import N_
from app.domain.folding import tidy

MEGABYTE = 2**20
MAX_SIZE = 10 * MEGABYTE
MAX_FILES = 50  # of one record
HEAD = 4_096  # bytes that tell what a file is
MAX_NAME = 200
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))

TOO_LARGE = N_("文件“%(name)s”超过 %(n)s MB。")
TOO_MANY = N_("每条记录最多 %(n)s 个附件。")
EMPTY = N_("文件“%(name)s”是空的。")
UNKNOWN = N_(
    "不支持文件“%(name)s”的类型。可以上传 PDF、图片、Word、Excel、PPT、文本、ZIP 和设计稿。"
)
DISGUISED = N_("文件“%(name)s”的内容与扩展名不符。")


class FileKind(NamedTuple):
    """A kind of file: its media type, and the endings its names may have."""

    media: str
    endings: frozenset[str]


def _kind(media: str, *endings: str) -> FileKind:
    return FileKind(media, frozenset(endings))


_OFFICE = "application/vnd.openxmlformats-officedocument."
#: What people of a box factory send each other. Nothing that a browser or a desktop would run.
KINDS: Mapping[str, FileKind] = {
    "pdf": _kind("application/pdf", "pdf", "ai"),
    "png": _kind("image/png", "png"),
    "jpeg": _kind("image/jpeg", "jpg", "jpeg", "jfif"),
    "gif": _kind("image/gif", "gif"),
    "webp": _kind("image/webp", "webp"),
    "tiff": _kind("image/tiff", "tif", "tiff"),
    "heic": _kind("image/heic", "heic", "heif"),
    "psd": _kind("image/vnd.adobe.photoshop", "psd"),
    "eps": _kind("application/postscript", "eps", "ai", "ps"),
    "cdr": _kind("application/vnd.corel-draw", "cdr"),
    "dwg": _kind("image/vnd.dwg", "dwg"),
    "docx": _kind(f"{_OFFICE}wordprocessingml.document", "docx"),
    "xlsx": _kind(f"{_OFFICE}spreadsheetml.sheet", "xlsx"),
    "pptx": _kind(f"{_OFFICE}presentationml.presentation", "pptx"),
    # Old Office files, and new ones behind a password.
    "office": _kind(
        "application/x-ole-storage",
        *("doc", "xls", "ppt", "wps", "et", "dps", "msg", "docx", "xlsx", "pptx"),
    ),
    "zip": _kind("application/zip", "zip", "cdr", "wps", "et", "dps"),
    "rar": _kind("application/vnd.rar", "rar"),
    "7z": _kind("application/x-7z-compressed", "7z"),
    "text": _kind("text/plain", "txt", "csv", "log", "md", "dxf"),
}
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"8BPS", "psd"),
    (b"%!PS-Adobe", "eps"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"AC10", "dwg"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
)
#: The entry that makes a zip an Office file, and what its folders say about it.
_TYPES = b"[Content_Types].xml"
_INSIDE: tuple[tuple[bytes, str], ...] = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))
_NAME_AT, _LENGTH_AT = 30, 26  # in the header of an entry of a zip
#: Plain text that a browser or a shell would take for more than that.
_ACTIVE = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml", b"<?php", b"#!", b"@echo")


def kind_of(head: bytes, name: str) -> str:
    """Return what a file beginning with *head* is; raise InvalidValue if it is not to be taken.

    The content decides; an ending that belongs to another kind is a disguise.
    """
    ending = PurePosixPath(name.lower()).suffix.lstrip(".")
    kind = _zip_kind(head, ending) if head.startswith(b"PK\x03\x04") else _by_content(head)
    if kind is None:
        raise InvalidValue(UNKNOWN, name=name)
    if ending not in KINDS[kind].endings:
        known = any(ending in one.endings for one in KINDS.values())
        raise InvalidValue(DISGUISED if known else UNKNOWN, name=name)
    return kind


def clean_name(name: str) -> str:
    """Return *name* as one that can be shown and saved anywhere: no path, no marks, not too long."""
    last = tidy(name.replace("\\", "/").rpartition("/")[2]).translate(_NOT_IN_NAMES).strip(" .")
    stem, dot, ending = last.rpartition(".")
    if len(last) > MAX_NAME and dot:
        return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"[:MAX_NAME]
    return last[:MAX_NAME] or "file"


def _by_content(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return "webp" if head[8:12] == b"WEBP" else "cdr" if head[8:11] == b"CDR" else None
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheif"):
        return "heic"
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    return "text" if _is_text(head) else None


def _zip_kind(head: bytes, ending: str) -> str:
    """Return whether a zip is an Office file, and which, by the entries that *head* holds."""
    names = list(_entries(head))
    found = next((kind for name in names for mark, kind in _INSIDE if name.startswith(mark)), None)
    if _TYPES not in names or ending in KINDS["zip"].endings:
        return "zip"
    # The folders may come later than the first bytes.
    return found or (ending if ending in ("docx", "xlsx", "pptx") else "zip")


def _entries(head: bytes) -> Iterator[bytes]:
    """Yield the names of the entries of a zip that stand in its *head*."""
    at = head.find(b"PK\x03\x04")
    while at >= 0:
        length = int.from_bytes(head[at + _LENGTH_AT : at + _LENGTH_AT + 2], "little")
        yield head[at + _NAME_AT : at + _NAME_AT + length]
        at = head.find(b"PK\x03\x04", at + 1)


def _is_text(head: bytes) -> bool:
    """Tell whether *head* is text that nothing would run: UTF-8, GB 18030 or UTF-16 with a mark."""
    codes = ("utf-16",) if head.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8", "gb18030")
    plain = next((text for code in codes if (text := _decoded(head, code)) is not None), None)
    if not plain or any(category(sign) == "Cc" and sign not in "\t\r\n\f" for sign in plain):
        return False
    start = plain.lstrip("\ufeff \t\r\n")[:200].lower().encode("utf-8", "replace")
    return not any(mark in start[: len(mark) + 20] for mark in _ACTIVE)


def _decoded(head: bytes, code: str) -> str | None:
    """Return *head* as text; a character that its end cuts off does not count."""
    try:
        return getincrementaldecoder(code)().decode(head, final=False)
    except UnicodeError:
        return None
