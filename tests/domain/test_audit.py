"""What no entry of the audit holds in clear: numbers and addresses, however they are written."""

import pytest

from app.domain.audit import clear

HIDDEN = {
    "13812345678": "138****5678",
    "Tel13812345678": "Tel138****5678",
    "wx13812345678": "wx138****5678",
    "13812345678a": "138****5678a",
    "电话138.1234.5678转": "电话138****5678转",
    "138-1234-5678": "138****5678",
    "1381 234 5678": "138****5678",
    "138\u20131234\u20145678": "138****5678",
    "138\u200b1234\u200b5678": "138****5678",
    "１３８１２３４５６７８": "１３８****５６７８",
    "138－1234－5678": "138****5678",
    "008613812345678": "0086138****5678",
    "+86 138 1234 5678": "+86 138****5678",
    "013812345678": "0138****5678",
    "0512-65432109": "0512-****2109",
    "(0512)65432109": "(0512)****2109",
    "（0512）65432109": "（0512）****2109",
    "0512—65432109": "0512—****2109",
    "0512 6543 2109": "0512 ****2109",
    "051265432109": "0512****2109",
    "010-8765 4321": "010-****4321",
    "+86 512 65432109": "+86 512 ****2109",
    "13812345678,13987654321": "138****5678,139****4321",
    "zhang.san@example.com": "z***@example.com",
    "问 lisi@example.com.cn 或 a@b.cn": "问 l***@example.com.cn 或 a***@b.cn",
    "ｌｉｓｉ＠ｅｘａｍｐｌｅ．ｃｏｍ": "ｌ***＠ｅｘａｍｐｌｅ．ｃｏｍ",
}
KEPT = (
    *("SO202611-0001", "2026-11-24T13:20:05.138123+00:00", "13000.00", "1380.1234", "350*250*120"),
    *("91320594MA1X2Y3Z4A", "138****5678", "z***@example.com", "1000@1.35", "2026-05-06 07:08:09"),
    *("0.05", "138123456789", "12345678901", "0123"),
)


@pytest.mark.parametrize("written", HIDDEN)
def test_however_a_number_is_written_it_is_hidden(written):
    """AUD-4: stuck to letters, in full width, with any dashes, dots, blanks and brackets."""
    assert clear({"remark": [None, written]}) == {"remark": [None, HIDDEN[written]]}
    assert clear(HIDDEN[written]) == HIDDEN[written]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_number_stays(text):
    assert clear(text) == text
