"""Form fields that read what people type, or say in their language why they cannot."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, FieldList, Form, FormField
from wtforms.utils import unset_value
from wtforms.widgets import HiddenInput, TextInput

from app.admin_views.base.values import raw_of
from app.core import clock
from app.core.invalid import InvalidValue
from app.core.money import parse_decimal
from app.core.words import N_, filled
from app.domain.folding import plain, tidy
from app.domain.mask import REFUSED, has_stars, mask_of
from app.models.attributes import Attribute

MAX_PROSE = 20_000
MAX_ROWS = 2_000
MAX_ROW_DIGITS = 6
EARLIEST, LATEST = 1900, 2200
MAX_WHOLE_DIGITS = 12


def translated(error: InvalidValue) -> str:
    """Return what is wrong, in the reader's language."""
    return filled(error.message, error.facts, gettext)


class HouseField(Field):
    """A field of one attribute: *data* is its typed value, *typed* the text to put back as it was."""

    widget = TextInput()

    def __init__(self, attribute: Attribute, *, masked: bool = False, **options: Any) -> None:
        """*masked*: the stored value is kept from the reader; what is not typed anew stays as it is."""
        self.masked, self.mask = masked, ""
        super().__init__(lazy_gettext(attribute.label), **options)
        self.attribute = attribute
        self.kind = attribute.kind
        self.unit = gettext(attribute.unit) if attribute.unit else ""
        self.hint = gettext(attribute.help) if attribute.help else ""
        self.choices: list[tuple[str, str]] = []
        self.lookup_url = ""
        self.text = ""
        self.preset = raw_of(attribute.default)
        if attribute.required:
            self.flags.required = True

    @property
    def typed(self) -> str:
        """The text as it was typed, or the value as a form holds it; nothing of what is kept from the reader."""
        if self.raw_data:
            text = str(self.raw_data[0])
            return "" if self.masked and text.strip() in ("", self.mask) else text
        return "" if self.data is None else raw_of(self.data)

    @property
    def given(self) -> bool:
        """Whether the form said anything about this attribute."""
        return bool(self.typed if self.masked else self.raw_data)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the stored value and what was typed; of what is kept from the reader only its mask."""
        if self.masked and data not in (unset_value, None, ""):
            self.mask = mask_of(self.attribute.kind, self.attribute.group, data)
            self.flags.required = False
            self.hint = gettext(N_("已隐藏，留空则不变。"))
            data = None
        super().process(formdata, data, extra_filters)

    def parts(self) -> Sequence[Any]:
        """Return what is compared by itself when two people edited it: the field, as a rule."""
        return (self,)

    def _value(self) -> str:
        return self.typed

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text; errors become messages beside the field."""
        if not valuelist:
            return
        text = valuelist[0].strip()
        if "\0" in text:
            raise ValueError(gettext(N_("含有不能保存的字符。")))
        if self.masked and not self.given:
            return
        if self.attribute.group and has_stars(text):
            raise ValueError(gettext(REFUSED))
        try:
            self.data = self.read(text) if text else None
        except InvalidValue as error:
            raise ValueError(translated(error)) from error

    def read(self, text: str) -> Any:
        """Return *text*, which is not empty, as a value; raise InvalidValue."""
        limit = self.attribute.length or MAX_PROSE
        text = plain(text) if self.kind == "code" else tidy(text)
        if len(text) > limit:
            raise InvalidValue(N_("最多 %(n)s 个字。"), n=limit)
        return text or None


class ProseField(HouseField):
    """Longer text; its line breaks stay."""

    def read(self, text: str) -> str:
        if len(text) > MAX_PROSE:
            raise InvalidValue(N_("最多 %(n)s 个字。"), n=MAX_PROSE)
        return text.replace("\r\n", "\n")


class NumberField(HouseField):
    """Money, prices, percent and whole numbers; commas and full-width digits are fine."""

    @property
    def typed(self) -> str:
        """The text; a stored percentage without idle zeros."""
        text = super().typed
        idle = self.kind == "percent" and not self.raw_data and "." in text
        return text.rstrip("0").rstrip(".") if idle else text

    def read(self, text: str) -> Any:
        whole = self.kind == "integer"
        digits = MAX_WHOLE_DIGITS if whole else self.attribute.digits
        value = parse_decimal(text, self.attribute.places, max_digits=digits)
        return int(value) if whole else value


class DateField(HouseField):
    """A date, YYYY-MM-DD."""

    def read(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise InvalidValue(N_("请填写日期，如 2026-11-24。")) from error
        if not EARLIEST <= day.year <= LATEST:
            raise InvalidValue(N_("请填写 1900 年至 2200 年之间的日期。"))
        return day


class InstantField(HouseField):
    """A date and time in the house's time zone, YYYY-MM-DDTHH:MM."""

    def read(self, text: str) -> datetime:
        if text == raw_of(self.object_data):
            return self.object_data  # untouched: the seconds that the form does not show stay
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise InvalidValue(N_("请填写日期和时间，如 2026-11-24 09:30。")) from error
        if not EARLIEST <= moment.year <= LATEST or moment.tzinfo is not None:
            raise InvalidValue(N_("请填写日期和时间，如 2026-11-24 09:30。"))
        return clock.from_local(moment)


class ChoiceField(HouseField):
    """A member of an enumeration or an entry of a dictionary, by its key."""

    def __init__(
        self,
        attribute: Attribute,
        *,
        choices: Callable[[], Sequence[tuple[str, str]]],
        **options: Any,
    ) -> None:
        super().__init__(attribute, **options)
        self.kind = "enum"
        self.choices = list(choices())

    def read(self, text: str) -> Any:
        if text not in {key for key, _ in self.choices} and text != raw_of(self.object_data):
            raise InvalidValue(N_("请从列表中选择。"))
        return self.attribute.words(text) if self.attribute.words else text


class FlagField(HouseField):
    """Yes or no: the form sends 1, or nothing."""

    @property
    def given(self) -> bool:
        return True

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist) and valuelist[0] not in ("", "0", "false")

    @property
    def typed(self) -> str:
        return "1" if self.data else ""


class RelationField(HouseField):
    """Another record, chosen by remote look-up; the value is its id."""

    def process_data(self, value: Any) -> None:
        self.data = getattr(value, "id", value)
        self.text = "" if value is None else str(value)

    @property
    def typed(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or len(text) > MAX_WHOLE_DIGITS:
            raise InvalidValue(N_("请从列表中选择。"))
        return int(text)


class RelationsField(HouseField):
    """Several records out of a short list, such as the roles of a user; the value is their ids."""

    def __init__(
        self,
        attribute: Attribute,
        *,
        choices: Callable[[], Sequence[tuple[str, str]]],
        **options: Any,
    ) -> None:
        super().__init__(attribute, **options)
        self.choices = list(choices())

    @property
    def chosen(self) -> list[str]:
        """The keys that are ticked."""
        given = [part for text in self.raw_data or () for part in str(text).split(",")]
        return [str(key) for key in (given if self.raw_data else self.data or ()) if key]

    @property
    def typed(self) -> str:
        """The keys, in one text."""
        return ",".join(sorted(self.chosen))

    def process_data(self, value: Any) -> None:
        self.data = [getattr(item, "id", item) for item in value or []]

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        keys = self.chosen
        if not all(key in {known for known, _ in self.choices} for key in keys):
            raise ValueError(gettext(N_("请从列表中选择。")))
        self.data = [int(key) for key in keys]


class PlainHidden(Field):
    """A hidden field of the form itself: version, form token, id of a row."""

    widget = HiddenInput()
    kind = "hidden"

    @property
    def typed(self) -> str:
        """The text it carries."""
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")

    def _value(self) -> str:
        return self.typed

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was not sent is empty: never what the record holds now."""
        self.data = valuelist[0] if valuelist else ""


class Rows(FieldList):
    """Child rows, numbered in the form; gaps are allowed, absurd numbers are not."""

    kind = "rows"
    too_many = False

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        start = f"{prefix}-"
        found = set()
        for name in formdata:
            number = name.removeprefix(start).split("-", 1)[0] if name.startswith(start) else ""
            if number.isascii() and number.isdecimal():
                found.add(int(number[: MAX_ROW_DIGITS + 1]))
        self.too_many = len(found) > MAX_ROWS or max(found, default=0) >= 10**MAX_ROW_DIGITS
        yield from sorted(found)[:MAX_ROWS]

    def _add_entry(self, formdata: Any = None, data: Any = unset_value, index: Any = None) -> Any:
        """Give what was typed for a row the row it names, wherever that stands now."""
        if formdata and index is not None:
            number = formdata.get(f"{self.name}-{index}-id")
            known = {str(getattr(one, "id", "")): one for one in self.object_data or ()}
            data = known.get(number, unset_value)
        return super()._add_entry(formdata, data, index)

    def _compact_indices(self) -> None:
        """Keep the numbers that were sent: messages name the row as whoever sent it knows it."""


def rows_of(form: type[Form], label: str) -> Any:
    """Return the field of child rows that *form* describes."""
    return Rows(FormField(form), label=lazy_gettext(label))
