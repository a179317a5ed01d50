# Every target says in its ## comment what it does; `make` alone lists them. They all work on a fresh clone.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
KAFKA_IMAGE := sagaline-kafka:4.3.0
# More arguments for the command behind a target: make test ARGS="-k rebalance", make run ARGS="--yes"
ARGS ?=
SEEDS ?= 500
FROM ?= 0
SEED ?=
JOBS ?= 1

.PHONY: help setup run up down status topics verify logs kafka
.PHONY: test test-unit test-broker test-containers compose-smoke simulate unguarded chaos figures bench bench-quick bench-compare bench-flame
.PHONY: check lint format types imports drift contracts lock kafka-image ci clean

help: ## List the targets
	@awk -F ':.*## ' '/^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run it
setup: ## Install what is missing: packages, .venv from the lock, Kafka's jars (seconds when all is there)
	@deploy/setup

run: setup ## Start everything and take the example briefs to COMPLETED, with live progress
	@$(BIN)/sagaline demo $(ARGS)

up: setup ## Start Kafka and the five services, and leave them running
	@$(BIN)/sagaline up $(ARGS)

down: ## Stop what `up` or `run` started
	@if [ -x $(BIN)/sagaline ]; then $(BIN)/sagaline down $(ARGS); else echo "nothing was ever started here"; fi

status: setup ## Show what runs and how far behind it is
	@$(BIN)/sagaline status $(ARGS)

topics: setup ## Show the topics; ARGS=--create makes what is missing
	@$(BIN)/sagaline topics $(ARGS)

verify: setup ## Fold the log afresh and compare it with what is served
	@$(BIN)/sagaline verify $(ARGS)

logs: ## Follow the logs of the services and of Kafka
	@shopt -s nullglob globstar; files=(.sagaline/**/*.log); \
	 if [ $${#files[@]} -eq 0 ]; then echo "no logs yet: start the stack with make up" >&2; exit 1; fi; \
	 tail -n 20 -F "$${files[@]}"

kafka: setup ## Run Kafka alone in the foreground on 127.0.0.1:9092
	@deploy/kafka/run $(ARGS)

##@ Test it
test: ## Run every test, the broker suite on a real Kafka
	@deploy/setup --tests
	@$(PYTEST) tests $(ARGS)

test-unit: setup ## Run the tests that need neither a broker nor Docker
	@$(PYTEST) tests -m "not broker and not containers" $(ARGS)

test-broker: setup ## Run the broker suite on a local Kafka process
	@$(PYTEST) tests -m broker $(ARGS)

test-containers: setup kafka-image ## Run the broker suite on Kafka in a container (testcontainers)
	@SAGALINE_TEST_CONTAINERS=1 $(PYTEST) tests/broker $(ARGS)

compose-smoke: setup kafka-image ## Take one campaign to COMPLETED in docker-compose.yml
	@deploy/compose-smoke $(ARGS)

simulate: setup ## Live SEEDS=n seeded lives of the whole system, the first FROM=m; SEED=k: one again, aloud; JOBS=j at once
	@$(BIN)/python -m tests.simulation --first $(FROM) --seeds $(SEEDS) --jobs $(JOBS) $(if $(SEED),--seed $(SEED)) $(ARGS)

unguarded: setup ## Switch each guarantee's mechanism off: its test must notice; ARGS="--without-broker", "--only G7"
	@$(BIN)/python -m tests.unguarded --jobs $(JOBS) $(ARGS)

chaos: setup ## Kill, freeze and delay under load and count from outside; ARGS="zombies", "late-ends", "transient"
	@$(BIN)/python -m tests.chaos.storm $(ARGS)

figures: setup ## Show what all recorded runs reached beside the goals (record one: ARGS=--record); ARGS=--check
	@$(BIN)/python -m benchmarks.figures $(ARGS)

bench: setup ## Measure every figure of docs/performance.md, write it anew, show every goal; ARGS="saga-rate", "goals"
	@$(BIN)/python -m benchmarks $(ARGS)
	@$(BIN)/python -m benchmarks.page

bench-quick: setup ## Measure the main ratios in under five minutes, as JSON; ARGS="--to FILE"
	@$(BIN)/python -m benchmarks.quick $(ARGS)

bench-flame: setup ## Draw where the saga role's and the phases' time goes, under load (docs/figures/flame-*.svg)
	@$(BIN)/python -m benchmarks.flame $(ARGS)
	@$(BIN)/python -m benchmarks.page

bench-compare: setup ## Say whether one file of bench-quick is slower than another: ARGS="OLD NEW"
	@$(BIN)/python -m benchmarks.regress $(ARGS)

ci: ## Run what the build server runs
	@.ci/run

##@ Check and change it
check: lint types imports drift ## Run every check that needs no test

lint: setup ## Check style (ruff check, ruff format)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup ## Rewrite the code in the house's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup ## Check the types (mypy --strict)
	@$(BIN)/mypy --strict

imports: setup ## Check who may import whom (import-linter)
	@$(BIN)/lint-imports --no-logo

drift: setup ## Check that everything generated is what the code says
	@$(BIN)/python -m contracts.generate --check
	@$(BIN)/python -m deploy.settings_table --check
	@$(BIN)/python -m deploy.metrics_table --check
	@$(BIN)/python -m deploy.adapters_page --check
	@$(BIN)/python -m benchmarks.page --check

contracts: setup ## Generate schemas, TypeScript types, and the pages of messages, settings, metrics, adapters, performance
	@$(BIN)/python -m contracts.generate
	@$(BIN)/python -m deploy.settings_table
	@$(BIN)/python -m deploy.metrics_table
	@$(BIN)/python -m deploy.adapters_page
	@$(BIN)/python -m benchmarks.page

lock: setup ## Resolve the dependencies anew into the lock files; UPGRADE=1 takes newer versions
	@deploy/lock

kafka-image: ## Build Kafka's image from deploy/kafka
	@docker build --network host -q -t $(KAFKA_IMAGE) deploy/kafka

clean: ## Remove caches and build leftovers; .venv and the records of .sagaline stay
	@find . -path ./.venv -prune -o -path ./.git -prune -o -path ./.sagaline -prune -o -type d \
	  \( -name __pycache__ -o -name '*.egg-info' \) -exec rm -rf {} +
	@rm -rf build dist contracts/build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
