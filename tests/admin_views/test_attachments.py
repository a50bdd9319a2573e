"""Files of a record: who may add, get and remove them, what is taken, and what a browser does with them."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.errors import RuleBroken
from app.core.work import SYSTEM, Actor, work_for
from app.models.attachment import Attachment, AttachmentPart
from app.models.audit import Audit
from app.models.customer import Customer
from app.models.setting import Setting
from app.services import attachment, trash
from app.services.customer import customers
from app.services.invariants import violations
from tests.factories.activity import make_activity
from tests.factories.customer import make_customer
from tests.factories.making import user_id
from tests.factories.order import make_order
from tests.visitor import fields_of, forget

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2048  # half a megabyte: several parts
CUSTOMER, ORDER = "/admin/customer", "/admin/order"


def send(person, record, *files, where=CUSTOMER, **more):
    """Upload (name, content) pairs to a record."""
    fields = {"id": str(record), "file": [(io.BytesIO(c), n) for n, c in files], **more}
    return person.post(f"{where}/attach/", fields, content_type="multipart/form-data")


def files_of(person, record, where=CUSTOMER):
    return person.json(f"{where}/details/?id={record}")["children"]["attachments"]


def number(model):
    forget()
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def mine(app):
    return make_customer("sales1", name="苏州恒达包装有限公司")


def test_a_file_comes_back_byte_for_byte(visit, mine):
    """FILE-1: forced download, nosniff, sandbox, the name as it was."""
    person = visit("sales1")
    assert send(person, mine, ("彩盒 合同.pdf", PDF)).location == f"{CUSTOMER}/details/?id={mine}"
    (one,) = files_of(person, mine)
    assert (one["name"], one["size"], one["kind"]) == ("彩盒 合同.pdf", len(PDF), "pdf")
    answer = person.get(f"{CUSTOMER}/attachment/?id={mine}&file={one['id']}")
    assert answer.data == PDF
    named = answer.headers["Content-Disposition"]
    assert named.startswith("attachment")
    assert named.endswith(f"filename*=UTF-8''{quote('彩盒 合同.pdf')}")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(PDF)
    assert number(AttachmentPart) == -(-len(PDF) // attachment.PART)


def test_several_files_are_all_taken_or_none(visit, mine):
    """FILE-1"""
    person = visit("sales1")
    answer = send(
        person,
        mine,
        ("a.pdf", b"%PDF-1.7"),
        ("b.pdf", b"MZ\x90"),
        ("c.txt", b""),
        ("d.svg", b"<svg>"),
    )
    assert answer.status_code == 422
    assert 'data-field="file"' in answer.text
    for name in ("b.pdf", "c.txt", "d.svg"):
        assert name in answer.text
    assert number(Attachment) == 0
    assert send(person, mine, ("a.pdf", b"%PDF-1.7"), ("e.txt", b"text")).status_code == 302
    assert [one["name"] for one in files_of(person, mine)] == ["e.txt", "a.pdf"]


def test_nothing_chosen_says_so(visit, mine):
    answer = send(visit("sales1"), mine)
    assert answer.status_code == 422
    assert "请选择要上传的文件。" in answer.text


def test_the_same_file_twice_is_kept_once(visit, mine):
    """REL-3: and whoever sends it under another name is told."""
    person = visit("sales1")
    for name in ("a.pdf", "a.pdf", "b.pdf"):
        assert send(person, mine, (name, PDF)).status_code == 302
    assert number(Attachment) == 1
    said = "与附件“a.pdf”内容相同，没有重复保存。"
    assert person.get(f"{CUSTOMER}/details/?id={mine}").text.count(said) == 2


def test_too_large_is_told_at_the_field(visit, mine, monkeypatch):
    """FILE-1"""
    monkeypatch.setattr(attachment, "MAX_SIZE", 2**20)
    answer = send(visit("sales1"), mine, ("big.pdf", b"%PDF-1.7" + b"x" * 2**20))
    assert answer.status_code == 422
    assert "文件“big.pdf”超过 1 MB。" in answer.text


def test_a_record_and_the_house_have_room_for_so_much(visit, mine, monkeypatch):
    """FILE-1: quota."""
    person = visit("sales1")
    monkeypatch.setattr(attachment, "MAX_FILES", 2)
    three = [(f"{n}.txt", b"text %d" % n) for n in range(3)]
    assert "每条记录最多 2 个附件。" in send(person, mine, *three).text
    with work_for(SYSTEM) as work:
        knob = work.session.scalars(
            select(Setting).where(Setting.key == "attachment_megabytes")
        ).one()
        knob.value = "0"
    assert "附件空间已满" in send(person, mine, ("a.txt", b"text")).text
    assert number(Attachment) == 0


def test_files_follow_the_scope_of_their_record(visit, mine):
    """AZ-3, AZ-17: by direct address, and with another record's id in front."""
    owner, stranger = visit("sales1"), visit("sales3")
    foreign = make_customer("sales3")
    send(owner, mine, ("a.pdf", PDF))
    (one,) = files_of(owner, mine)
    for record in (mine, foreign, 999_999):
        answer = stranger.get(f"{CUSTOMER}/attachment/?id={record}&file={one['id']}")
        assert answer.status_code == 404, record
    for path in ("/attach/", "/detach/"):
        fields = {"id": mine, "file": one["id"], "confirm": "1"}
        assert stranger.post(f"{CUSTOMER}{path}", fields).status_code == 404
    assert (
        stranger.post(
            f"{CUSTOMER}/detach/", {"id": foreign, "file": one["id"], "confirm": "1"}
        ).status_code
        == 404
    )
    other = make_order(mine)
    assert owner.get(f"{ORDER}/attachment/?id={other}&file={one['id']}").status_code == 404
    assert owner.get(f"{CUSTOMER}/attachment/?id={mine}&file=x").status_code == 404
    assert len(files_of(owner, mine)) == 1


def test_who_may_only_look_gets_files_and_adds_none(visit, mine):
    """AZ-2, AZ-4: seeing is not attaching; keeping credit, which opens the form, is not either."""
    owner, auditor, finance = visit("sales1"), visit("auditor"), visit("finance")
    send(owner, mine, ("a.pdf", PDF))
    (one,) = files_of(auditor, mine)
    assert auditor.get(f"{CUSTOMER}/attachment/?id={mine}&file={one['id']}").data == PDF
    page = auditor.get(f"{CUSTOMER}/details/?id={mine}").text
    assert "a.pdf" in page
    assert "/attach/" not in page
    for person in (auditor, finance):
        assert send(person, mine, ("b.pdf", PDF + b"b")).status_code == 403
        gone = {"id": mine, "file": one["id"], "confirm": "1"}
        assert person.post(f"{CUSTOMER}/detach/", gone).status_code == 403
    assert number(Attachment) == 1


def test_where_nothing_may_be_added_nothing_is_offered(visit):
    """AZ-4: a customer of the pool is read by sales, and no more."""
    pool = make_customer(None)
    person = visit("sales1")
    assert "/attach/" not in person.get(f"{CUSTOMER}/details/?id={pool}").text
    assert send(person, pool, ("a.pdf", PDF)).status_code == 404


def test_whoever_sees_masks_sees_no_files(visit, mine):
    """PII-1: what is inside a file cannot be masked."""
    owner, viewer = visit("sales1"), visit("viewer")
    send(owner, mine, ("电话 13812345678.pdf", PDF))
    (one,) = files_of(owner, mine)
    assert files_of(viewer, mine) == []
    assert viewer.get(f"{CUSTOMER}/attachment/?id={mine}&file={one['id']}").status_code == 404
    for page in ("details", "history"):
        assert "13812345678" not in viewer.get(f"{CUSTOMER}/{page}/?id={mine}").text


def test_two_at_once_do_not_pass_the_limit(app, visit, mine, monkeypatch):
    """FILE-1: of two uploads that would both fit alone, one is told that there is no room."""
    monkeypatch.setattr(attachment, "MAX_FILES", 1)
    number_of = user_id("sales1")

    def upload(turn):
        with app.app_context():
            actor = Actor(number_of, "", {"customer": {"attach": "all", "see": "all"}})
            uploads = attachment.look_through([(f"{turn}.txt", io.BytesIO(b"text %d" % turn))])
            try:
                with work_for(actor) as work:
                    attachment.attach(work, customers, mine, uploads)
            except RuleBroken:
                return False
            return True

    with ThreadPoolExecutor(4) as crowd:
        assert sum(crowd.map(upload, range(4))) == 1
    assert number(Attachment) == 1


def test_removing_asks_first_and_is_for_good(visit, mine):
    person = visit("sales1")
    send(person, mine, ("a.pdf", PDF))
    (one,) = files_of(person, mine)
    asked = person.post(f"{CUSTOMER}/detach/", {"id": mine, "file": one["id"]})
    assert asked.status_code == 200
    assert "a.pdf" in asked.text
    assert "相关信息将无法恢复，请确认操作。" in asked.text
    assert number(Attachment) == 1
    done = person.post(f"{CUSTOMER}/detach/", {**fields_of(asked.text), "confirm": "1"})
    assert done.status_code == 302
    assert (number(Attachment), number(AttachmentPart)) == (0, 0)


def test_files_are_in_the_history(visit, mine):
    """AUD-1"""
    person = visit("sales1")
    send(person, mine, ("a.pdf", PDF))
    (one,) = files_of(person, mine)
    person.post(f"{CUSTOMER}/detach/", {"id": mine, "file": one["id"], "confirm": "1"})
    forget()
    entries = db.session.execute(
        select(Audit.action, Audit.changes).where(Audit.record_id == mine).order_by(Audit.id)
    ).all()
    assert [tuple(entry) for entry in entries][-2:] == [
        ("customer.attach", {"file": [None, "a.pdf"]}),
        ("customer.detach", {"file": ["a.pdf", None]}),
    ]
    assert "a.pdf" in person.get(f"{CUSTOMER}/history/?id={mine}").text


def test_files_go_with_their_record_and_not_before(app, visit, mine):
    """REL-27, PII-7"""
    person = visit("manager")
    send(person, mine, ("a.pdf", PDF))
    (one,) = files_of(person, mine)
    with clock.freeze(clock.now()) as hands:
        with work_for(SYSTEM) as work:
            record = work.session.get_one(Customer, mine)
            customers.delete(work, record, version=record.version)
        assert person.get(f"{CUSTOMER}/attachment/?id={mine}&file={one['id']}").status_code == 404
        assert number(Attachment) == 1
        hands.advance(timedelta(days=31))
        with work_for(SYSTEM) as work:
            trash.purge(work)
    assert (number(Attachment), number(AttachmentPart)) == (0, 0)


def test_files_of_what_goes_along_go_along(app, visit, mine):
    """PII-7: a customer that is purged takes its follow-ups with it, and their files."""
    person = visit("manager")
    followed = make_activity(mine)
    send(person, followed, ("a.pdf", PDF), where="/admin/activity")
    assert number(Attachment) == 1
    with clock.freeze(clock.now()) as hands:
        with work_for(SYSTEM) as work:
            record = work.session.get_one(Customer, mine)
            customers.delete(work, record, version=record.version)
        hands.advance(timedelta(days=31))
        with work_for(SYSTEM) as work:
            trash.purge(work)
    assert (number(Attachment), number(AttachmentPart)) == (0, 0)
    assert [said for said in violations(db.session()) if "附件" in said] == []


def test_a_name_is_text_everywhere(visit, mine):
    """XSS-1"""
    person = visit("sales1")
    send(person, mine, ("<img src=x onerror=alert(1)>&amp;'.pdf", PDF))
    (one,) = files_of(person, mine)
    page = person.get(f"{CUSTOMER}/details/?id={mine}").text
    assert "<img src=x" not in page
    assert "_img src=x onerror=alert(1)_&amp;amp;&#39;.pdf" in page
    answer = person.get(f"{CUSTOMER}/attachment/?id={mine}&file={one['id']}")
    assert "\n" not in answer.headers["Content-Disposition"]
