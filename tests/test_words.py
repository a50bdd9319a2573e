"""Every word that people read exists in both languages, and nothing is said past the catalogue."""

import ast
import gettext
import re
from functools import cache

from deploy import i18n
from tests.test_house_rules import each_source, each_template, name, text_of, without_comments

#: Files whose Chinese no page shows: the command line speaks Chinese only, settings are read by
#: whoever runs the house, and word lists are data.
UNMARKED = (
    "app/cli/",
    "app/core/config.py",
    "app/core/copies/",
    "app/core/setting_values.py",
    "app/domain/capital_amount.py",
    "app/domain/company_name.py",
    "app/domain/phone.py",
    "app/domain/pinyin.py",
    "app/domain/searching.py",
    "app/services/audit_proof.py",
    "app/services/backup.py",
    "app/services/invariants.py",
    "app/domain/regions.py",
    "app/domain/common_passwords.py",
    "app/domain/demo.py",
    "app/domain/demo_words.py",
    "app/services/demo_customer.py",
)


@cache
def message_ids() -> frozenset[str]:
    ids = [message.id for message in i18n.collected()]
    return frozenset(text for id_ in ids for text in ((id_,) if isinstance(id_, str) else id_))


def test_every_message_has_an_english_translation():
    assert i18n.missing(i18n.collected(), i18n.english()) == []


def test_translations_keep_the_facts():
    fact = re.compile(r"%\(\w+\)[sd]")
    for message in i18n.english():
        if isinstance(message.id, str) and message.id:
            assert set(fact.findall(message.string)) <= set(fact.findall(message.id)), message.id


def test_the_compiled_catalogue_is_up_to_date():
    catalogue = i18n.english()
    with i18n.PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [
        m.id
        for m in catalogue
        if isinstance(m.id, str) and m.id and m.string != compiled.gettext(m.id)
    ]
    assert stale == []


@each_template
def test_templates_say_nothing_that_is_not_translated(template):
    markup = without_comments(text_of(template))
    code = re.findall(r"\{\{.*?\}\}|\{%.*?%\}", markup, re.DOTALL)
    bare = re.sub(
        r"\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", "", markup, flags=re.DOTALL
    )
    literals = {
        text
        for part in code
        for text in re.findall(r"\"([^\"]*)\"|'([^']*)'", part)
        for text in text
    }
    bare = bare.replace(">中文<", "><")  # a language is listed under its own name
    assert _chinese(bare.splitlines()) == []
    assert sorted(set(_chinese(literals)) - message_ids()) == []


@each_source
def test_code_says_nothing_that_is_not_translated(source):
    if name(source).startswith(UNMARKED):
        return
    tree = ast.parse(text_of(source))
    explained = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in explained
    }
    assert sorted(set(_chinese(texts)) - message_ids()) == []


def _chinese(texts) -> list[str]:
    """Return those of *texts* that hold Chinese words; single marks and characters are data."""
    return [text for text in texts if re.search(r"[\u4e00-\u9fff]{2}", text)]
