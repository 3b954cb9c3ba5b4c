# The hub's commands. `make help` explains each; the README says which one to begin with.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OPTIONS ?=
PYTEST = $(BIN)/pytest -q -n 2 --dist worksteal
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled modules are kept, whatever the surroundings say: tests start hundreds of processes, and
# each would compile the whole hub anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup setup-dev extras run demo fast checks test test-all test-postgres fuzz hostile format lock screenshots clean

help: ## list the targets and what they do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

setup: $(VENV)/.run node_modules/.done ## install what a running hub needs (done by run, demo and test)

$(VENV)/bin/pip:
	@$(PYTHON) scripts/check_python.py
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/pip requirements/run.txt scripts/link_project.py
	$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python scripts/link_project.py
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

node_modules/.done: $(VENV)/bin/pip package-lock.json scripts/fetch_scripts.py
	$(BIN)/python scripts/fetch_scripts.py
	@touch $@

setup-dev: setup $(VENV)/.dev ## install what the tests need as well

extras: setup ## install what `tcert explain` and Parquet in `tcert route` need
	$(BIN)/pip install --quiet --require-hashes -r requirements/extras.txt

run: setup ## start the hub on this machine (http://localhost:8000) with an embedded database
	$(BIN)/tcert serve $(OPTIONS)

demo: setup ## start a hub with a demonstration community, in a data directory of its own
	$(BIN)/tcert demo --serve $(OPTIONS)

fast: setup-dev ## checks and quick tests, about 3 minutes
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(PYTEST) -m "not slow and not browser" $(OPTIONS)

checks: setup-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: checks ## all checks and the tests on SQLite, about a quarter of an hour on two idle cores
	$(PYTEST) -m "not long" $(OPTIONS)

test-all: checks ## the same with the tests that go through every page, form and address
	$(PYTEST) $(OPTIONS)

test-postgres: setup-dev ## the whole suite on PostgreSQL; OPTIONS="-m both_databases" for races and what differs
	TCERT_TEST_DATABASE=postgres $(PYTEST) $(OPTIONS)

fuzz: setup-dev ## fuzz the ingest check, guided by coverage where atheris can be had (Linux on x86-64)
	-$(BIN)/pip install --quiet --require-hashes -r requirements/fuzz.txt
	$(BIN)/python bench/fuzz_ingest.py $(OPTIONS)

hostile: setup-dev ## hostile requests at every door of a real server, and each defence removed once
	$(BIN)/python bench/hostile_requests.py $(OPTIONS)
	$(BIN)/python bench/removed_defences.py

format: setup-dev ## put the code into its form
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

screenshots: setup-dev ## pictures of every page at three widths, light and dark, in var/screenshots
	$(BIN)/python scripts/screenshots.py $(OPTIONS)

lock: $(VENV)/bin/pip ## write the pinned requirements anew from requirements/*.in
	$(BIN)/pip install --quiet uv
	for set in run extras dev node fuzz; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements/$$set.in -o requirements/$$set.txt; done

clean: ## remove what set-up made (never the hub's data in var/)
	rm -rf $(VENV) node_modules src/tcert/foundation/ui/static/vendor src/tcert/response/reference/data
