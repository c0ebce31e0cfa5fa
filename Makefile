# Needs only make and Python 3.10 or newer: `make demo`, `make test`.

PYTHON ?= $(firstword $(shell command -v python3 || command -v python))
VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .venv-bench
STAMP := $(VENV)/.installed
BENCH_STAMP := $(BENCH_VENV)/.installed
BENCH_ARGS ?=
GUIDE_ARGS ?=
RELEASES_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench guide releases clean

help:
	@echo "make demo    repair a small Lightning 1.5 project and train one step before and after"
	@echo "make test    run every test"
	@echo "make lint    ruff, mypy --strict, pyright"
	@echo "make bench   measure lfix beside similar tools (BENCH_ARGS=--help for options)"
	@echo "make guide   measure lfix against the upgrade guide, write docs/migration.md (GUIDE_ARGS=--help)"
	@echo "make releases  mine what every Lightning release offers from its wheels (RELEASES_ARGS=--help)"
	@echo "make clean   remove what the other targets made"

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "lfix needs Python 3.10 or newer; say which: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

$(BENCH_STAMP): bench/requirements.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@

demo: $(STAMP)
	@$(BIN)/python examples/demo.py

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(STAMP) $(BENCH_STAMP)
	@$(BIN)/python -m bench --peers $(CURDIR)/$(BENCH_VENV)/bin $(BENCH_ARGS)

guide: $(STAMP)
	@$(BIN)/python -m guide $(GUIDE_ARGS)

releases: $(STAMP)
	@$(BIN)/python -m releases $(if $(OUT),--out $(OUT)) $(RELEASES_ARGS)

clean:
	rm -rf $(VENV) $(BENCH_VENV) dist build .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
