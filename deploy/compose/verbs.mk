# The verbs of the Makefile where the stack is containers: STACK=docker.

COMPOSE_FILES ?= compose.yaml
HERE := deploy/compose
export REVISION ?= $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)

# What .env says stands where the environment says nothing, as everywhere.
said = $(or $($(1)),$(shell sed -n 's/^$(1)=//p' .env 2>/dev/null))

# Compose takes relative paths from its own folder; people mean this one.
export API_KEYS_FILE := $(abspath $(call said,API_KEYS_FILE))
export JWT_JWKS_FILE := $(abspath $(call said,JWT_JWKS_FILE))

HAS_TLS := $(filter compose.tls.yaml,$(COMPOSE_FILES))
ifeq ($(HAS_TLS),)
ifneq ($(call said,TLS_CERT_FILE)$(call said,MTLS_CA_FILE),)
$(error TLS_* and MTLS_* are for the stack out of wheels; containers take theirs from compose.tls.yaml, \
	see docs/deploying.md)
endif
endif

# Profiles cost nothing until their parts are started by name: every verb sees all of them.
COMPOSE = docker compose $(if $(wildcard .env),--env-file .env) --profile '*' \
	$(foreach file,$(COMPOSE_FILES),--file $(HERE)/$(file))
SUITE := envoy gateway processor worker cache postgres redis
MONITORING := prometheus grafana postgres-exporter redis-exporter
WAIT := --detach --wait --wait-timeout 180
WORKERS ?= 1

# Ctrl-C is how they end, and no error. (With its menu, Compose 2.40 never comes back from it.)
INTERRUPTED := || [ $$? -eq 130 ]

# How the door is asked from here: as the operator where the stack has one.
URL = $(if $(HAS_TLS),https,http)://127.0.0.1:$(or $(call said,API_PORT),8000)
export API_KEY := $(or $(call said,API_KEY),$(if $(filter compose.prod.yaml,$(COMPOSE_FILES)), \
	$(shell cat $(HERE)/secrets/api_key 2>/dev/null)))
export DOOR_CERTIFICATE := $(if $(HAS_TLS),$(HERE)/secrets/certificates/door.pem)

.PHONY: crowd

demo: up ## Start everything, and draw a face
	@$(PYTHON) -m deploy.compose.smoke $(URL)

build: ## Build the images
	@$(COMPOSE) build

up: build ## Start what does not run, and wait until it is healthy; WORKERS=3 for more of them
	@echo "starting with Docker; STACK=local is the way without it"
	@$(COMPOSE) up $(WAIT) --scale worker=$(WORKERS) $(SUITE)
	@echo "ready at $(URL)"

monitoring: ## Start Prometheus, Grafana and exporters beside the stack
	@$(COMPOSE) up $(WAIT) --no-recreate $(MONITORING)
	@echo "Grafana at http://127.0.0.1:$(or $(call said,GRAFANA_PORT),3000)," \
		"Prometheus at http://127.0.0.1:$(or $(call said,PROMETHEUS_PORT),9090)"

down: ## Stop everything; data stays
	@$(COMPOSE) down --remove-orphans

logs: ## Follow the logs of all parts; PARTS="cache worker" for some
	@$(COMPOSE) logs --follow --tail 100 $(PARTS) $(INTERRUPTED)

test: ## Draw a face through the running stack and look at it
	@$(PYTHON) -m deploy.compose.smoke $(URL)

crowd: ## Draw many faces at once; ARGS="--faces 90 --kill worker" kills one meanwhile, and nothing is lost
	@$(PYTHON) -m deploy.compose.crowd $(URL) $(ARGS)

health: ## Ask every service how it is
	@$(PYTHON) -m deploy.compose.health $(URL)

status: ## Show the containers, their health and ports
	@$(COMPOSE) ps --all --format 'table {{.Service}}\t{{.Name}}\t{{.Status}}\t{{.Ports}}'

dev: COMPOSE_FILES = compose.yaml compose.dev.yaml
dev: build ## Start everything on this checkout's source, restart what changes; Ctrl-C stops it
	@$(COMPOSE) up --watch --menu=false $(SUITE) $(INTERRUPTED)

shell: ## Open a shell in a container: PART=gateway, or another
	@$(COMPOSE) exec $(or $(PART),gateway) sh

worker: ## Run one more worker here, until Ctrl-C
	@name=facesvg-worker-$$$$; trap 'docker stop --timeout 30 $$name >/dev/null 2>&1' EXIT; \
		trap 'exit 0' INT TERM; $(COMPOSE) run --rm --no-deps --name $$name worker & wait $$!

rebuild: ## Build every image anew, from nothing, and start them
	@$(COMPOSE) build --no-cache
	@$(COMPOSE) up $(WAIT) --force-recreate --scale worker=$(WORKERS) $(SUITE)

clean: ## Stop everything and delete its data and images
	@$(COMPOSE) down --volumes --remove-orphans --rmi local
