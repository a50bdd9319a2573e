"""A phone that was changed: it is nobody's second factor until its owner proved something else."""

from sqlalchemy import update

from app.core.work import SYSTEM, work_for
from app.domain.sms_code import Purpose
from app.models.sms_code import SmsCode
from app.models.user import User
from app.services import profile, sms_code
from app.services.user import named, users
from tests.auth.authenticator import asked, come_in, with_passkey
from tests.auth.factors import code_of, prove, user_named, waiting, with_app, with_codes
from tests.auth.phones import PHONE, with_phone

NEW = "13912345678"


def give_phone(username="sales1", phone=NEW):
    """Change the phone of somebody in the panel."""
    with work_for(SYSTEM) as work:
        user = named(work.session, username)
        users.update(work, user, {"phone": phone}, version=user.version)


def offers_sms(browser):
    return "较弱" in browser.get("/login/verify").text


def test_a_new_phone_is_no_second_factor(app, try_door, phones):
    """MFA-10, MFA-17: whoever changed it and the address would hold both factors."""
    with_app("sales1")
    with_phone("sales1", PHONE)
    assert offers_sms(waiting(app, try_door))
    give_phone()
    browser = waiting(app, try_door)
    assert not offers_sms(browser)
    browser.post("/login/sms/send")
    assert phones.deliver() == []


def test_ones_own_new_phone_is_no_second_factor_either(app, try_door):
    """MFA-10: somebody at an unlocked screen could have changed it."""
    with_app("sales1")
    user = user_named("sales1")
    with work_for(SYSTEM) as work:
        profile.change(work, user.id, {"name": user.name, "email": None, "phone": NEW})
    assert not offers_sms(waiting(app, try_door))


def test_a_new_phone_counts_once_something_else_was_proved(app, try_door):
    """MFA-10, MFA-13"""
    shown = with_app("sales1")
    give_phone()
    assert prove(waiting(app, try_door), code_of(shown)).location == "/admin/"
    assert offers_sms(waiting(app, try_door))
    give_phone(phone=PHONE)
    (code, *_) = with_codes("sales1")
    assert prove(waiting(app, try_door), code, "recovery").location == "/admin/"
    assert offers_sms(waiting(app, try_door))


def test_the_same_phone_written_otherwise_is_no_new_one(app, try_door):
    with_app("sales1")
    with_phone("sales1", PHONE)
    give_phone(phone="+86 138 1234 5678")
    assert offers_sms(waiting(app, try_door))


def test_a_passkey_alone_proves_enough(app, try_door, client):
    """MFA-13: a new phone, and one that reset the password, count again."""
    device = with_passkey("sales1")
    give_phone()
    with work_for(SYSTEM) as work:
        user = named(work.session, "sales1")
        sms_code.send(work, user, Purpose.RESET)
        work.session.execute(update(SmsCode).values(used_at=work.now))
        work.session.execute(update(User).values(phone_unproved_since=None))
    assert not offers_sms(waiting(app, try_door))
    with work_for(SYSTEM) as work:
        work.session.execute(update(User).values(phone_unproved_since=work.now))
    come_in(client, device.sign(asked(client)))
    assert offers_sms(waiting(app, try_door))
