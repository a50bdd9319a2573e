"""Small screens and fingers: nothing scrolls sideways, everything is large enough to be hit."""

from typing import Any

import pytest

from tests.stories.looks import GROUPS, each_look
from tests.stories.world import furnish

pytestmark = pytest.mark.browser

#: What can be hit, with its size: of a box in a label that is the label, and a link in the flow of a
#: sentence may be as low as its line (WCAG 2.5.8).
TARGETS = """() => {
  const shown = (one) => {
    const box = one.getBoundingClientRect();
    const visible = getComputedStyle(one).visibility === "visible" && !one.closest("[aria-hidden=true]");
    return box.width > 1 && box.height > 1 && visible;
  };
  const hit = (one) => one.matches("input[type=checkbox], input[type=radio]") ? one.closest("label") ?? one : one;
  return [...document.querySelectorAll("a[href], button, select, textarea, summary, input:not([type=hidden])")]
    .filter((one) => shown(one) && !one.closest("p, dd, .note, .hint"))
    .map((one) => {
      const box = hit(one).getBoundingClientRect();
      return { name: one.id || one.name || one.getAttribute("aria-label") || one.textContent.trim() || one.tagName,
               button: one.matches(".button"), width: box.width, height: box.height };
    });
}"""
WIDE = """() => {
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over <= 0) return "";
  const guilty = [...document.querySelectorAll("main *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
  return `${over} px: ${guilty.slice(0, 3).map((one) => one.outerHTML.slice(0, 90)).join(" | ")}`;
}"""
LEAST, FINGER, ROUNDING = 24, 40, 0.5


@pytest.mark.parametrize("group", GROUPS)
def test_everything_fits_and_can_be_hit(open_page, group):
    """Reflow and touch: 320 and 360 px wide, targets ≥ 24 px, buttons ≥ 40 px on a phone."""
    found: list[str] = []
    for name, page in each_look(open_page, furnish(), group):
        for width in (1440, 360, 320):
            page.set_viewport_size({"width": width, "height": 780})
            found += [f"{name}, {width} px: {text}" for text in _complaints(page, width)]
        page.set_viewport_size({"width": 1440, "height": 900})
    assert found == [], "\n".join(found)


def _complaints(page: Any, width: int) -> list[str]:
    sideways = page.evaluate(WIDE)
    found = [f"scrolls sideways, {sideways}"] if sideways else []
    for one in page.evaluate(TARGETS):
        least = FINGER if one["button"] and width < 760 else LEAST
        if one["height"] < least - ROUNDING or one["width"] < LEAST - ROUNDING:
            found.append(f"{one['name'][:40]} is {one['width']:.0f}×{one['height']:.0f}")
    return found
