.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEBIAN_TEST_PACKAGES := rpm ruby npm openjdk-17-jre-headless openjdk-17-jdk-headless libmaven3-core-java docker-registry skopeo php-cli php-composer-semver
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## make .venv with everything, so that .venv/bin/assay works

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(SUDO) sh -c 'apt-get update -qq && apt-get install -y -qq python3-venv'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: setup ## build two small images, scan them, show the tables
	@$(BIN)/python -m demo.run $(ARGS)

test: setup test-tools lint ## run every check and every test
	rm -f .coverage .coverage.*
	$(BIN)/pytest -n 2 -m 'not alone' --cov --cov-report= $(ARGS)
	$(BIN)/pytest -m alone --cov --cov-report= --cov-append $(ARGS)
	$(BIN)/coverage report --fail-under=90 --skip-covered | tail -40
	$(BIN)/coverage report --include='src/assay/versions/*,src/assay/match/*' --fail-under=100

test-tools: ## install the reference programs the tests compare with (Debian packages; skipped where that is not possible)
	@bash tests/install_tools.sh $(DEBIAN_TEST_PACKAGES)

lint: setup ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: setup ## measure speed against the peers and rewrite docs/benchmarks.md
	$(BIN)/python -m bench $(ARGS)

docs: setup ## regenerate the command line reference and the JSON schema
	$(BIN)/python -m assay.cli.reference

.PHONY: help setup demo test test-tools lint bench docs
