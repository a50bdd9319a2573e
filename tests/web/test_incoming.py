"""What no browser sends: bytes in an address, parts without a name, JSON instead of a form."""

from io import BytesIO

import pytest

from tests.factories.customer import make_customer
from tests.visitor import forget


@pytest.mark.parametrize(
    "query", ["search=a\xffb", "sea\xffrch=a", "\xff", "format=jso\xed\xa0\x80n"]
)
@pytest.mark.parametrize("path", ["/admin/customer/", "/login", "/nowhere"])
def test_a_query_of_bytes_that_are_no_text_is_read(visit, path, query):
    """SQL-3: a query that was sent without percent-encoding, in no encoding at all."""
    reader = visit("manager")
    forget()
    answer = reader.browser.get(path, environ_overrides={"QUERY_STRING": query})
    assert answer.status_code == {"/nowhere": 404, "/login": 302}.get(path, 200)


def test_chinese_in_a_query_needs_no_encoding(visit):
    """SQL-3: what is text as it stands keeps its meaning, and so does what is encoded already."""
    make_customer(name="苏州晨光纸品")
    reader = visit("manager")
    for query in ("search=晨光", "search=%E6%99%A8%E5%85%89", "search=%E6%99%A8光"):
        raw = f"format=json&{query}".encode().decode("latin-1")
        forget()
        answer = reader.browser.get("/admin/customer/", environ_overrides={"QUERY_STRING": raw})
        assert [row["name"] for row in answer.get_json()["rows"]] == ["苏州晨光纸品"], query


@pytest.mark.parametrize(
    "disposition", ["form-data", "", "form-data; filename=x.csv", 'form-data; filename=""']
)
def test_a_part_without_a_name_is_no_field(visit, disposition):
    """SQL-3: the rest of the form counts as if it were not there."""
    writer = visit("manager")
    token = writer.token
    forget()
    parts = f"--x\r\nContent-Disposition: {disposition}\r\n\r\nlost\r\n"
    parts += '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n晨光纸品\r\n--x--\r\n'
    answer = writer.browser.post(
        "/admin/customer/new/",
        data=parts.encode(),
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 302, answer.text


@pytest.mark.parametrize(
    "body", ['{"identity": {}}', '{"identity": 1e400}', "[[1]]", "null", "{", "[1]"]
)
@pytest.mark.parametrize("path", ["/login", "/forgot-password", "/account/password"])
def test_json_is_no_form(visit, path, body):
    """SQL-3: values of JSON may be of any type; the forms of these pages take text alone."""
    writer = visit("viewer" if path.startswith("/account") else "")
    token = writer.token
    forget()
    answer = writer.browser.post(
        path, data=body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize("length", [500, 7_000_000])
def test_a_body_that_was_cut_off_is_no_form(visit, length):
    """REL-5: a sender who hangs up in the middle saves nothing, not even half a text."""
    writer = visit("manager")
    token = writer.token
    for kind, body in (
        ("application/x-www-form-urlencoded", "name=晨光纸"),
        (
            "multipart/form-data; boundary=x",
            '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n晨',
        ),
    ):
        forget()
        answer = writer.browser.post(
            "/admin/customer/new/",
            input_stream=BytesIO(body.encode()),
            headers={"X-CSRFToken": token},
            environ_overrides={
                "CONTENT_LENGTH": str(length),
                "CONTENT_TYPE": kind,
                "wsgi.input_terminated": True,
            },
        )
        assert answer.status_code == 400, answer.text
    assert writer.json("/admin/customer/")["count"] == 0


class Garbled(BytesIO):
    """A body that the server cannot read on, such as chunks without a length."""

    def read(self, *_: object) -> bytes:
        raise LookupError


def test_a_body_that_cannot_be_read_is_the_senders_fault(visit):
    """SQL-3: whatever a server raises while it reads a body: 400."""
    writer = visit("manager")
    token = writer.token
    forget()
    answer = writer.browser.post(
        "/admin/customer/new/",
        input_stream=Garbled(),
        headers={"X-CSRFToken": token},
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    )
    assert answer.status_code == 400, answer.text
