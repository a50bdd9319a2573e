"""Hands on the keyboard alone: every step looks whether the focus can be seen and moves on."""

from typing import Any

#: Where the focus is, and whether anybody can see it there: ringed, and not below something sticky.
LOOK = r"""() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const hex = getComputedStyle(document.documentElement).getPropertyValue("--ring").trim();
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const ring = `rgb(${red}, ${green}, ${blue})`;
  const marked = (other) => {
    const style = getComputedStyle(other);
    const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return (drawn && style.outlineColor === ring) || style.boxShadow.includes(ring);
  };
  const places = [one, one.nextElementSibling, one.parentElement, ...(one.cells ?? [])].filter(Boolean);
  const box = one.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const points = [[.5, .5], [.1, .2], [.9, .8]]
    .map(([x, y]) => [left + x * (right - left), top + y * (bottom - top)]);
  const seen = points.some(([x, y]) => {
    const over = document.elementFromPoint(x, y);
    if (!over) return false;
    const around = over.contains(one) && !over.matches("body, html, main, form");
    return one.contains(over) || around || over.closest("label, .affix")?.contains(one);
  });
  return {
    name: one.id || one.name || one.getAttribute("aria-label") || one.textContent.trim().slice(0, 40),
    tag: one.tagName, ring: places.some(marked), seen: right > left && bottom > top && seen,
  };
}"""
FOUND = "(wanted) => Boolean(document.activeElement?.matches(wanted))"
LIMIT = 160  # presses of Tab; more stops than any page has


class Keys:
    """A keyboard before one page."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys; afterwards the focus must be somewhere to be seen, if it is anywhere."""
        for key in keys:
            self.page.keyboard.press(key)
        self.check()

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.page.keyboard.type(text)

    def check(self) -> None:
        """Fail when the focus cannot be seen."""
        found = self.page.evaluate(LOOK)
        if found is not None:
            assert found["ring"], f"no ring: {found} on {self.page.url}"
            assert found["seen"], f"covered: {found} on {self.page.url}"

    def at(self, selector: str) -> bool:
        """Tell whether the focus is on *selector*."""
        return bool(self.page.evaluate(FOUND, selector))

    def tab_to(self, selector: str, key: str = "Tab") -> None:
        """Go on with Tab until the focus is on *selector*; a trap or a gap ends the test."""
        assert self.page.locator(selector).count(), f"{selector} is not on {self.page.url}"
        for _ in range(LIMIT):
            if self.at(selector):
                return
            self.press(key)
        raise AssertionError(f"{selector} cannot be reached with {key} on {self.page.url}")

    def enter(self, selector: str, *, leads_to: str) -> None:
        """Go to a link or button, press Enter, and wait for the page it leads to."""
        self.tab_to(selector)
        self.go("Enter", leads_to=leads_to)

    def go(self, *keys: str, leads_to: str) -> None:
        """Press keys that leave the page."""
        before = self.page.evaluate("performance.timeOrigin")
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_url(leads_to)
        self.page.wait_for_function("(before) => performance.timeOrigin !== before", arg=before)
        self.page.wait_for_load_state()

    def fill(self, **values: str) -> None:
        """Fill in fields by id (``__`` is a hyphen), in the order of the page."""
        for name, value in values.items():
            self.tab_to(f"#{name.replace('__', '-')}")
            kind = self.page.evaluate("document.activeElement.type")
            if kind == "select-one":
                self.pick(value)
            elif kind == "checkbox":
                self.press("Space")
            elif kind == "date":
                self.date(value)
            else:
                self.press("Control+a")
                self.type(value)

    def pick(self, label: str) -> None:
        """Choose from a closed list with the arrows."""
        read = "document.activeElement.selectedOptions[0]?.text ?? ''"
        self.press("Home")
        for _ in range(30):
            if self.page.evaluate(read) == label:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{label} is not in the list")

    def date(self, iso: str) -> None:
        """Type a date in the order that this browser's language asks for."""
        year, month, day = iso.split("-")
        for keys in ((month, day, year), (year, "ArrowRight", month, day), (day, month, year)):
            for key in keys:
                (self.press if key == "ArrowRight" else self.type)(key)
            if self.page.evaluate("document.activeElement.value") == iso:
                return
            self.press("Shift+Tab")
            self.press("Tab")
        raise AssertionError(f"{iso} cannot be typed")

    def choose(self, id_: str, typed: str, text: str) -> None:
        """Type into a look-up and take the first that is offered."""
        self.tab_to(f"#{id_}")
        self.type(typed)
        self.page.get_by_role("option", name=text).first.wait_for()
        self.press("Enter")
        value = self.page.locator(f"#{id_}").input_value()
        assert value.startswith(text), value

    def save(self) -> None:
        """Save with Ctrl S."""
        self.go("Control+s", leads_to="**/details/**")
