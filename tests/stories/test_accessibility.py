"""No page fails axe: light and dark, on a desk and on a phone."""

from pathlib import Path
from typing import Any

import pytest

from tests.stories.looks import GROUPS, each_look
from tests.stories.world import furnish

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("axe.min.js")
RUN = """async (only) => {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"], runOnly: only });
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.failureSummary}`));
}"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: The themes differ in their colours only, so the second look asks for those alone.
THEMES = {
    "light": {"type": "tag", "values": TAGS},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
#: The phone is as long as its page: what a sticky bar covers depends on how far one has scrolled.
SIZES = ((1440, 900), (360, 5000))


@pytest.mark.parametrize("group", GROUPS)
def test_axe_finds_nothing(open_page, group):
    """0 axe violations on every page × light/dark × 1440/360 px."""
    source = AXE.read_text("utf-8")
    found: list[str] = []
    for name, page in each_look(open_page, furnish(), group):
        page.evaluate(source)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                found += [f"{name}, {width} px, {theme}: {text}" for text in _axe(page, theme)]
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    assert found == [], "\n".join(found)


def _axe(page: Any, theme: str) -> list[str]:
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    return list(page.evaluate(RUN, THEMES[theme]))
