"""Promises every file keeps. A new word is covered the day its files are added."""

import importlib
import pkgutil
import re
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 300

#: The map of the business. An area knows the areas before it, never those after it.
AREAS = (
    "base types attributes permissions workflow events",
    "phone email mask folding pinyin identity tidying regions capital_amount company_name username common_passwords",
    "number_series form_token search_entry search searching job jobs rate_counter",
    "masking audit audit_head audit_proof audit_chain audit_archive registry trash_entry print_count sight crud rows filtering keyset listing reasons unmasking subject",
    "setting dictionary",
    """role department user people rights device_session letters login login_counter login_log loginlog
    password password_rules password_history password_reset remember_token profile people
    second_factor totp passkey passkey_challenge pending_login recovery_code sms sms_code
    trusted_device account""",
    "attachment log trash",
    "customer contact",
    "product",
    "order reopening",
    "activity",
    "permission_report",
    "dashboard shell demo demo_words demo_customer demo_order",
    "invariants",
    "backup",
)
RANK = {word: rank for rank, words in enumerate(AREAS) for word in words.split()}
STOREYS = {"domain", "models", "services", "admin_views"}

#: Files that may be longer: lists of words, nothing to read.
WORD_LISTS: frozenset[str] = frozenset()

GRAPH = grimp.build_graph(
    "app", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
)


def files(*patterns: str) -> list[Path]:
    """Return the files below the root that match, vendored and generated ones aside."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if not {"vendor", "versions"} & set(path.parts))


def name(path: object) -> str:
    return str(Path(str(path)).relative_to(ROOT))


SOURCES = files("app/**/*.py")
TEMPLATES = files("templates/**/*.html", "templates/**/*.txt")
SHORT = files(
    "*.py", "app/**/*.py", "tests/**/*.py", "deploy/*.py", "bench/**/*.py", "frontend/*.py"
)
SHORT += files("app/static/**/*.js", "templates/**/*.html")

each_source = pytest.mark.parametrize("source", SOURCES, ids=name)
each_template = pytest.mark.parametrize("template", TEMPLATES, ids=name)


@cache
def text_of(path: Path) -> str:
    return path.read_text("utf-8")


# -- the map and the storeys ------------------------------------------------------------


def area(module: str) -> int | None:
    """Return the area of *module*, or None where there are none."""
    _, storey, word, *_ = [*module.split("."), "", ""]
    if storey not in STOREYS:
        return None
    return RANK.get(word)


def reach(module: str) -> int | None:
    """Return the last area that *module* may know; what all screens share knows the users, too."""
    return RANK["trash"] if module.startswith("app.admin_views.base.") else area(module)


def test_every_file_has_its_place_on_the_map():
    parts = {tuple(module.split(".")[1:3]) for module in GRAPH.modules if module.startswith("app.")}
    words = {part[1] for part in parts if len(part) == 2 and part[0] in STOREYS}
    assert sorted(words - set(RANK)) == []


def test_areas_know_only_earlier_areas():
    ours = [module for module in GRAPH.modules if module.startswith("app.")]
    wrong = [
        f"{importer} must not know {imported}"
        for importer in ours
        for imported in GRAPH.find_modules_directly_imported_by(importer)
        if (high := reach(importer)) is not None
        if imported.startswith("app.") and (low := area(imported)) is not None
        if low > high
    ]
    assert wrong == []


def test_only_the_composition_root_imports_all_tables_at_once():
    assert GRAPH.find_modules_that_directly_import("app.models") <= {"app"}


def test_every_imported_package_is_a_declared_requirement():
    declared = re.findall(r"^([A-Za-z][\w-]*)", text_of(ROOT / "requirements.in"), re.MULTILINE)
    declared = {package.lower().replace("_", "-") for package in declared}
    owners = packages_distributions()
    for module in sorted(GRAPH.modules):
        if GRAPH.is_module_squashed(module) and module in owners:
            packages = {owner.lower().replace("_", "-") for owner in owners[module]}
            assert packages & declared, f"{module} is not in requirements.in"


@pytest.mark.parametrize("kind", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_hashed_and_name_no_place(kind):
    text = text_of(ROOT / kind)
    assert "://" not in text
    assert text.count("==") == len(
        re.findall(r"^\S+==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
    )


# -- sources ----------------------------------------------------------------------------


@each_source
def test_only_work_commits(source):
    commits = text_of(source).count(".commit(")
    assert commits == 0 or name(source) == "app/core/work.py"


@pytest.mark.parametrize("path", SHORT, ids=name)
def test_files_stay_short(path):
    lines = text_of(path).count("\n")
    assert lines <= MAX_LINES or name(path) in WORD_LISTS


@each_source
def test_markup_is_only_made_by_templates(source):
    assert not re.search(r"\bMarkup\(", text_of(source))


# -- tables and views -------------------------------------------------------------------


def records():
    """Return every business record there is."""
    importlib.import_module("app.models")
    base = importlib.import_module("app.models.base")
    return [
        mapper.class_
        for mapper in base.Record.registry.mappers
        if issubclass(mapper.class_, base.Record)
    ]


def test_every_column_of_a_record_has_words():
    for model in records():
        bare = {column.key for column in model.__table__.columns if not column.info.get("label")}
        assert bare <= {"id", "version"}, model.__name__


def views():
    """Return every view of the menu."""
    menu = pytest.importorskip("app.admin_views").__dict__.get("MENU")
    if menu is None:
        pytest.fail("there is no menu")
    return [view for group in menu.values() for view in group]


def names_in(declared):
    """Yield the attribute names in a declaration, however deeply it is grouped."""
    if isinstance(declared, str):
        yield declared
    elif isinstance(declared, dict):
        yield from declared
    else:
        for part in declared or ():
            yield from names_in(part)


def test_views_name_only_what_the_model_has():
    attributes_of = importlib.import_module("app.models.attributes").attributes_of
    for view in views():
        declared = [getattr(view, key, ()) for key in DECLARATIONS]
        declared += [names for _, names in view.sections]
        for path in names_in(declared):
            attributes = attributes_of(view.service.model)
            for step in path.split("."):
                assert step in attributes, f"{view.__name__}: {path}"
                target = attributes[step].target
                attributes = attributes_of(target) if target else {}


#: What a view may declare as bare names of attributes.
DECLARATIONS = (
    "column_list",
    "column_filters",
    "column_editable_list",
    "sortable",
    "subtitle",
    "facts",
)


# -- permissions and workflows ----------------------------------------------------------


def workflows():
    """Return (module, workflow) of the whole domain."""
    domain, kind = (
        importlib.import_module("app.domain"),
        importlib.import_module("app.domain.workflow"),
    )
    for found in pkgutil.iter_modules(domain.__path__, "app.domain."):
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            if isinstance(value, kind.Workflow):
                yield found.name, value


def test_every_state_can_be_reached():
    for module, flow in workflows():
        assert flow.unreachable() == set(), module


def test_every_permission_asked_for_can_be_granted():
    permissions = importlib.import_module("app.domain.permissions")
    literal = re.compile(r"\b(?:may|require)\(\s*f?\"(\{?[\w.]+\}?)\.(\w+)\"")
    for source in SOURCES:
        for entity, verb in literal.findall(text_of(source)):
            known = permissions.ENTITIES.get(entity)
            verbs = known.verbs if known else permissions.VERBS
            assert known or entity.startswith("{"), f"{name(source)}: no entity {entity}"
            assert verb in verbs, f"{name(source)}: {entity}.{verb}"


def test_every_step_of_a_workflow_is_a_permission():
    permissions = importlib.import_module("app.domain.permissions")
    for module, flow in workflows():
        for step in flow.actions:
            assert step.permission in permissions.VERBS, f"{module}: {step.verb}"


# -- templates --------------------------------------------------------------------------

FORBIDDEN = {
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "an inline style": r"<style\b|\sstyle\s*=",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "a javascript: link": r"javascript:",
    "something from another host": r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?:https?:)?//",
    "unescaped text": r"\|\s*safe\b|autoescape\s+false",
}


@each_template
def test_templates_hold_no_inline_code_and_nothing_foreign(template):
    for what, pattern in FORBIDDEN.items():
        found = re.search(pattern, without_comments(text_of(template)), re.IGNORECASE)
        assert not found, f"{what}: {found and found.group()}"


def without_comments(markup: str) -> str:
    return re.sub(r"\{#.*?#\}", "", markup, flags=re.DOTALL)
