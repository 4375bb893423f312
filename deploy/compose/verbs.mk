# The verbs of the Makefile where the stack is containers: STACK=docker.

COMPOSE_FILES ?= compose.yaml
export REVISION ?= $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
COMPOSE = docker compose $(if $(wildcard .env),--env-file .env) \
	$(foreach file,$(COMPOSE_FILES),--file deploy/compose/$(file))
URL = http://127.0.0.1:$(or $(API_PORT),8000)
WORKERS ?= 1

demo: up ## Start everything, and draw a face
	@$(PYTHON) -m deploy.compose.smoke $(URL)

build: ## Build the images
	@$(COMPOSE) build

up: build ## Start what does not run, and wait until it is healthy; WORKERS=3 for more of them
	@echo "starting with Docker; STACK=local is the way without it"
	@$(COMPOSE) up --detach --wait --wait-timeout 180 --scale worker=$(WORKERS)
	@echo "ready at $(URL)"

down: ## Stop everything; data stays
	@$(COMPOSE) down --remove-orphans

logs: ## Follow the logs of all parts; PARTS="cache worker" for some
	@$(COMPOSE) logs --follow --tail 100 $(PARTS)

test: ## Draw a face through the running stack and look at it
	@$(PYTHON) -m deploy.compose.smoke $(URL)

health: ## Ask every service how it is
	@$(COMPOSE) exec -T gateway python -c \
		'from urllib.request import urlopen as ask; print(ask("http://envoy:8000/health").read().decode())'

status: ## Show the containers, their health and ports
	@$(COMPOSE) ps --all

dev: COMPOSE_FILES = compose.yaml compose.dev.yaml
dev: build ## Start everything on this checkout's source, restart what changes; Ctrl-C stops it
	@$(COMPOSE) up --watch

shell: ## Open a shell in a container: PART=gateway, or another
	@$(COMPOSE) exec $(or $(PART),gateway) sh

worker: ## Run one more worker here, until Ctrl-C
	@$(COMPOSE) run --rm --no-deps worker

rebuild: ## Build every image anew, from nothing, and start them
	@$(COMPOSE) build --no-cache
	@$(COMPOSE) up --detach --wait --wait-timeout 180 --force-recreate

clean: ## Stop everything and delete its data and images
	@$(COMPOSE) down --volumes --remove-orphans --rmi local
