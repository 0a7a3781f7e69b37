# Two verbs for a newcomer: make demo, make test. The others are for whoever changes the code.
# Everything is set up by the verb that needs it; only Python 3.11+, git and make are assumed.

PYTHON ?= python3
MINUTES ?= 5
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.ready-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test trial check fix bench fuzz audit sbom docs clean

demo: $(READY)
	$(BIN)/parktwin demo

test: $(DEV_READY)
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

trial: $(DEV_READY)
	$(BIN)/python -m pytest -m trial -s

check: $(DEV_READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.twin.web.typecheck
	node --test --test-reporter=dot tests/twin/web/*.test.js
	$(BIN)/python -m docs.generate --check
	$(BIN)/python -m tests.security.supply.packages
	$(BIN)/python -m tests.security.supply.secret_scan

fix: $(DEV_READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(DEV_READY)
	$(BIN)/python -m benchmarks

fuzz: $(DEV_READY)
	$(PIP) --editable '.[dev,fuzz]'
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

audit: $(DEV_READY)
	$(PIP) --editable '.[dev,audit]'
	$(BIN)/python -m tests.security.supply.audit

sbom: $(DEV_READY)
	$(BIN)/python -m tests.security.supply.sbom var/sbom.cdx.json

docs: $(DEV_READY)
	$(BIN)/python -m docs.generate

clean:
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ParkTwin needs Python 3.11 or newer; '$(PYTHON)' is older: make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments; on Debian: apt install python3-venv"; exit 2; }

$(READY): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing ParkTwin into $(VENV) (about 500 MB to fetch the first time) ..."
	$(PIP) --editable .
	@touch $@

$(DEV_READY): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing ParkTwin and its development tools into $(VENV) ..."
	$(PIP) --editable '.[dev]'
	@touch $@ $(READY)
