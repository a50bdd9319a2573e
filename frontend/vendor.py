"""Fetch the pinned third-party files of the front end into app/static/vendor, and those of its tests.

Run by ``make vendor`` on a developer's machine, never at install or run time. For each package of
vendor.toml the published tarball is packed with npm, its integrity is compared, the listed files and
the licence are copied, and the icon sprite is drawn from the listed names. ``LOCK.json`` then holds
the SHA-256 of every file, and a test recomputes them, so that a change by hand is noticed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SERVED = "app/static/vendor"
LOCK = ROOT / SERVED / "LOCK.json"

# Every outline icon carries an invisible square as its first path; it only costs bytes.
_FRAME = re.compile(r'<path\s+stroke="none"[^>]*/>')
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def pack(name: str, version: str, folder: Path) -> Path:
    """Download the published tarball of one package and return its path."""
    subprocess.run(  # noqa: S603 - both words come from our own file
        ["npm", "pack", "--silent", f"{name}@{version}", "--pack-destination", str(folder)],  # noqa: S607
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return next(folder.glob("*.tgz"))


def check_integrity(tarball: Path, integrity: str) -> None:
    """Refuse a tarball that is not the one we read and chose."""
    method, _, expected = integrity.partition("-")
    actual = base64.b64encode(hashlib.new(method, tarball.read_bytes()).digest()).decode()
    if actual != expected:
        sys.exit(f"{tarball.name}: integrity {method}-{actual} is not the pinned one")


def read_member(archive: tarfile.TarFile, path: str) -> bytes:
    """Return one file of the package."""
    handle = archive.extractfile(f"package/{path}")
    if handle is None:
        sys.exit(f"{path} is not a file of the package")
    return handle.read()


def symbol(name: str, svg: str) -> str:
    """Turn one icon into a ``<symbol>`` without its frame, classes and white space."""
    match = _BODY.search(svg)
    if match is None:
        sys.exit(f"{name}: no drawing found")
    body = re.sub(r">\s+<", "><", _FRAME.sub("", match.group(1)).strip()).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def draw_sprite(archive: tarfile.TarFile, sprite: dict[str, Any]) -> str:
    """Return the sprite: one symbol per listed name, stroked in the colour of the text around it."""
    symbols = [
        symbol(name, read_member(archive, f"{sprite['source']}/{name}.svg").decode())
        for name in sprite["names"]
    ]
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">'
    )
    return head + "\n" + "\n".join(symbols) + "\n</svg>\n"


def sha256(path: Path) -> str:
    """Return the digest of one file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def bring(package: dict[str, Any]) -> dict[str, str]:
    """Bring one package; return path of each file → package and version."""
    place = package.get("folder", SERVED)
    with tempfile.TemporaryDirectory() as folder:
        tarball = pack(package["name"], package["version"], Path(folder))
        check_integrity(tarball, package["integrity"])
        origin = f"{package['name']} {package['version']} ({package['licence']})"
        made: dict[str, str] = {}
        with tarfile.open(tarball) as archive:
            for source, target in package.get("copy", []):
                (ROOT / place / target).write_bytes(read_member(archive, source))
                made[f"{place}/{target}"] = origin
            if sprite := package.get("sprite"):
                (ROOT / place / sprite["target"]).write_text(draw_sprite(archive, sprite), "utf-8")
                made[f"{place}/{sprite['target']}"] = origin
    return made


def main() -> None:
    """Bring all packages and write the lock."""
    (ROOT / SERVED).mkdir(parents=True, exist_ok=True)
    listed = tomllib.loads((HERE / "vendor.toml").read_text("utf-8"))["package"]
    made: dict[str, str] = {}
    for package in listed:
        made |= bring(package)
    lock = {path: {"from": made[path], "sha256": sha256(ROOT / path)} for path in sorted(made)}
    LOCK.write_text(json.dumps(lock, indent=2) + "\n", "utf-8")
    for path in lock:
        sys.stdout.write(f"{(ROOT / path).stat().st_size:>7}  {path}\n")


if __name__ == "__main__":
    main()
