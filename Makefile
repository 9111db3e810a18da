# What a person types. `make demo` on a fresh machine needs Linux, Python 3.11, Java 17 and Maven only.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# One file, one worker: a file's tests share one broker. Two workers keep two cores busy.
WORKERS ?= 2

.PHONY: help setup python-env demo down fast test lint lock bench nightly-disclosure clean
.DEFAULT_GOAL := help

help: ## show this
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## environments, jars and browser; what is there is left alone
	@$(if $(PYTHON),,echo "setup: there is no python3; install Python 3.11" >&2; exit 1)
	@$(PYTHON) -m infra.setup

python-env:
	@$(if $(PYTHON),,echo "setup: there is no python3; install Python 3.11" >&2; exit 1)
	@$(PYTHON) -m infra.setup --only python

demo: setup ## the whole platform on simulated data, left running on 127.0.0.1:8088
	@$(BIN)/safehold demo

down: ## stop what `make demo` or `safehold up` left running
	@if [ -x $(BIN)/safehold ]; then $(BIN)/safehold down; else echo "nothing was ever set up here"; fi

lint: python-env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/safehold contracts generate --check
	$(BIN)/safehold marts pages --check
	$(BIN)/safehold rules reference --check

fast: lint ## the inner loop: style, types, doors, unit and law tests that take no seconds each; no Java
	$(PYTEST) tests/unit tests/laws -q -n $(WORKERS) -m "not jvm and not browser and not slow"

test: setup lint ## everything: broker, lake, stream, marts, dashboards, browser
	$(PYTEST) -n $(WORKERS) --dist loadscope

bench-%: setup ## measure, e.g. make bench-landing (see tests/bench)
	$(BIN)/python -m tests.bench.$*

nightly-disclosure: setup ## audit and attack 10,000 random linked tables; about two hours
	$(BIN)/python -m tests.bench.disclosure --tables 10000

lock: python-env ## renew the lock files from requirements/*.in
	$(BIN)/uv pip compile --python-version 3.11 requirements/main.in -o requirements/main.lock
	$(BIN)/uv pip compile --python-version 3.11 requirements/superset.in -o requirements/superset.lock

clean: down ## remove environments, jars and caches; data under .safehold/ stays
	rm -rf .venv .venv-superset .cache infra/jars/lib out *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
