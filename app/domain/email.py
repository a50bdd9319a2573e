"""E-mail addresses: one stored form, and a masked one."""

import email_validator
from email_validator import EmailNotValidError, validate_email

from app.core.invalid import InvalidValue
from app.core.words import N_
from app.domain.folding import visible

BAD = N_("请填写完整的邮箱地址，例如 name@example.com。")
_LONGEST = 254

# A factory's own mail server may well be mail.local; the library documents this way to allow it.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def canonical_email(text: str) -> str:
    """Return the address in lower case and half width; names like ``mail.local`` are allowed.

    Only ASCII before the @, so that no look-alike letter passes for another. Nothing is asked of
    the network. Raises InvalidValue.
    """
    plain = visible(text).strip()
    if len(plain) > _LONGEST or "*" in plain:  # which is part of a mask, and of no address in use
        raise InvalidValue(BAD)
    try:
        address = validate_email(
            plain,
            check_deliverability=False,
            globally_deliverable=False,
            allow_smtputf8=False,
        )
    except EmailNotValidError as error:
        raise InvalidValue(BAD) from error
    if "." not in address.ascii_domain:
        raise InvalidValue(BAD)
    return f"{address.local_part}@{address.ascii_domain}".lower()


def masked_email(address: str) -> str:
    """Return a stored *address* with its name hidden: ``z***@example.com``."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"
