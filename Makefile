# The only entry: people, continuous integration and hooks call the same targets.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
LOCAL := $(BIN)/python -m deploy.local

# Where the stack runs: local (out of wheels) or docker. Unset, it is local while one of those runs
# here, else docker where an engine answers. `demo` and the tests never ask: they are local unless
# told otherwise, whatever happens to run on the machine.
STACK_VERBS := build up down logs health status dev shell worker monitor monitoring rebuild clean
ifeq ($(or $(STACK),$(wildcard .local/stack.json),$(if $(filter $(STACK_VERBS),$(MAKECMDGOALS)),,none)),)
STACK := $(shell docker info >/dev/null 2>&1 && echo docker || echo local)
endif
STACK := $(or $(STACK),local)
ifeq ($(filter $(STACK),local docker),)
$(error STACK=$(STACK) is neither local nor docker)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Run

.PHONY: demo build up down logs health status dev shell worker monitoring rebuild clean

ifeq ($(STACK),docker)
include deploy/compose/verbs.mk
else

demo: $(VENV)/.local ## Start everything, draw a face, and leave it running
	@$(LOCAL) demo

build: $(VENV)/.local ## Install what the stack needs into .venv

up: $(VENV)/.local ## Start what does not run, and wait until it answers
	@echo "starting without Docker; STACK=docker is the way with it"
	@$(LOCAL) up

down: | $(VENV)/.local ## Stop everything
	@$(LOCAL) down

logs: | $(VENV)/.local ## Follow the logs of all parts; PARTS="cache worker" for some
	@$(LOCAL) logs --follow $(PARTS)

health: | $(VENV)/.local ## Ask every service how it is
	@$(LOCAL) health

status: | $(VENV)/.local ## Show the parts, where they listen and how long they have been up
	@$(LOCAL) status

dev: $(VENV)/.local ## Start everything here with debug logs; Ctrl-C stops it
	@DEBUG=true $(LOCAL) up --follow

shell: | $(VENV)/.local ## Open a shell with the venv and the addresses of the stack
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(LOCAL) run "$${SHELL:-sh}"

worker: | $(VENV)/.local ## Run one more worker here, until Ctrl-C
	@$(LOCAL) worker

monitoring: | $(VENV)/.local ## Run Prometheus on the stack, until Ctrl-C; with STACK=docker Grafana too
	@$(LOCAL) monitoring

rebuild: ## Install everything anew and start it
	@if [ -x $(BIN)/python ]; then $(LOCAL) down; fi
	@rm -rf $(VENV)
	@$(MAKE) --no-print-directory up

clean: ## Stop everything and delete data, logs, drawings and caches
	@if [ -x $(BIN)/python ]; then $(LOCAL) erase; fi
	@rm -rf $(wildcard $(addprefix clients/examples/*/,gen node_modules target)) clients/examples/go/draw
	@rm -rf out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find services deploy tests protos clients -name __pycache__ -prune -exec rm -rf {} +

endif

##@ Cache

.PHONY: cache-stats cache-clean db-shell

cache-stats: | $(VENV)/.local ## Show what the cache did in the last seven days
	@$(LOCAL) api GET '/api/v1/cache/stats?days=7'

cache-clean: | $(VENV)/.local ## Erase what expired, and what is beyond the size limit
	@$(LOCAL) api POST /api/v1/cache/cleanup

db-shell: | $(VENV)/.local ## Open psql on the cache's database
	@$(LOCAL) db-shell

##@ Deploy

.PHONY: secrets certificates sbom check-deploy play backup

secrets: ## Make the passwords that compose.prod.yaml wants, once
	@$(PYTHON) -m deploy.compose.passwords

# The accounts inside the containers read them; on this machine the folder above keeps others out.
certificates: $(VENV)/.dev ## Make the certificates that compose.tls.yaml wants, for development
	@mkdir -p -m 700 deploy/compose/secrets
	@$(BIN)/python -m deploy.certificates --out deploy/compose/secrets/certificates >/dev/null
	@chmod -R a+rX deploy/compose/secrets/certificates
	@echo "made deploy/compose/secrets/certificates"

sbom: $(VENV)/.dev ## Write what each image installs as CycloneDX, into out/sbom
	@$(BIN)/python deploy/docker/sbom.py

check-deploy: $(VENV)/.dev ## Check Dockerfile, compose files and manifests with the tools that are here
	@$(BIN)/python -m deploy.checking

play: $(VENV)/.dev ## Run the pods of Kubernetes' overlay dev under Podman, and draw a face through them
	@$(BIN)/python -m deploy.k8s.play

backup: $(VENV)/.local ## Save the stack's database to FILE (out/facesvg.dump)
	@mkdir -p out
	@$(LOCAL) run $(BIN)/python -m deploy.backup save $(or $(FILE),out/facesvg.dump)

##@ Watch

MONITORED := $(if $(filter docker,$(STACK)),--url http://127.0.0.1:$(or $(API_PORT),8000))

.PHONY: monitor metrics dashboards alerts runbook

monitor: | $(VENV)/.local ## Show live how the stack is; ARGS="--once --json" for scripts, --url for another
	@$(BIN)/python -m deploy.monitor $(MONITORED) $(ARGS)

metrics: | $(VENV)/.local ## Print the metrics of all services
	@$(LOCAL) api GET /metrics

dashboards: $(VENV)/.dev ## Write Grafana's dashboards anew from deploy/grafana
	@$(BIN)/python -m deploy.grafana

alerts: $(VENV)/.dev ## Write the alerts of Kubernetes anew from deploy/prometheus
	@$(BIN)/python -m deploy.k8s.rules

runbook: $(VENV)/.dev ## Write the page that alerts lead to anew from docs/operations.md
	@$(BIN)/python -m deploy.runbook

##@ Work

.PHONY: audit licences setup protos format lint types test integration e2e test-clients client test-faults test-api check bench bench-draw bench-cache report pictures pins fresh

# Two at a time: most tests wait for servers. The end-to-end tests share one stack, in one process.
PYTEST := $(BIN)/pytest --numprocesses 2 --dist loadgroup
DOCTESTS := --doctest-modules services/processor/masks deploy clients/python/facesvg_client

setup: $(VENV)/.dev ## Install what work on the suite needs into .venv

protos: $(VENV)/.dev ## Write the stubs and descriptors anew from protos/facesvg
	@$(BIN)/python protos/generate.py

format: $(VENV)/.dev fresh ## Lay out Python and protos as they should be
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/buf format --write --path protos/facesvg

lint: $(VENV)/.dev fresh ## Check layout, style, layers and the contract
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/buf lint
	@$(BIN)/buf format --diff --exit-code --path protos/facesvg

types: $(VENV)/.dev ## Check types
	@$(BIN)/mypy

ifneq ($(STACK),docker)
test: $(VENV)/.dev ## Run every test, against servers of its own
	@$(PYTEST) -m 'not toolchain' $(DOCTESTS) tests/unit tests/contract tests/integration tests/e2e tests/clients tests/faults
endif

integration: $(VENV)/.dev ## Run the tests that need one real server
	@$(PYTEST) tests/integration

e2e: $(VENV)/.dev ## Run the tests of the whole stack
	@$(PYTEST) tests/e2e

test-clients: $(VENV)/.dev ## Run the clients of every language that is installed here, and the wheel
	@$(BIN)/pytest tests/clients

client: $(VENV)/.dev ## Build the Python client's wheel, into out/
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir out clients/python

test-faults: $(VENV)/.dev ## Kill, stop and restart every part under load; FAULT_ROUNDS=3 times
	@FAULT_ROUNDS=$${FAULT_ROUNDS:-3} $(BIN)/pytest tests/faults

test-api: $(VENV)/.dev ## Ask the REST interface all that its description allows; API_EXAMPLES=200 times
	@API_EXAMPLES=$${API_EXAMPLES:-200} $(BIN)/pytest tests/e2e/test_api.py

audit: $(VENV)/.dev ## Ask a vulnerability service about everything that is pinned
	@$(BIN)/python -m deploy.audit

licences: $(VENV)/.dev ## List what is pinned with its licence
	@$(BIN)/python -m deploy.licences

check: lint types ## Check everything that needs no server, in about a minute
	@$(BIN)/python -m deploy.licences --refused
	@$(BIN)/python -m deploy.audit --if-it-answers
	@$(PYTEST) $(DOCTESTS) tests/unit tests/contract tests/clients/unit

bench: $(VENV)/.bench ## Measure the suite beside a sink and a peer; PARTS="hits peer" for some
	@$(BIN)/python tests/bench/suite/bench_suite.py $(PARTS)

bench-draw: $(VENV)/.bench ## Measure the drawing beside potrace, vtracer and findContours
	@$(BIN)/python tests/bench/draw/trace_maps.py
	@$(BIN)/python tests/bench/draw/draw_faces.py

bench-cache: $(VENV)/.dev ## Measure the cache beside plain psycopg
	@$(BIN)/python tests/bench/cache/run.py

report: $(VENV)/.dev ## Draw every preset over the sample faces, into out/report/index.html
	@$(BIN)/python tests/bench/draw/report.py --out out/report

pictures: $(VENV)/.dev ## Write the pictures and tables of docs/regions.md anew from the code
	@$(BIN)/python -m deploy.pictures

pins: $(VENV)/.dev ## Write constraints.txt anew from pyproject.toml, and what images install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade \
		--no-header --no-annotate --no-emit-package facesvg --no-emit-package facesvg-client \
		pyproject.toml clients/python/pyproject.toml -o constraints.txt
	@$(BIN)/python deploy/docker/requirements.py

fresh: $(VENV)/.dev # the stubs are those of the contract; also lays Google's protos, which buf needs
	@$(BIN)/python protos/generate.py --check

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo

CLIENT := --editable clients/python
$(VENV)/.dev $(VENV)/.bench: clients/python/pyproject.toml

# The venv, once for running and once for work; made anew when what they stand on changes.

$(VENV)/.local $(VENV)/.dev $(VENV)/.bench: $(VENV)/.%: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing into $(VENV), which takes a minute the first time"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[$*]' $(if $(filter dev bench,$*),$(CLIENT))
	@touch $@

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "facesvg needs Python 3.11 or newer, and there is none on PATH;" \
			"install one, or name it: make PYTHON=/path/to/python3.12"; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "facesvg needs Python 3.11 or newer, which $(PYTHON) is not; name another:" \
			"make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment; install its venv module" \
			"(Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
