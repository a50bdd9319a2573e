"""A folder that messages are written to where nothing sends them: one file each."""

from pathlib import Path
from uuid import uuid4

from app.core import clock


def write(folder: Path, ending: str, content: bytes) -> None:
    """Write *content* under a name that sorts by time, private, and whole: a reader never meets half of one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{clock.now():%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"
    draft = folder / f".{name}.draft"
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(folder / f"{name}.{ending}")
