"""Bytes that are hardly HTTP, on the sockets of the real server: refused or hung up on, and it goes on."""

import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.crash.conftest import build, close
from tests.crash.serving import serving
from tests.hostile.campaign import Campaign
from tests.hostile.judging import LEAKS
from tests.hostile.sockets import LOGIN, PART, PARTS, START, Bytes, exchange, messages

SEED = 20261124
COUNT = 400
SLOW = 12  # half requests that are open at once; more than there are threads
DRIP = 4  # seconds between two bytes of theirs
IN_TIME = 45  # seconds: twice our patience, on a machine that has other things to do
BIG = "/static/app.css"
UNKNOWN_CODING = 501  # what HTTP demands for a transfer coding nobody knows


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A furnished house of this module alone, and the server in front of it."""
    root = tmp_path_factory.mktemp("attacked")
    house = build("sqlite", root)
    campaign = Campaign(house)
    close(house)
    with serving(house, root) as served:
        yield campaign, served


def test_no_bytes_bring_an_error_or_tell_anything(attacked):
    """SQL-3, SQL-4, AZ-16: request lines, headers, chunks and lengths that lie: 4xx, or a closed door."""
    campaign, served = attacked
    badge, wrong = campaign.badges["admin"], []
    for message in messages(SEED, COUNT, campaign.contract):
        sent = Bytes(message.index, badge.put_on(message.sent), message.pieces, message.hang_up)
        statuses, got = exchange(served.port, sent)
        told = [leak for leak in LEAKS if leak.encode() in got]
        if (
            any(status >= 500 and status != UNKNOWN_CODING for status in statuses)
            or told
            or re.search(rb"(?mi)^X-Zqx:", got)
        ):
            wrong.append(
                f"seed {SEED}, {message.described()}\n  → {statuses} {told} {got[-300:]!r}"
            )
    assert wrong == [], "\n".join(wrong[:20])
    assert served.get("/readyz").status == 200
    log = served.log.read_text("utf-8", "replace")
    assert [line for line in log.splitlines() if '"level": "error"' in line][:5] == []


def test_what_hides_behind_a_body_is_not_answered_as_a_request(attacked):
    """AZ-16: length and chunks at once: the second reading of the same bytes is nobody's request."""
    _, served = attacked
    hidden = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for start in (
        LOGIN
        + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(hidden)),
        LOGIN + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
        LOGIN + b"Transfer-Encoding: xchunked\r\n\r\n",
        LOGIN + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ):
        statuses, got = exchange(served.port, Bytes(0, start + hidden))
        assert 200 not in statuses, (start, got[:300])


@contextmanager
def crowd(port, begun, drip=b"", size=None):
    """Let more people than there are threads begin a request, and send *drip* every few seconds, or nothing."""
    over = threading.Event()
    with ExitStack() as stack:
        lines = []
        for number in range(SLOW):
            line = stack.enter_context(socket.socket())
            if size:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            line.connect(("127.0.0.1", port))
            line.sendall(begun[number % len(begun)])
            lines.append(line)

        def go_on():
            while drip and not over.wait(DRIP):
                for line in lines:
                    with suppress(OSError):  # it was closed
                        line.sendall(drip)

        with ThreadPoolExecutor(1) as threads:
            dripping = threads.submit(go_on)
            yield lines
            over.set()
            dripping.result()


@pytest.mark.parametrize(
    ("begun", "drip"),
    [
        ((b"GET /livez HTT", b"GET /livez HTTP/1.1\r\nHost: lo"), b""),
        ((START + b"X: ",), b"x"),
        ((LOGIN + b"Content-Length: 5000\r\n\r\nuser",), b"x"),
        ((LOGIN + b"Transfer-Encoding: chunked\r\n\r\n",), b"1\r\nx\r\n"),
    ],
    ids=["silent", "header", "body", "chunks"],
)
def test_slow_senders_do_not_keep_the_others_waiting(attacked, begun, drip):
    """REL-21: more half requests than threads, silent or dripping: we hang up, and everybody else is served."""
    campaign, served = attacked
    cookie = campaign.badges["clerk"].session.decode()
    with crowd(served.port, begun, drip):
        began = time.monotonic()
        assert served.get("/livez", timeout=IN_TIME).status == 200
        assert served.get("/admin/customer/", cookie, timeout=IN_TIME).status == 200
        assert time.monotonic() - began < IN_TIME
    assert served.get("/readyz").status == 200


def test_slow_listeners_do_not_keep_the_others_waiting(attacked):
    """REL-21: who asks for much and reads nothing is hung up on, too."""
    _, served = attacked
    ask = f"GET {BIG} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 40
    with crowd(served.port, (ask,), size=2_048) as lines:
        time.sleep(1)  # all threads are busy with them
        assert served.get("/livez", timeout=IN_TIME).status == 200
        got = b"".join(iter(lambda: lines[0].recv(65_536), b""))
    assert b"HTTP/1.1 200" in got  # what they were sent before we hung up
    assert served.get("/readyz").status == 200


def test_a_cut_body_saves_nothing(attacked):
    """REL-5: a form whose sender hangs up in the middle is not half a form."""
    campaign, served = attacked
    badge = campaign.badges["admin"]
    before = campaign.fingerprints()
    for body in (
        PARTS + b"Content-Length: 5000\r\n\r\n" + PART,
        LOGIN + b"Content-Length: 500\r\n\r\nusername=a",
    ):
        statuses, _ = exchange(served.port, Bytes(0, badge.put_on(body)))
        assert all(400 <= status < 500 for status in statuses), statuses
    assert campaign.fingerprints() == before
    close(campaign.house)
