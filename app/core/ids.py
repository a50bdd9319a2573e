"""Record ids as they come from outside: numbers of a 64-bit column, or nothing."""

MAX_ID = 2**63 - 1


def as_id(value: object) -> int | None:
    """Return *value* as a record id, or None if it cannot be one."""
    text = str(value) if isinstance(value, int | str) else ""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(MAX_ID)):
        return None
    number = int(text)
    return number if 0 < number <= MAX_ID else None
