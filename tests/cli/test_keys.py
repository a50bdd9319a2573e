"""Changing ``DATA_KEYS``: nobody loses an authenticator app by it, or at least nobody silently."""

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from app.core import tokens
from app.core.db import db
from app.core.work import SYSTEM, work_for
from app.models.totp import Totp
from app.services import totp
from tests.auth.factors import code_of, user_named, with_app
from tests.visitor import forget


@pytest.fixture
def new_key(app):
    """A second key, newer than those in use."""
    kept = tokens.box()
    tokens.use_keys(app.extensions["settings"].data_keys)
    yield Fernet.generate_key().decode()
    tokens._Keeper.box = kept


def run(app, *words):
    forget()
    return app.test_cli_runner().invoke(args=["keys", *words])


def accepts(username, code):
    number = user_named(username).id
    with work_for(SYSTEM) as work:
        return totp.accept(work, number, code)


def test_resealing_lets_the_old_key_go(app, new_key):
    """MFA-11"""
    old = app.extensions["settings"].data_keys
    authenticator = with_app("sales1")
    with_app("sales2")
    tokens.use_keys([new_key, *old])
    assert (run(app, "reseal").output, run(app, "reseal").output) == (
        "已用最新的密钥重新加密：2\n",
        "已用最新的密钥重新加密：0\n",
    )
    tokens.use_keys([new_key])
    assert accepts("sales1", code_of(authenticator))


def test_a_code_reseals_its_secret(app, new_key):
    """MFA-11"""
    old = app.extensions["settings"].data_keys
    authenticator = with_app("sales1")
    tokens.use_keys([new_key, *old])
    assert accepts("sales1", code_of(authenticator))
    tokens.use_keys([new_key])
    assert accepts("sales1", code_of(authenticator, steps=1))
    assert not accepts("sales1", code_of(authenticator, steps=1))


def test_a_lost_key_is_said(app, new_key, caplog):
    """MFA-11: a right code is refused, and the log says why; the command fails."""
    authenticator = with_app("sales1")
    kept = db.session.scalars(select(Totp.secret)).one()
    tokens.use_keys([new_key])
    assert not accepts("sales1", code_of(authenticator))
    assert "DATA_KEYS" in caplog.text
    assert authenticator.secret not in caplog.text
    result = run(app, "reseal")
    assert result.exit_code == 1
    assert "无法解开：1" in result.stderr
    forget()
    assert db.session.scalars(select(Totp.secret)).one() == kept
