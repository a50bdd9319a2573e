"""The example gateway for Aliyun: it takes what the panel signs, once, and asks Aliyun as Aliyun wants it."""

import json
import logging
import re
import time
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import make_server

import pytest

from app.core import sms
from deploy.sms_aliyun import SKEW, Door, _Quiet, signature_of
from tests.core.gateways import SECRET, gateway

__all__ = ["gateway"]
MESSAGE = sms.Sms("13812345678", "【苏州彩箱】012345", "012345", "login", "2026-11-24T13:00:00Z")
OK = b'{"Message":"OK","RequestId":"1","Code":"OK","BizId":"2"}'


@pytest.fixture
def aliyun(gateway):
    """A provider on this machine that takes everything."""
    gateway.reply = OK
    return gateway


@pytest.fixture
def door(aliyun):
    """The address of the adapter."""
    adapter = Door(
        {
            "SMS_SECRET": SECRET,
            "ALIYUN_KEY_ID": "key-id",
            "ALIYUN_KEY_SECRET": "key-secret",
            "ALIYUN_SIGN": "苏州彩箱",
            "ALIYUN_TEMPLATE": "SMS_1",
            "ALIYUN_TEMPLATE_RESET": "SMS_2",
            "ALIYUN_ENDPOINT": aliyun.url.partition("/send")[0] + "/",
        }
    )
    server = make_server("127.0.0.1", 0, adapter, handler_class=_Quiet)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def post(door, message=MESSAGE, secret=SECRET):
    sms.HttpGateway(door, secret).send(message)


def status_of(failure):
    return failure.value.args[0]


def test_the_signature_is_the_one_of_aliyuns_own_example():
    parameters = {
        "AccessKeyId": "testId",
        "Action": "SendSms",
        "Format": "XML",
        "OutId": "123",
        "PhoneNumbers": "15300000001",
        "RegionId": "cn-hangzhou",
        "SignName": "阿里云短信测试专用",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466",
        "SignatureVersion": "1.0",
        "TemplateCode": "SMS_71390007",
        "TemplateParam": '{"customer":"test"}',
        "Timestamp": "2017-07-12T02:42:19Z",
        "Version": "2017-05-25",
    }
    assert signature_of("GET", parameters, "testSecret") == "zJDF+Lrzhj/ThnlvIToysFRq6t4="


@pytest.mark.parametrize(("purpose", "template"), [("login", "SMS_1"), ("reset", "SMS_2")])
def test_a_message_goes_to_aliyun_signed(door, aliyun, purpose, template):
    """MFA-13"""
    post(door, sms.Sms(MESSAGE.to, MESSAGE.text, MESSAGE.code, purpose, MESSAGE.at))
    ((path, _, body),) = aliyun.posts
    assert path == "/"
    asked = {name: value for name, (value,) in parse_qs(body.decode()).items()}
    signature = asked.pop("Signature")
    assert signature == signature_of("POST", asked, "key-secret")
    assert (asked["PhoneNumbers"], asked["SignName"]) == ("13812345678", "苏州彩箱")
    assert json.loads(asked["TemplateParam"]) == {"code": "012345"}
    assert asked["TemplateCode"] == template
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", asked["Timestamp"])


def test_a_repeated_message_is_sent_once(door, aliyun):
    post(door)
    post(door)
    assert len(aliyun.posts) == 1


@pytest.mark.parametrize("secret", ["", "other"])
def test_what_the_panel_did_not_sign_is_refused(door, aliyun, secret):
    """MFA-13"""
    with pytest.raises(sms.GatewayError) as failure:
        post(door, secret=secret)
    assert status_of(failure) == 401
    assert aliyun.posts == []


@pytest.mark.parametrize("shift", [-SKEW - 5, SKEW + 5])
def test_what_was_signed_at_another_time_is_refused(door, aliyun, shift):
    """MFA-13: nobody replays what they once saw."""
    timestamp = str(int(time.time()) + shift)
    signature = sms.signature_of(SECRET, timestamp, MESSAGE.body)
    line = HTTPConnection(urlsplit(door).netloc, timeout=5)
    line.request("POST", "/", MESSAGE.body, {sms.TIMESTAMP: timestamp, sms.SIGNATURE: signature})
    assert line.getresponse().status == 401
    line.close()
    assert aliyun.posts == []


@pytest.mark.parametrize("to", ["+4915112345678", "0512-65432109", "13812345678,13912345678"])
def test_what_is_no_mobile_is_refused(door, aliyun, to):
    with pytest.raises(sms.GatewayError) as failure:
        post(door, sms.Sms(to, "t", "012345", "login", ""))
    assert status_of(failure) == 422
    assert aliyun.posts == []


def test_aliyuns_refusal_lets_the_panel_try_again_and_names_no_one(door, aliyun, caplog):
    """MFA-13, PII-1"""
    aliyun.reply = b'{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"no 13812345678"}'
    with caplog.at_level(logging.WARNING), pytest.raises(sms.GatewayError) as failure:
        post(door)
    assert status_of(failure) == 502
    assert "isv.BUSINESS_LIMIT_CONTROL" in caplog.text
    assert "13812345678" not in caplog.text
    assert "012345" not in caplog.text
    aliyun.reply = OK
    post(door)
    assert len(aliyun.posts) == 2
