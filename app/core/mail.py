"""Sending mail: to an SMTP server, or as files into a folder where there is none."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from app.core import clock, outbox
from app.core.config import Settings

TIMEOUT = 20  # seconds
SUBMISSION = 587
SUBMISSION_TLS = 465


@dataclass(frozen=True, slots=True)
class Mail:
    """A message in plain text; a link stands alone on its line."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Whatever delivers a message; raises OSError or smtplib.SMTPException when it cannot now."""

    def send(self, mail: Mail) -> None:
        """Deliver *mail*."""


class FileOutbox:
    """Writes one ``.eml`` per message."""

    def __init__(self, folder: Path, sender: str) -> None:
        self.folder = folder
        self.sender = sender

    def send(self, mail: Mail) -> None:
        """Write the message."""
        message = _message(mail, self.sender, cte="8bit")
        outbox.write(self.folder, "eml", message.as_bytes(policy=SMTP_POLICY))


class SmtpMailer:
    """Sends through a server: encrypted where the server can, and always with a password."""

    def __init__(self, url: str, sender: str) -> None:
        self.url = urlsplit(url)
        self.sender = sender

    def send(self, mail: Mail) -> None:
        """Deliver the message to the server."""
        context = ssl.create_default_context()
        host, tls = self.url.hostname or "localhost", self.url.scheme == "smtps"
        port = self.url.port or (SUBMISSION_TLS if tls else SUBMISSION)
        connect = (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
            if tls
            else smtplib.SMTP(host, port, timeout=TIMEOUT)
        )
        with connect as server:
            if not tls:
                server.ehlo()
                if server.has_extn("starttls") or self.url.username:
                    server.starttls(context=context)
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(_message(mail, self.sender))


def mailer_for(settings: Settings) -> Mailer:
    """Return what the setting ``MAIL_URL`` asks for."""
    if settings.outbox:
        return FileOutbox(settings.outbox, settings.mail_from)
    return SmtpMailer(settings.mail_url, settings.mail_from)


def _message(mail: Mail, sender: str, *, cte: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte=cte)
    return message
