"""List what the product stands on (CycloneDX) and ask whether any of it has known weaknesses.

Run by ``make audit``, in an environment of its own. Exits with 1 when a weakness is known; says so
when nobody could be asked, of all packages or of some, and exits with 0 – or, with ``--strict``, with 2.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
REQUIREMENTS = ROOT / "requirements.txt"
LIST = ROOT / "docs" / "sbom.cdx.json"
NAME = "caixiang"
KNOWN, NOBODY_ASKED = 1, 2  # exit statuses


def list_components() -> None:
    """Write the bill of materials: every pinned package with its hashes; the same each time."""
    subprocess.run(  # noqa: S603 - a tool of this very environment, with paths of ours
        [
            *(TOOLS / "cyclonedx-py", "requirements", REQUIREMENTS, "--output-reproducible"),
            *("--output-format", "JSON", "--output-file", LIST),
        ],
        check=True,
    )
    found = json.loads(LIST.read_text("utf-8"))
    found["metadata"] = {"component": {"type": "application", "name": NAME}}
    for component in found["components"]:
        component.pop("description")  # the line of the file once more
        sources = component.pop("externalReferences", [])  # the hashes, without the servers
        component["hashes"] = [kept for source in sources for kept in source.get("hashes", [])]
    LIST.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


def ask() -> list[dict[str, Any]] | None:
    """Return what is known of each package; None where no advisory service answered."""
    asked = subprocess.run(  # noqa: S603
        [
            *(TOOLS / "pip-audit", "--requirement", REQUIREMENTS, "--require-hashes"),
            *("--disable-pip", "--format", "json", "--progress-spinner", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return found if any("vulns" in one for one in found) else None


def main() -> int:
    """Do both; return the exit status."""
    list_components()
    found = ask()
    if found is None:
        sys.stderr.write("audit: no advisory service could be reached, nothing was compared\n")
        return NOBODY_ASKED if "--strict" in sys.argv else 0
    return report(found, is_strict="--strict" in sys.argv)


def report(found: list[dict[str, Any]], *, is_strict: bool) -> int:
    """Say what is known of the packages *found*; return the exit status."""
    weak = [one for one in found if one.get("vulns")]
    unasked = [one for one in found if "vulns" not in one]
    for one in unasked:
        sys.stderr.write(f"audit: {one['name']} was not compared: {one.get('skip_reason', '?')}\n")
    for one in weak:
        known = ", ".join(str(weakness["id"]) for weakness in one["vulns"])
        sys.stderr.write(f"audit: {one['name']} {one['version']}: {known}\n")
    asked = len(found) - len(unasked)
    sys.stdout.write(f"audit: {asked} packages, {len(weak)} with known weaknesses\n")
    if weak:
        return KNOWN
    return NOBODY_ASKED if unasked and is_strict else 0


if __name__ == "__main__":
    sys.exit(main())
