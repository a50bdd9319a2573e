"""What the product stands on is pinned, can be checked byte for byte, and is listed."""

import json
import re
from pathlib import Path

import pytest

from deploy import audit

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


@pytest.mark.parametrize(("is_strict", "status"), [(True, audit.NOBODY_ASKED), (False, 0)])
def test_a_package_nobody_was_asked_about_is_not_clean(capsys, is_strict, status):
    """CFG-3: it is named, and ``--strict`` does not pass; a known weakness weighs more."""
    found = [
        {"name": "good", "version": "1", "vulns": []},
        {"name": "private", "skip_reason": "not found on PyPI"},
    ]
    assert audit.report(found, is_strict=is_strict) == status
    said = capsys.readouterr()
    assert "private was not compared: not found on PyPI" in said.err
    assert "1 packages, 0 with known weaknesses" in said.out
    weak = {"name": "weak", "version": "1", "vulns": [{"id": "PYSEC-1"}]}
    assert audit.report([*found, weak], is_strict=is_strict) == audit.KNOWN
