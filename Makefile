# Every path is relative and quoted, so that the folder may have any name. Tools run as modules of
# .venv, so that a moved folder keeps working.

.DEFAULT_GOAL := help
.PHONY: help run test check audit bench dev fmt migration migrate shell i18n vendor requirements install install-dev

SHELL := /bin/sh
export PYTHONUTF8 := 1
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
PIP_FLAGS := --require-hashes --only-binary :all: --no-input --disable-pip-version-check -qq
T ?= tests
WORKERS ?= 2

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: install ## Install what is missing, migrate the database and serve on 127.0.0.1:PORT
	@exec "$(PY)" -m app.cli.serve

test: install-dev ## Run the tests (T=tests/services for a part, WORKERS=0 for one process)
	@"$(PY)" -m pytest -n "$(WORKERS)" $(T)

check: install-dev ## Check format, style, types, import contracts and house rules
	@"$(PY)" -m ruff format --check .
	@"$(PY)" -m ruff check .
	@"$(PY)" -m mypy
	@"$(PY)" -c 'import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint(["--no-cache"]))'
	@"$(PY)" -m pytest -q tests/test_house_rules.py tests/test_words.py

audit: ## List what we depend on and ask whether any of it has known weaknesses
	@cmp -s requirements-audit.txt .venv-audit/requirements.txt || { \
		"$(PYTHON)" -m venv --clear .venv-audit && \
		.venv-audit/bin/python -m pip install $(PIP_FLAGS) -r requirements-audit.txt && \
		cp requirements-audit.txt .venv-audit/requirements.txt; }
	@.venv-audit/bin/python deploy/audit.py $(STRICT)

bench: install-dev ## Measure what ARCHITECTURE.md promises
	@"$(PY)" -m bench

dev: install ## Serve with automatic reload
	@"$(PY)" -m flask --app wsgi db upgrade
	@"$(PY)" -m flask --app wsgi run --debug --port "$${PORT:-8000}"

fmt: install-dev ## Format the code and repair what can be repaired
	@"$(PY)" -m ruff check --fix-only --quiet .
	@"$(PY)" -m ruff format .

migration: install ## Write a migration from the models (m="add suppliers")
	@test -n "$(m)" || { echo 'm="…" missing' >&2; exit 2; }
	@"$(PY)" -m flask --app wsgi db migrate -m "$(m)"

migrate: install ## Bring the database up to date
	@"$(PY)" -m flask --app wsgi db upgrade

shell: install ## Open a Python shell inside the application
	@"$(PY)" -m flask --app wsgi shell

i18n: install ## Extract the words, update and compile the translations, fail when one is missing
	@"$(PY)" deploy/i18n.py

vendor: install ## Bring the front-end packages of frontend/vendor.toml into app/static/vendor
	@"$(PY)" frontend/vendor.py

requirements: install-dev ## Compile requirements*.txt from requirements*.in (U=--upgrade for newer ones)
	@CUSTOM_COMPILE_COMMAND="make requirements" "$(PY)" -m piptools compile --quiet $(U) --generate-hashes \
		--strip-extras --no-emit-options --no-emit-index-url --no-emit-trusted-host requirements.in
	@CUSTOM_COMPILE_COMMAND="make requirements" "$(PY)" -m piptools compile --quiet $(U) --generate-hashes \
		--strip-extras --allow-unsafe --no-emit-options --no-emit-index-url --no-emit-trusted-host requirements-dev.in
	@CUSTOM_COMPILE_COMMAND="make requirements" "$(PY)" -m piptools compile --quiet $(U) --generate-hashes \
		--strip-extras --allow-unsafe --no-emit-options --no-emit-index-url --no-emit-trusted-host requirements-audit.in

# A copy of the requirements lies in .venv once they are installed; while it is equal, nothing is done.
install:
	@cmp -s requirements.txt .venv/requirements.txt && test -x "$(PY)" || { $(call prepare,requirements.txt); }

install-dev:
	@cmp -s requirements-dev.txt .venv/requirements-dev.txt && test -x "$(PY)" || { \
		$(call prepare,requirements-dev.txt) && cp requirements.txt .venv/requirements.txt; }

define prepare
"$(PYTHON)" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "需要 Python 3.11 或更新版本")' && \
{ "$(PY)" -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv; } && \
echo "正在安装 $(1)，只有第一次需要，请稍候……" && \
"$(PY)" -m pip install $(PIP_FLAGS) -r "$(1)" && \
cp "$(1)" ".venv/$(1)"
endef
