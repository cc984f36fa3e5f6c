# `make run` and `make test` need nothing but Python 3.11 or newer.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: run test slow stress check bench ui e2e openapi lock format clean

run: $(VENV)/.installed
	exec $(BIN)/python -m backend serve --host $(HOST) --port $(PORT)

# More processes than cores: tests wait for databases as long as they compute. TEST_FLAGS=--cov
# traces the branches, which doubles what the tests cost.
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses 4 --dist worksteal $(TEST_FLAGS)

slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m slow --numprocesses auto --maxprocesses 2 --dist worksteal

stress: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m stress --numprocesses auto --maxprocesses 2 --dist worksteal

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.checks
	$(BIN)/python -m tests.contract
	$(BIN)/python -m backend knowledge check

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench

# The page at /ui/, which `make run` shows when it is there; needs Node 20.9 or newer.
ui: frontend/node_modules/.installed
	npm --prefix frontend run build

# The page and the service as people use them, in Chromium.
e2e: $(VENV)/.installed ui
	frontend/node_modules/.bin/tsc --project tests/e2e/tsconfig.json
	PYTHON=$(CURDIR)/$(BIN)/python frontend/node_modules/.bin/tsx --tsconfig tests/e2e/tsconfig.json \
		--test --test-concurrency=2 --test-reporter=spec --test-timeout=180000 tests/e2e/*.test.ts

openapi: $(VENV)/.installed-dev
	$(BIN)/python -m tests.checks --write

lock: $(VENV)/.installed
	$(PIP) install pip-tools==7.6.2
	$(BIN)/python -m tests.lock

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf frontend/node_modules frontend/.next frontend/out frontend/e2e-results tests/e2e/next_rewrite/.next
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage

$(VENV)/.installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "AU-GURU needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --requirement requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements-tracing.txt $(VENV)/.installed
	$(PIP) install --requirement requirements-dev.txt
	touch $@

frontend/node_modules/.installed: frontend/package-lock.json
	npm --prefix frontend ci --no-audit --no-fund
	touch $@
