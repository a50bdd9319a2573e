"""Letters: the mails the house writes to its people, in their language, by way of a job."""

from typing import Any

from app.core.work import Work
from app.models.user import User
from app.services import jobs


def write(
    work: Work, user: User, subject: str, text: str, *, to: str | None = None, **facts: Any
) -> bool:
    """Put a mail to the stored address of *user*, or to *to*, in line; False if there is none.

    *subject* and *text* are message ids; the worker translates them and fills in *facts*, the name
    of the user and the company.
    """
    if not (to or user.email):
        return False
    letter = {
        "to": to or user.email,
        "locale": user.locale,
        "subject": subject,
        "text": text,
        "facts": {"name": user.name, "username": user.username, **facts},
    }
    jobs.enqueue(work, "mail", letter)
    return True
