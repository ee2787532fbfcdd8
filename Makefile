# Every command makes what it needs first; a second run finds it made.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
DEMO ?= demo-shop
CUSTOMERS ?= 5000
WORKERS ?= 2
RULE ?= count(orders) >= 10 and any(engagements in last 30 days)
# Debian keeps the server's programs out of the way.
SERVERS := $(firstword $(wildcard /usr/lib/postgresql/*/bin))

PORT ?= 8000

# Processes that the tests start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-text test check bench docs clean

help:
	@echo "make demo    make a demo shop in $(DEMO)/ and open it at http://localhost:$(PORT)"
	@echo "make demo-text   the same shop on the terminal: its segments, and one rule explained"
	@echo "make test    run the tests (make test LONG=1: all the cases there are)"
	@echo "make check   style, types, and what may import what"
	@echo "make bench   measure (BENCH_CUSTOMERS=1000000)"
	@echo "make docs    write the reference pages from the code"

demo: $(VENV)/.base
	@$(BIN)/regulars serve --demo --shop $(DEMO) --customers $(CUSTOMERS) --port $(PORT)

demo-text: $(VENV)/.base
	@test -f $(DEMO)/shop.toml || $(BIN)/regulars demo-shop $(DEMO) --customers $(CUSTOMERS)
	@$(BIN)/regulars segment list --shop $(DEMO)
	@echo
	@$(BIN)/regulars segment preview "$(RULE)" --shop $(DEMO)
	@echo
	@id=$$($(BIN)/regulars segment preview "$(RULE)" --ids --shop $(DEMO) | head -1); \
		test -z "$$id" || $(BIN)/regulars segment explain "$(RULE)" --customer "$$id" --shop $(DEMO)

test: $(VENV)/.dev
	@sh .ci/servers
	PATH="$(if $(SERVERS),$(SERVERS):)$$PATH" $(BIN)/pytest -rs -n $(WORKERS) --dist worksteal $(if $(LONG),--long) $(TESTS)

check: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

BENCH_CUSTOMERS ?= 100000
bench: $(VENV)/.dev
	for each in evaluate intake value rfm; do test ! -f benchmarks/$$each.py || $(BIN)/python -m benchmarks.$$each $(BENCH_FLAGS) || exit 1; done

docs: $(VENV)/.dev
	$(BIN)/python -m regulars.cli.reference docs/reference

clean:
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Regulars needs Python 3.11 or newer. On Debian 12, Ubuntu 24.04 and newer:"; \
		echo "  apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; \
		exit 1; }
	@touch $@

$(VENV)/.base: $(VENV)/.made requirements/base.txt pyproject.toml
	@echo "Installing what Regulars stands on into $(VENV), once: a minute or so."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/base.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements/dev.txt
	@touch $@
