"""Settings: what is derived, what development makes for itself, and what production refuses."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.core import keyfiles
from app.core.config import ROOT, ConfigError, Settings, load_settings

GOOD = {
    "app_env": "production",
    "secret_key": "0123456789abcdefghijklmnopqrstuv",
    "public_url": "https://crm.example.com",
    "data_keys": "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=",
    "audit_key": "0" * 32,
    "database_url": "postgresql+psycopg://app:word@db/app",
    "mail_url": "smtp://mail:25",
}
NAMES = {name.upper() for name in Settings.model_fields}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def _refusal(root, **given):
    with pytest.raises(ConfigError) as refusal:
        load_settings(root, **given)
    words = str(refusal.value)
    assert "\n" not in words
    return words


def test_development_needs_no_setting_at_all(tmp_path):
    settings = load_settings(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/app.db"
    assert settings.public_url == "http://localhost:8000"
    assert settings.trusted_hosts == ("localhost", "127.0.0.1")
    assert settings.mail_url == settings.sms_url == f"file:{tmp_path}/instance/outbox"
    assert settings.mfa_required_roles == ()
    assert settings.login_lock_steps == (1, 5, 15, 60)


def test_the_public_address_follows_the_port(tmp_path):
    assert load_settings(tmp_path, port=9000).public_url == "http://localhost:9000"


def test_generated_keys_are_private_and_stay(tmp_path):
    first, second = load_settings(tmp_path), load_settings(tmp_path)
    assert first.secret_key == second.secret_key != ""
    assert (first.data_keys, first.audit_key) == (second.data_keys, second.audit_key)
    for name in ("secret_key", "data_key", "audit_key"):
        assert (tmp_path / "instance" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "instance").stat().st_mode & 0o777 == 0o700


def test_workers_that_start_together_agree_on_the_key(tmp_path):
    with ProcessPoolExecutor(4) as pool:
        keys = set(pool.map(keyfiles.secret_key, [tmp_path / "instance"] * 16))
    assert len(keys) == 1


def test_the_env_file_is_read_and_the_environment_wins(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text(
        "COMPANY=甲\nPORT=8100\nMFA_REQUIRED_ROLES=admin, sales\n", "utf-8"
    )
    monkeypatch.setenv("PORT", "8200")
    settings = load_settings(tmp_path)
    assert (settings.company, settings.port) == ("甲", 8200)
    assert settings.mfa_required_roles == ("admin", "sales")


def test_an_empty_value_is_no_value(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "")
    assert load_settings(tmp_path).redis_url is None


def test_paths_may_hold_spaces_and_chinese(tmp_path):
    root = tmp_path / "彩箱 系统"
    url = make_url(load_settings(root).database_url)
    assert url.database == str(root / "instance" / "app.db")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trusted_proxies", "two"),
        ("port", "0"),
        ("password_profile", "none"),
        ("database_url", "mysql://db/app"),
        ("public_url", "crm.example.com"),
        ("public_url", "https://crm.example.com:99999"),
        ("timezone", "Asia/Nowhere"),
        ("data_keys", "short"),
        ("audit_key", "short"),
        ("admin_addresses", "10.0.0.0/8,office"),
        ("login_lock_steps", "1,0"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_not_shown(tmp_path, name, value):
    words = _refusal(tmp_path, **{name: value})
    assert name.upper() in words


def test_production_starts_when_all_is_set(tmp_path):
    settings = load_settings(tmp_path, **GOOD)
    assert settings.production
    assert settings.https
    assert settings.trusted_hosts == ("crm.example.com",)
    assert settings.mfa_required_roles == ("admin", "security")
    assert settings.sms_url is None
    assert not (tmp_path / "instance" / "secret_key").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_key", ""),
        ("secret_key", "0123456789abcdefghijklmnopqrstu"),
        ("secret_key", "abcabca" * 6),
        ("public_url", ""),
        ("public_url", "http://crm.example.com"),
        ("trusted_hosts", "*"),
        ("data_keys", ""),
        ("audit_key", ""),
        ("flask_debug", "1"),
        ("password_profile", "weak"),
        ("trusted_proxies", "x"),
        ("sms_url", "http://sms.example.com"),
    ],
)
def test_production_refuses_by_name(tmp_path, monkeypatch, name, value):
    for key, text in {**GOOD, name: value}.items():
        monkeypatch.setenv(key.upper(), text)
    words = _refusal(tmp_path)
    assert name.upper() in words
    assert sum(other in words for other in NAMES) == 1


def test_production_warns_of_sqlite_and_unsent_mail(tmp_path, caplog):
    given = {**GOOD, "database_url": "sqlite:///a.db", "mail_url": "file:outbox"}
    load_settings(tmp_path, **given)
    assert "DATABASE_URL" in caplog.text
    assert "MAIL_URL" in caplog.text


@pytest.mark.parametrize(
    ("url", "secret", "named"),
    [
        ("file:outbox", "", "SMS_URL"),
        ("https://sms.example.com", "", "SMS_SECRET"),
        ("https://sms.example.com", "word", ""),
    ],
)
def test_production_warns_of_messages_that_are_not_sent_or_not_signed(
    tmp_path, caplog, url, secret, named
):
    """MFA-13"""
    load_settings(tmp_path, **GOOD, sms_url=url, sms_secret=secret)
    assert [name for name in ("SMS_URL", "SMS_SECRET") if name in caplog.text] == [named] * bool(
        named
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("https://CRM.Example.com", "https://crm.example.com"),
        ("https://crm.example.com:443/", "https://crm.example.com"),
        ("http://localhost:80", "http://localhost"),
        ("https://crm.example.com:8443", "https://crm.example.com:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_public_address_is_what_browsers_say(tmp_path, given, said):
    """MFA-12: passkeys and the Origin of a form are compared with it sign by sign."""
    assert load_settings(tmp_path, public_url=given).public_url == said


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://crm.example.com:8443", "crm.example.com"),
        ("http://localhost:8000", "localhost"),
        ("http://10.0.0.5", ""),
        ("http://[fd00::5]:8000", ""),
    ],
)
def test_passkeys_belong_to_names_not_to_numbers(tmp_path, url, host):
    """MFA-12"""
    assert load_settings(tmp_path, public_url=url).passkey_host == host


def test_passwords_may_never_expire(tmp_path):
    """PWD-7"""
    assert load_settings(tmp_path, password_max_days="0").password_max_days == 0
    assert "PASSWORD_MAX_DAYS" in _refusal(tmp_path, password_max_days="-1")


def test_secrets_are_not_printed(tmp_path):
    settings = load_settings(tmp_path, **GOOD)
    for secret in (settings.secret_key, settings.data_keys[0], settings.audit_key, "word@db"):
        assert secret not in repr(settings)


def test_the_example_file_holds_every_setting_with_its_default():
    lines = Path(ROOT, ".env.example").read_text("utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert example == {
        name.upper(): _written(field) for name, field in Settings.model_fields.items()
    }
    for field in Settings.model_fields.values():
        assert f"# {field.description}" in lines


def _written(field):
    default = field.default
    if isinstance(default, bool):
        return str(int(default))
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return "" if default is None else str(default)


def test_production_without_a_secret_refuses_to_import_in_one_line():
    environment = {**os.environ, "APP_ENV": "production"}
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert "SECRET_KEY" in done.stderr
