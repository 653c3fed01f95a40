# `make` prints its targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

help: ## this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

$(VENV)/.servers: $(STAMP)
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[servers]'
	@touch $@

setup: $(STAMP) ## a virtual environment with everything

demo: $(STAMP) ## a whole conversation, with nothing configured
	$(BIN)/maild demo --once

servers: ## Postfix, Dovecot, PostgreSQL and Chromium for the tests (as root on Debian)
	@sh tests/servers/install.sh

test: $(VENV)/.servers servers ## all tests, after setting everything up
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

check: $(STAMP) ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## bring the code into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## mails per second beside the bare ceilings
	$(BIN)/python -m bench

bench-peers: $(STAMP) ## maild beside Roundup and django-helpdesk (from PyPI)
	$(BIN)/python -m bench.peers

faults: $(VENV)/.servers servers ## the fault table whole, frozen leaders, 500 kills on each database, an hour's soak (some hours)
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.servers.frozen_leaders --seconds 30 60
	$(BIN)/python -m tests.faults.campaign --kills 500 --database sqlite
	$(BIN)/python -m tests.faults.campaign --kills 500 --database postgresql
	$(BIN)/python -m tests.faults.soak --minutes 60 --rate 3.5

wheel: $(STAMP) ## the package
	$(BIN)/python -m build

clean: ## remove what was built
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/results

.PHONY: help setup demo servers test check format bench bench-peers faults wheel clean
