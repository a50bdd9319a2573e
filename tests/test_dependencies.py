"""What the product stands on is pinned, can be checked byte for byte, and is listed."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+) \\$", re.MULTILINE)


def pins(name):
    return dict(PINNED.findall((ROOT / name).read_text("utf-8")))


@pytest.mark.parametrize("kind", ["requirements", "requirements-dev", "requirements-audit"])
def test_every_package_is_pinned_with_hashes(kind):
    """CFG-3"""
    text = (ROOT / f"{kind}.txt").read_text("utf-8")
    wanted = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert wanted
    assert all(PINNED.match(line) for line in wanted)
    assert text.count("--hash=sha256:") >= len(wanted)


def test_the_list_of_components_is_up_to_date():
    """CFG-3: what ``make audit`` writes, name by name and with its hashes."""
    listed = json.loads((ROOT / "docs" / "sbom.cdx.json").read_text("utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    found = {one["name"]: one["version"] for one in listed["components"]}
    assert found == pins("requirements.txt")
    assert all(one["hashes"] for one in listed["components"])


def test_pins_agree_between_files():
    """CFG-3: developers test what is shipped."""
    shipped, tested = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: tested.get(name) for name in shipped} == shipped
