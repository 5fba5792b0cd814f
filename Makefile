# Two commands do everything: `make evidence` and `make test`. `make help` lists the rest.

VENV   ?= .venv
# One worker more than the two cores that are asked for: many tests wait for processes.
PYTEST_ARGS ?= --numprocesses=3 --dist=loadscope
# What Python compiled and pytest rewrote is kept: each worker would do it again, in every run.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help evidence test test-all lint tui clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

evidence: $(VENV)/.evidence  ## install, build the C reference, check the golden data, run the whole plan
	$(BIN)/nb-golden build-reference
	$(BIN)/nb-golden generate
	$(BIN)/nbtui --batch --yes $(if $(MEMO),--memo "$(MEMO)")

test: $(VENV)/.test  ## run the test suite but for its slow tests (creates the environment when needed)
	$(BIN)/nb-golden build-reference
	$(BIN)/nb-golden generate
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not slow"

test-all: $(VENV)/.test  ## run every test, the slow ones included: what CI does
	$(BIN)/nb-golden build-reference
	$(BIN)/nb-golden generate
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.lint  ## formatting, style, types, import contracts, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	git ls-files -z | xargs -0 $(BIN)/codespell
	$(BIN)/repo-review . --format rich

tui: $(VENV)/.evidence  ## open the app on the packaged plan
	$(BIN)/nbtui

clean:  ## remove what was built and generated; bundles below reports/ stay
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .nox htmlcov .coverage
	rm -rf golden_data/*/

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "nbtui needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt pip

$(VENV)/.evidence: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -c constraints.txt --editable '.[evidence]'
	@touch $@

$(VENV)/.test: $(VENV)/.evidence
	$(PIP) -c constraints.txt --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(PIP) -c constraints.txt --group lint
	@touch $@
