# People and CI run the same commands. Each target makes `.venv` by itself from a bare clone.
# Another interpreter: make demo PYTHON=/path/to/python

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

ARGS ?=
PYTHON ?=
SEED ?= 1
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# pip shows each package and a bar for it where somebody watches; a log gets a line a step.
INSTALL := verbosity=-qq; [ ! -t 1 ] || verbosity=; $(PIP) install $$verbosity
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header $(ARGS)

# A stamp is touched after its step has ended: what was interrupted is done again.
MADE := $(VENV)/made.stamp
RUN_TIME := $(VENV)/run-time.stamp
DEVELOPMENT := $(VENV)/development.stamp
# Measured on Linux x86-64 (Codex alone is 142 MB of it); pip keeps what it fetched for the next time.
RUN_TIME_SIZE := 160 MB to fetch, 500 MB on disk; one to three minutes
DEVELOPMENT_SIZE := 900 MB on disk; two to five minutes

.PHONY: help install picture demo run doctor invite login test chaos try-models newest-codex check fmt bench lock setup clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(RUN_TIME) ## Make .venv with what the bot runs on; the targets below do it by themselves

# These say themselves what is wrong. After any status but 0 make would add an "Error 1" of its own,
# which reads like a crash: scripts that want the status call `.venv/bin/python -m bot doctor`.
demo: $(RUN_TIME) ## Run a whole bot, with a Discord and a model on this machine
	@exec $(BIN)/python -m sandbox --quiet-status $(ARGS)

run: $(RUN_TIME) ## Run the bot on Discord; reads .env
	@exec $(BIN)/python -m bot --quiet-status run $(ARGS)

doctor: $(RUN_TIME) ## Check everything the bot needs, each fault with its fix
	@exec $(BIN)/python -m bot --quiet-status doctor $(ARGS)

invite: $(RUN_TIME) ## Print the link that invites the bot
	@exec $(BIN)/python -m bot --quiet-status invite

login: $(RUN_TIME) ## Log in to Codex; ARGS=--device-auth without a screen, ARGS=--with-api-key by key
	@exec $(BIN)/python -m bot --quiet-status login $(ARGS)

# Most tests wait for processes and sockets: three at a time keep two cores busy.
test: $(DEVELOPMENT) ## Run all tests; ARGS="-k room" picks some
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

chaos: $(DEVELOPMENT) ## Break everything around a bot for minutes; SEED=2 breaks it otherwise
	@$(BIN)/python -m tests.chaos --seed $(SEED) $(ARGS)

try-models: $(DEVELOPMENT) ## Talk with real small models, fetched once; ARGS="--conversations 3" is short
	@$(BIN)/python -m trials $(ARGS)

# Only its program is wanted, which lies in the package of each platform: no script of it runs.
newest-codex: ## Fetch the newest Codex from npm (400 MB); the tests of its protocol run against it too
	@npm install --prefix .newest-codex --ignore-scripts --no-audit --no-fund --loglevel=error \
		@openai/codex@latest
	@.newest-codex/node_modules/@openai/codex-*/vendor/*/bin/codex --version

check: $(DEVELOPMENT) ## Format, lint, types, layers, locks, Dockerfile, shell
	@echo "format and lint"
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@echo "types"
	@$(BIN)/python -m mypy --no-error-summary
	@$(BIN)/python -m mypy --no-error-summary --config-file tests/mypy.ini tests $(wildcard benchmarks/*.py)
	@echo "layers"
	@$(BIN)/python -c 'from importlinter.cli import lint_imports_command as run; run()' > $(VENV)/layers.log \
		|| { cat $(VENV)/layers.log; exit 1; }
	@echo "Dockerfile and shell"
	@if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint Dockerfile; else echo "  no hadolint for this machine"; fi
	@if [ -x $(BIN)/shellcheck ]; then $(BIN)/shellcheck .ci/run; else echo "  no shellcheck for this machine"; fi
	@echo "locks and house rules"
	@$(BIN)/python -m pytest --quiet --noconftest tests/packaging/test_locks.py tests/packaging/test_house_rules.py

fmt: $(DEVELOPMENT) ## Format the code and mend what ruff can mend
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --quiet --fix

picture: $(DEVELOPMENT) ## Take the picture of the demo that the README shows (needs Chromium)
	@$(BIN)/python -m sandbox.picture docs/images/demo.png

bench: $(DEVELOPMENT) ## Print the figures that the README quotes
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(DEVELOPMENT) ## Renew both locks; ARGS="--upgrade" takes the newest of everything
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
	@$(COMPILE) --no-annotate trials/litellm.in --output-file trials/litellm.lock
	@echo "the locks are fresh; 'make test' installs them"

setup: $(DEVELOPMENT) ## Make .venv with everything for development

clean: ## Remove .venv, caches and builds; keeps data/
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist .newest-codex
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A folder that was left half made, or whose Python is gone, is made anew.
$(MADE):
	@find_python() { \
		for name in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 python; do \
			if [ -n "$$name" ] && "$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
			then echo "$$name"; return; fi; \
		done; \
		echo "No Python 3.11 or newer with venv was found. Install one (Debian: apt install python3 python3-venv)," >&2; \
		echo "or name it: make PYTHON=/path/to/python" >&2; \
		return 1; \
	}; \
	usable() { \
		$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' && $(BIN)/python -m pip --version; \
	}; \
	if ! usable >/dev/null 2>&1; then \
		python=$$(find_python) || exit 1; \
		echo "step 1 of 2: making $(VENV) with $$("$$python" --version)"; \
		rm -rf $(VENV); \
		"$$python" -m venv $(VENV); \
	fi
	@touch $@

$(RUN_TIME): requirements.lock $(MADE)
	@echo "step 2 of 2: installing what the bot runs on ($(RUN_TIME_SIZE))"
	@$(INSTALL) --require-hashes -r requirements.lock
	@echo "installed"
	@touch $@

$(DEVELOPMENT): requirements-dev.lock pyproject.toml $(MADE)
	@echo "step 2 of 2: installing what development needs ($(DEVELOPMENT_SIZE))"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(PIP) install -qq --no-deps --no-build-isolation --no-index --editable .
	@echo "installed"
	@touch $@ $(RUN_TIME)
