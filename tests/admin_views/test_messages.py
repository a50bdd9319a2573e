"""Every message is a sentence in Chinese beside its own field, also within child rows; the typed text stays."""

import re

import pytest

from app.admin_views import MENU
from app.models.attributes import attributes_of
from tests.admin_views.markup import Page
from tests.visitor import fields_of

CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Kind → what cannot be read as one, or cannot be one.
BAD = {
    "integer": ["很多", "1.5", "1e3", "9" * 40],
    "money": ["一百", "1e3", "0.001", "9" * 40],
    "price": ["便宜", "1e3", "0.00001", "9" * 40],
    "percent": ["高", "1e3", "9" * 40],
    "date": ["明天", "2026-02-30", "2026/1/1", "0001-01-01"],
    "instant": ["明天", "2026-02-30T10:00", "2026-01-01T25:00"],
    "enum": ["nonsense"],
    "dictionary": ["nonsense"],
    "relation": ["谁", "999999", "-1"],
    "phone": ["12", "电话", "1" * 300],
    "email": ["nobody", "a@b", "一@二@三", "x" * 300 + "@example.cn"],
}
#: Values with which a row is one.
ROWS = {
    "contacts": {"name": "王建国", "mobile": "13812345678"},
    "addresses": {"name": "仓库", "address": "星湖街 328 号"},
    "invoice_titles": {"title": "苏州恒达包装有限公司"},
    "team": {},
    "lines": {"description": "彩盒", "quantity": "1", "unit_price": "1"},
}
VIEWS = [
    view
    for group in MENU.values()
    for view in group
    if view.writable and view.service.entity != "setting"  # the house has the settings it has
]


def fields():
    for view in VIEWS:
        entity, attributes = view.service.entity, view.service.attributes()
        for _title, names in view.sections:
            for name in names:
                if attributes[name].kind in BAD:
                    yield entity, name, attributes[name].kind, {}
        for grid in view.grids:
            inner = attributes_of(attributes[grid.name].target)
            for name in grid.columns:
                if inner[name].kind in BAD:
                    row = {f"{grid.name}-3-{k}": v for k, v in ROWS[grid.name].items()}
                    yield entity, f"{grid.name}-3-{name}", inner[name].kind, row


@pytest.mark.parametrize(
    ("entity", "name", "kind", "row"),
    [pytest.param(*one, id=f"{one[0]}.{one[1]}") for one in fields()],
)
def test_what_cannot_be_read_is_said_beside_its_field(visit, entity, name, kind, row):
    """Answers: 422, one message in Chinese at that very field, and what was typed is there to be corrected."""
    writer = visit("admin")
    path = f"/admin/{entity}/new/"
    form = {**writer.form(path), **row}
    for typed in BAD[kind]:
        answer = writer.post(path, {**form, name: typed, "form_token": f"t{len(typed)}{typed[:9]}"})
        assert answer.status_code == 422, typed
        message = Page(answer.text).errors.get(name, "")
        assert CHINESE.search(message), (typed, message, Page(answer.text).errors)
        assert fields_of(answer.text)[name] == typed
        for other, text in row.items():
            if other != name:
                assert fields_of(answer.text)[other] == text
