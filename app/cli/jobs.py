"""``jobs run``: the background worker."""

import signal
import smtplib
import time
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import click
import structlog
from babel import Locale
from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock, mail, sms
from app.core.config import Settings
from app.core.db import db
from app.core.errors import Refusal, Unavailable
from app.core.words import filled
from app.core.work import SYSTEM, Origin, Work, work_for
from app.domain.sms_code import LIFE, Purpose
from app.services import (
    device_session,
    form_token,
    jobs,
    login_counter,
    passkey_challenge,
    password_reset,
    pending_login,
    rate_counter,
    remember_token,
    role,
    sms_code,
    trash,
    trusted_device,
)
from app.services.device_session import SessionLimits
from app.services.jobs import Leased
from app.web.locale import LANGUAGES

POLL = 1.0  # seconds between looks at an empty line
HOUSEKEEPING = 3600.0  # seconds
ORIGIN = Origin(address="worker")
log = structlog.get_logger("app.jobs")


@click.group("jobs")
def commands() -> None:
    """Do in the background what others put in line."""


@commands.command()
def run() -> None:
    """Work until asked to stop; the job at hand is finished first."""
    warn_of_roles()
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.work()


def warn_of_roles() -> None:
    """Log the names in MFA_REQUIRED_ROLES that no role has: they demand a second factor of nobody."""
    wanted = current_app.extensions["settings"].mfa_required_roles or ()
    try:
        unknown = role.unknown_names(db.session(), wanted)
    except SQLAlchemyError:
        return  # the work below says so, and tries again
    finally:
        db.session.remove()
    if unknown:
        log.warning("MFA_REQUIRED_ROLES names roles that do not exist", roles=unknown)


class Worker:
    """Takes one job after the other."""

    def __init__(self) -> None:
        self.is_stopping = False
        self.cleaned_at = 0.0

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """End after the job at hand."""
        self.is_stopping = True

    def work(self) -> None:
        """Do what is due, look again every second, and tidy up once an hour."""
        while not self.is_stopping:
            try:
                self._tidy()
                if run_one():
                    continue
            except (Unavailable, SQLAlchemyError):
                log.warning("database unavailable, trying again")
            self._rest()

    def _rest(self) -> None:
        end = time.monotonic() + POLL
        while not self.is_stopping and time.monotonic() < end:
            time.sleep(0.1)

    def _tidy(self) -> None:
        if self.cleaned_at and time.monotonic() < self.cleaned_at + HOUSEKEEPING:
            return
        self.cleaned_at = time.monotonic()
        tidy_up()


def run_one() -> bool:
    """Do one job that is due; tell whether there was one."""
    with work_for(SYSTEM, ORIGIN) as work:
        job = jobs.claim(work)
    if job is None:
        return False
    task = TASKS.get(job.kind)
    if task is None:
        _give_up(job, f"unknown kind {job.kind}", for_good=True)
        return True
    try:
        task(current_app.extensions["settings"], job.payload)
    except Exception as error:  # noqa: BLE001 - whatever it is, the job is tried again and the worker lives
        log.warning("job failed", job=job.id, kind=job.kind, error=type(error).__name__)
        _give_up(job, type(error).__name__)
        return True
    with work_for(SYSTEM, ORIGIN) as work:
        jobs.finish(work, job)
    return True


def run_due() -> int:
    """Do every job that is due now and return how many there were; for tests and for cron."""
    number = 0
    while run_one():
        number += 1
    return number


def tidy_up() -> None:
    """Remove what nobody needs any more; what cannot be removed now keeps nothing else waiting."""
    limits = SessionLimits.of(current_app.extensions["settings"])
    cleanings: tuple[Callable[[Work], object], ...] = (
        jobs.forget_finished,
        trash.purge,
        form_token.forget_old,
        lambda work: device_session.forget_over(work, limits),
        remember_token.forget_over,
        login_counter.forget_quiet,
        rate_counter.forget,
        password_reset.forget_old,
        sms_code.forget_old,
        pending_login.forget_over,
        passkey_challenge.forget_over,
        trusted_device.forget_over,
    )
    for clean in cleanings:
        try:
            with work_for(SYSTEM, ORIGIN) as work:
                clean(work)
        except (Refusal, SQLAlchemyError):
            log.warning("a cleaning failed, it is tried again later", exc_info=True)


def _give_up(job: Leased, error: str, *, for_good: bool = False) -> None:
    with work_for(SYSTEM, ORIGIN) as work:
        jobs.fail(work, job, error, for_good=for_good)


def _send_mail(settings: Settings, letter: Mapping[str, Any]) -> None:
    """Translate a letter for its reader and deliver it; one that no server takes is dropped."""
    facts = {**letter["facts"], "company": settings.company}
    with force_locale(_language(settings, letter)):
        subject, text = (filled(letter[part], facts, gettext) for part in ("subject", "text"))
    try:
        mail.mailer_for(settings).send(
            mail.Mail(letter["to"], f"{subject} · {settings.company}", text)
        )
    except smtplib.SMTPRecipientsRefused:
        log.warning("mail refused by the server")


def _language(settings: Settings, letter: Mapping[str, Any]) -> Locale:
    return Locale.parse(LANGUAGES[letter.get("locale") or settings.locale])


def _send_sms(settings: Settings, message: Mapping[str, Any]) -> None:
    """Translate a message for its reader and deliver it; a code that is dead by now is dropped."""
    gateway = sms.gateway_for(settings)
    if gateway is None or not sms_code.is_wanted(db.session(), message["row"], now=clock.now()):
        return
    facts = {
        "company": settings.company,
        "code": message["code"],
        "minutes": int(LIFE.total_seconds()) // 60,
    }
    with force_locale(_language(settings, message)):
        text = filled(Purpose(message["purpose"]).label, facts, gettext)
    db.session.remove()  # a slow gateway holds no connection
    to, code, purpose, at = (message[name] for name in ("to", "code", "purpose", "at"))
    gateway.send(sms.Sms(to, text, code, purpose, at))


def _send_reset_code(_settings: Settings, asked: Mapping[str, Any]) -> None:
    with work_for(SYSTEM, Origin(address=asked.get("address", ""))) as work:
        password_reset.send_code(work, asked["identity"])


def _send_reset_links(settings: Settings, asked: Mapping[str, Any]) -> None:
    with work_for(SYSTEM, Origin(address=asked.get("address", ""))) as work:
        password_reset.send_links(
            work,
            asked["identity"],
            site=settings.public_url,
            minutes=settings.reset_minutes,
            known=asked.get("known", ()),
        )


#: Kind of job → what does it.
TASKS: Mapping[str, Callable[[Settings, Mapping[str, Any]], None]] = {
    "mail": _send_mail,
    password_reset.JOB: _send_reset_links,
    password_reset.SMS_JOB: _send_reset_code,
    sms_code.JOB: _send_sms,
}
