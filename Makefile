# The front door. `make run` shows your house (or a demo house), `make test` checks everything.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# As pip does: the machine may stand behind a proxy with a certificate of its own.
export UV_SYSTEM_CERTS := true
# Each of the hundreds of processes of a run of tests would compile the same files again.
unexport PYTHONDONTWRITEBYTECODE
PACKAGES := libs/core libs/store services/websocket-ingestion services/enrichment-pipeline services/admin-api services/all-in-one
DASHBOARD := services/health-dashboard
DASHBOARD_SOURCES := $(shell find $(DASHBOARD)/src $(DASHBOARD)/vite $(DASHBOARD)/public $(DASHBOARD)/*.json $(DASHBOARD)/*.ts $(DASHBOARD)/index.html -type f 2>/dev/null)

.PHONY: help
help: ## list all commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(VENV)/.installed $(DASHBOARD)/node_modules/.installed ## install all dependencies into .venv and node_modules

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { echo "Python 3.11 to 3.14 is needed, $$($(PYTHON) --version) was found: make setup PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

PACKAGE_FILES := pyproject.toml hatch_build.py
INSTALL_PACKAGES = $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .

$(VENV)/.installed: requirements.lock $(PACKAGE_FILES) | $(VENV)/bin/uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock
	$(INSTALL_PACKAGES)
	@touch $@

# What running needs, without linters and test tools.
$(VENV)/.runnable: requirements-run.lock $(PACKAGE_FILES) | $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-run.lock
	$(INSTALL_PACKAGES)
	@touch $@

$(DASHBOARD)/node_modules/.installed: $(DASHBOARD)/package.json $(DASHBOARD)/package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Node 20 or later is needed, $$(node --version) was found"; exit 1; }
	cd $(DASHBOARD) && npm ci --silent --no-audit --no-fund
	@touch $@

.PHONY: lock
lock: $(VENV)/bin/uv ## update the pinned versions of all Python packages
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--group dev pyproject.toml --output-file requirements.lock --custom-compile-command "make lock"
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--group build pyproject.toml --constraints requirements.lock --output-file requirements-run.lock \
		--custom-compile-command "make lock"
	$(BIN)/python scripts/generate_requirements.py
	$(BIN)/pytest --quiet -m full tests/deploy/test_locked_wheels.py

.PHONY: build
build: $(DASHBOARD)/dist/index.html ## build the dashboard and check its JavaScript size limit

$(DASHBOARD)/dist/index.html: $(DASHBOARD_SOURCES) $(DASHBOARD)/node_modules/.installed
	cd $(DASHBOARD) && npm run --silent build
	@touch $@

.PHONY: package
package: setup build ## build the wheel and the sdist of this release into dist/
	rm -rf dist
	$(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python

.PHONY: run
run: $(if $(wildcard $(VENV)/.installed),$(VENV)/.installed,$(VENV)/.runnable) build ## run all services with your home (.env) or a demo home
	@exec $(BIN)/ha-ingestor run all

# Tests run beside each other, one for each processor; those with servers, which mostly wait for these, two.
WORKERS ?= auto
SERVER_WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
PYTEST = $(BIN)/pytest --quiet --durations=10 --durations-min=5 --numprocesses
UNITS := libs services

.PHONY: test-quick
test-quick: lint ## lint, types and unit tests, without servers or a browser
	$(PYTEST)=$(WORKERS) -m 'not (performance or full or integration or influxdb or home_assistant or browser)' $(UNITS)

.PHONY: test
test: setup build test-parts ## lint, types and all tests, including Home Assistant 2024.3 and a browser
	$(MAKE) lint
	$(MAKE) test-units
	$(MAKE) test-dashboard
	$(MAKE) test-servers

HOME_ASSISTANT_2026 ?= $(or $(TEST_HOME_ASSISTANT_TREE),.home-assistant-2026.11)

.PHONY: test-full
test-full: test ## the same with Home Assistant 2026.11 (root, 2 GB) and the InfluxDB of TEST_INFLUXD(B_URL)
	$(if $(TEST_HOME_ASSISTANT_TREE),,@scripts/install-home-assistant-2026.11.sh $(HOME_ASSISTANT_2026))
	TEST_HOME_ASSISTANT_TREE=$(HOME_ASSISTANT_2026) $(BIN)/pytest --quiet -m full

# What only tests need of npm: Lighthouse.
TEST_NODE_MODULES := tests/lighthouse/node_modules

tests/%/node_modules/.installed: tests/%/package.json tests/%/package-lock.json
	cd tests/$* && npm ci --silent --no-audit --no-fund
	@touch $@

.PHONY: test-parts
test-parts: setup $(addsuffix /.installed,$(TEST_NODE_MODULES))
	@scripts/install-test-parts.sh

.PHONY: lint
lint: setup ## ruff, mypy --strict, the direction of imports, eslint, tsc
	@$(MAKE) --no-print-directory --jobs=2 lint-python lint-dashboard

.PHONY: lint-python
lint-python:
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	@for part in $(PACKAGES) tests benchmarks scripts infrastructure hatch_build.py conftest.py; do echo "mypy $$part"; $(BIN)/mypy --no-error-summary $$part || exit 1; done
	$(BIN)/lint-imports --no-cache | grep -E "Contracts:|BROKEN"

.PHONY: lint-dashboard
lint-dashboard:
	cd $(DASHBOARD) && npm run --silent lint && npm run --silent typecheck

.PHONY: test-units
test-units: setup ## unit tests with coverage
	$(PYTEST)=$(WORKERS) -m 'not performance and not full' --cov --cov-report=term:skip-covered $(UNITS)

# Their coverage is not measured: what they start are processes of their own, and a store would be half as fast.
.PHONY: test-servers
test-servers: setup build test-parts ## tests with servers: stores, Home Assistant, a browser, nginx, Prometheus
	$(PYTEST)=$(SERVER_WORKERS) -m 'not performance and not full' tests

.PHONY: search
search: setup ## search for counterexamples with new random examples in each run
	$(PYTEST)=$(WORKERS) -m hypothesis --hypothesis-profile=search --timeout=3600 $(UNITS) tests/contract

.PHONY: performance
performance: setup build test-parts ## measure the figures of the plan: query times, and load times of the dashboard
	$(BIN)/pytest --quiet -m performance services/admin-api/tests/performance
	$(BIN)/python -m benchmarks.performance --write

SEEDS ?= 1
MINUTES ?= 0

.PHONY: torture
torture: setup test-parts ## search for lost events under random faults: make torture SEEDS=10 MINUTES=5 (per setup)
	$(BIN)/python -m tests.faults --seeds $(SEEDS) --minutes $(MINUTES)

.PHONY: test-dashboard
test-dashboard: setup ## unit tests of the dashboard
	cd $(DASHBOARD) && npm run --silent test

.PHONY: format
format: setup ## format the Python code
	$(BIN)/ruff check --quiet --fix . && $(BIN)/ruff format --quiet .

.PHONY: docs
docs: setup build ## generate env.example, the references and the screenshots
	$(BIN)/python scripts/generate_settings.py
	$(BIN)/python scripts/generate_openapi.py
	$(BIN)/python scripts/generate_metrics.py
	$(BIN)/python scripts/generate_prometheus_rule.py
	$(BIN)/python scripts/generate_grafana.py
	$(BIN)/python scripts/generate_alerts.py
	$(BIN)/python scripts/generate_plan.py
	cd $(DASHBOARD) && npm run --silent generate-api
	$(BIN)/python scripts/screenshots.py

.PHONY: site
site: setup ## build the documentation as a site, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Built site/. Open site/index.html, or, for the search too: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site 8000"

.PHONY: bench
bench: setup ## measure: events per second end to end, and the Admin API under load
	$(BIN)/python -m benchmarks.ingest

.PHONY: clean
clean: ## remove installed and built files, never data or .env
	rm -rf $(VENV) .tools .venv-homeassistant .home-assistant-2026.11 $(DASHBOARD)/node_modules $(DASHBOARD)/dist dist $(TEST_NODE_MODULES)
