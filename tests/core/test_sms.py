"""Messages to phones: as files, or signed to a gateway that proves who it is."""

import hmac
import json
import ssl
import time
from datetime import timedelta
from hashlib import sha256
from http.client import HTTPException
from ipaddress import ip_address
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.core import clock, sms
from app.core.config import ConfigError, load_settings
from tests.core.gateways import SECRET, gateway, served

__all__ = ["gateway"]
MESSAGE = sms.Sms("13812345678", "验证码 012345", "012345", "login", "2026-11-24T13:00:00+00:00")


def test_a_folder_gets_one_private_file_per_message(tmp_path):
    """MFA-13"""
    folder = tmp_path / "outbox"
    where = load_settings(tmp_path, warn=False, sms_url=f"file:{folder}")
    for _ in range(2):
        sms.gateway_for(where).send(MESSAGE)
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".json", ".json"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert json.loads(files[0].read_text("utf-8")) == {
        "to": "13812345678",
        "text": "验证码 012345",
        "code": "012345",
        "purpose": "login",
        "at": "2026-11-24T13:00:00+00:00",
    }


def test_a_gateway_gets_the_same_signed(gateway):
    """MFA-13"""
    sms.HttpGateway(gateway.url, SECRET).send(MESSAGE)
    ((path, headers, body),) = gateway.posts
    assert path == "/send?app=1"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(body)["code"] == "012345"
    timestamp = headers["X-Sms-Timestamp"]
    assert abs(int(timestamp) - time.time()) < 10
    covered = timestamp.encode() + b"." + body
    expected = hmac.new(SECRET.encode(), covered, sha256).hexdigest()
    assert headers["X-Sms-Signature"] == expected
    assert SECRET not in str(gateway.posts)


@pytest.mark.parametrize("status", [199, 301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_whatever_is_not_2xx_is_a_failure_and_no_redirect_is_followed(gateway, status):
    """MFA-13"""
    gateway.answers = [status]
    with pytest.raises((OSError, HTTPException)) as failure:
        sms.HttpGateway(gateway.url, SECRET).send(MESSAGE)
    assert len(gateway.posts) == 1
    assert "012345" not in str(failure.value)


def test_a_gateway_that_is_not_there_is_a_failure():
    with pytest.raises(OSError, match="refused"):
        sms.HttpGateway("http://127.0.0.1:9/", SECRET).send(MESSAGE)


def test_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path, monkeypatch):
    """MFA-13: whoever stands between reads no code; with a certificate that is trusted it goes."""
    server, kept = served()
    paths = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    door = sms.HttpGateway(kept.url.replace("http:", "https:"), SECRET)
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            door.send(MESSAGE)
        assert kept.posts == []
        monkeypatch.setenv("SSL_CERT_FILE", str(paths[0]))
        door.send(MESSAGE)
        assert len(kept.posts) == 1
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder):
    """Return the files of a certificate of this machine, signed by itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.mark.parametrize(
    "url",
    [
        "http://sms.example.com/",
        "http://10.0.0.7/send",
        "https:///send",
        "https://user:word@sms.example.com/",
        "ftp://sms.example.com/",
    ],
)
def test_addresses_that_would_tell_others_are_refused(tmp_path, url):
    """MFA-13: even in development plain http goes to this machine only."""
    with pytest.raises(ConfigError, match="SMS_URL"):
        load_settings(tmp_path, warn=False, sms_url=url)


def test_this_machine_may_be_asked_in_plain_http_in_development(tmp_path):
    where = load_settings(tmp_path, warn=False, sms_url="http://127.0.0.1:9000/")
    assert isinstance(sms.gateway_for(where), sms.HttpGateway)


def test_a_message_does_not_show_its_code():
    """PWD-12: not even by accident, in a log or a trace."""
    assert "012345" not in repr(MESSAGE)
