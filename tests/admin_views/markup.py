"""Pages read as a check from outside reads them: by the markup that is promised."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

VOID = frozenset({"input", "br", "img", "link", "meta", "hr", "col", "wbr", "area", "use"})


class Element:
    """One element of a page."""

    def __init__(
        self, tag: str, attributes: dict[str, str | None], parent: "Element | None"
    ) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.parts: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    @property
    def text(self) -> str:
        """The text inside, without the blanks around it."""
        return "".join(self._texts()).strip()

    def _texts(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part._texts()

    def all(self, tag: str = "", **wanted: str | None) -> "Iterator[Element]":
        """Yield the elements below with these attributes (``data_field`` is data-field; None: any)."""
        names = {name.replace("_", "-"): value for name, value in wanted.items()}
        for part in self.parts:
            if isinstance(part, Element) and part.tag != "template":
                has_all = all(
                    name in part and value in (None, part[name]) for name, value in names.items()
                )
                if has_all and tag in ("", part.tag):
                    yield part
                yield from part.all(tag, **wanted)

    def one(self, tag: str = "", **wanted: str | None) -> "Element":
        """Return the first such element; there must be one."""
        found = next(self.all(tag, **wanted), None)
        assert found is not None, (tag, wanted)
        return found


class Page(HTMLParser, Element):
    """A parsed page."""

    def __init__(self, html: str) -> None:
        HTMLParser.__init__(self)
        Element.__init__(self, "", {}, None)
        self.open: list[Element] = [self]
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        element = Element(tag, dict(attributes), self.open[-1])
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        self.open[-1].parts.append(Element(tag, dict(attributes), self.open[-1]))

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)

    # -- what is promised ------------------------------------------------------------------

    @property
    def errors(self) -> dict[str, str]:
        """Messages by the field they stand beside."""
        found = [
            e for e in self.all(data_field=None) if "field-error" in e.attributes.get("class", "")
        ]
        return {element["data-field"]: element.text for element in found}

    @property
    def flashes(self) -> list[tuple[str, str]]:
        """Messages by kind."""
        found = [e for e in self.all(data_kind=None) if e.attributes.get("class") == "flash"]
        return [(element["data-kind"], element.text) for element in found]

    @property
    def values(self) -> dict[str, str]:
        """What a record's page shows, by attribute."""
        return {e["data-field"]: e.text for e in self.all(data_field=None)}


class List(Page):
    """A list page."""

    @property
    def table(self) -> Element:
        """The table of records."""
        return self.one("table", id="list")

    @property
    def count(self) -> tuple[int, str]:
        """How many there are, and how sure that is."""
        return int(self.table["data-count"]), self.table["data-count-kind"]

    @property
    def columns(self) -> list[str]:
        """The columns, in order."""
        return [head["data-column"] for head in self.table.all("th", data_column=None)]

    @property
    def rows(self) -> list[Element]:
        """The rows of records."""
        return list(self.table.all("tr", data_id=None))

    @property
    def ids(self) -> list[int]:
        """The ids, in order."""
        return [int(row["data-id"]) for row in self.rows]

    def column(self, name: str) -> list[str]:
        """The texts of one column, from the top."""
        return [row.one("td", data_column=name).text for row in self.rows]

    @property
    def links(self) -> dict[str, str]:
        """Where first, prev, next and last lead."""
        return {link["rel"]: link["href"] for link in self.all("a", rel=None) if "href" in link}

    @property
    def chips(self) -> list[tuple[str, str]]:
        """The filters in force, and where each is taken away."""
        found = [e for e in self.all("span", **{"class": None}) if e["class"].split()[0] == "chip"]
        return [(chip.text, chip.one("a")["href"]) for chip in found]
