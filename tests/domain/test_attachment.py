"""What an attached file is, told by its content, and how it may be called."""

import io
import zipfile

import pytest

from app.core.invalid import InvalidValue
from app.domain.attachment import clean_name, kind_of


def zipped(*names: str) -> bytes:
    """Return the bytes of a zip with entries of these names."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, "x" * 50)
    return held.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"%PDF-1.7\n", "合同.pdf", "pdf"),
        (b"%PDF-1.5\n", "彩盒.AI", "pdf"),
        (b"\x89PNG\r\n\x1a\n...", "a.png", "png"),
        (b"\xff\xd8\xff\xe0", "照片.JPEG", "jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", "webp"),
        (b"RIFF\x00\x00\x00\x00CDRDvrsn", "盒型.cdr", "cdr"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "报价.xlsx", "xlsx"),
        (zipped("[Content_Types].xml"), "报价.xlsx", "xlsx"),
        (zipped("[Content_Types].xml", "word/document.xml"), "合同.docx", "docx"),
        (zipped("[Content_Types].xml", "word/document.xml"), "合同.wps", "zip"),
        (zipped("a.txt"), "稿件.zip", "zip"),
        (zipped("password/word/list.txt", "keyword/x"), "资料.zip", "zip"),
        (zipped("word/notes.txt"), "资料.zip", "zip"),
        (OLE, "加密报价.xlsx", "office"),
        (b"\xff\xd8\xff\xe0", "网页图片.jfif", "jpeg"),
        (OLE, "旧报价.xls", "office"),
        ("客户,数量\n".encode(), "明细.csv", "text"),
        ("客户,数量\n".encode("gb18030"), "明细.csv", "text"),
        (b"\xff\xfe" + "数量".encode("utf-16-le"), "a.txt", "text"),
        (b"  0\nSECTION\n  2\nHEADER\n", "刀版.dxf", "text"),
    ],
)
def test_content_and_ending_agree(head, name, kind):
    """FILE-1"""
    assert kind_of(head, name) == kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"MZ\x90\x00\x03", "a.pdf"),
        (b"MZ\x90\x00\x03", "a.exe"),
        (b"\x7fELF\x02\x01\x01\x00", "a.txt"),
        (b"<html><script>alert(1)</script>", "a.pdf"),
        (b"<!DOCTYPE html>", "a.txt"),
        (b"\xef\xbb\xbf  <svg onload=x>", "a.txt"),
        (b'<?xml version="1.0"?><svg/>', "a.svg"),
        (b"#!/bin/sh\nrm -rf", "a.txt"),
        (b"%PDF-1.7", "a.html"),
        (b"%PDF-1.7", "a.png"),
        (b"%PDF-1.7", "a"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "a.jar"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "a.docx"),
        (zipped("a.class"), "a.xlsx"),
        (b"\x80\x90\xa0\xff" * 9, "a.txt"),
        (b"text\x1b[31m", "a.txt"),
        (b"hello", "a.js"),
        (b"hello", "a.pdf"),
        (b"\x00\x01\x02\x03", "a.bin"),
    ],
)
def test_disguises_and_programs_are_refused(head, name):
    """FILE-1"""
    with pytest.raises(InvalidValue):
        kind_of(head, name)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("合同.pdf", "合同.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\稿件 v2.ai", "稿件 v2.ai"),
        ('a<b>:"c"|?*.pdf', "a_b___c____.pdf"),
        ("a\x00\r\nb.pdf", "a b.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("...", "file"),
        ("", "file"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_names_are_data_and_no_paths(given, kept):
    """FILE-1"""
    assert clean_name(given) == kept
