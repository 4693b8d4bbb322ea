# Daybook: every command of daily work. A fresh machine needs Python 3.11 or 3.12, make and git.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup up airflow down status clean demo run page test test-turn test-nights test-k8s test-browser test-all benchmark lint format dictionary lock audit pins charts history rates notebook

# the first suitable Python, unless PYTHON=… names one
SUITABLE := import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))
PYTHON ?= $(shell for p in python3 python3.11 python3.12; do "$$p" -c '$(SUITABLE)' 2>/dev/null && echo "$$p" && break; done)
DEV := .local/envs/dev/bin/python
# tests in three processes, each with servers of its own (16 GB at most): on two cores one of them waits
TOGETHER := -n 3 --no-loadscope-reorder
# what each test took
REPORT := .local/tests.xml
MEASURED := --durations=20 --junitxml=$(REPORT)
# what ends servers: without the environment none was started
MADE = $(shell test -x $(DEV) && echo $(DEV) || echo "$(PYTHON)")
export PYTHONDONTWRITEBYTECODE := 1
# in the C locale Java cannot name a path with an accent in it, such as this checkout's may be
export LC_ALL := C.UTF-8
# not what a shell may have exported under so short a name
ifeq ($(origin STORE),command line)
export DAYBOOK_LOCAL_STORE := $(STORE)
endif
# a relative PYTHONPATH or an activated environment must not leak into the stack's own
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## environments, Java, PostgreSQL, Go, MinIO and jars: fetched or built once (all others call it)
	@"$(PYTHON)" -c '$(SUITABLE)' 2>/dev/null || { echo "Python 3.11 or 3.12 is needed, and neither python3, python3.11, python3.12 nor PYTHON='$(PYTHON)' is one; install it, or run: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m local setup

up: setup ## start PostgreSQL, Cassandra and the object store, and keep them running; STORE=seaweedfs instead of MinIO
	@$(DEV) -m local up

airflow: setup ## Airflow with the DAG, on the local servers; prints address and login
	@$(DEV) -m local airflow

down: ## end the servers; their data stays
	@$(MADE) -m local down

status: setup ## show the settings (secrets masked) and look at everything that the jobs need
	@$(DEV) -m local status

clean: ## end the servers; remove their data and the environments (the user's cache stays)
	@$(MADE) -m local clean

demo: setup ## fresh machine to answers: servers, seeded data, the last three days run; DEMO_DAYS=2025-03-01 chooses
	@$(DEV) -m local.demo

run: setup ## a day from the sources to the warehouse: DS=2025-03-01, or FROM=… TO=…; REFRESH=1 reads the sources again
	@$(DEV) -m local run $(if $(DS),--ds "$(DS)") $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)") $(if $(REFRESH),--refresh)

notebook: ## ask the warehouse in a notebook: notebooks/ask.py on the file that DUCKDB_PATH names
	@$(PYTHON) -m local notebook

page: setup ## the page of a day, beside the warehouse: DS=2025-03-01, or FROM=… TO=…, or the newest; prints its address
	@$(DEV) -m local page $(if $(DS),--ds "$(DS)") $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)")

rates: ## exchange rates from the European Central Bank's file: FILE=eurofxref-hist.csv, and BASE=USD if not EUR
	@$(PYTHON) -m local rates --file "$(FILE)" --base "$(BASE)"

test: setup ## what every change must pass, on servers of its own; T="tests/unit -k name" chooses
	@$(DEV) -m pytest $(or $(T),$(TOGETHER) tests/spark tests/e2e tests/unit)

test-turn: setup ## the same, and of what takes long one of each kind and the third whose turn it is; TURN=0, 1 or 2 chooses
	@$(DEV) -m pytest $(TOGETHER) $(MEASURED) --turn $(or $(TURN),$(shell $(DEV) -m tests.schedule turn))

test-nights: setup ## what takes long: nights of a real Airflow, a cluster, an upgrade, every way to fail
	@$(DEV) -m pytest $(or $(T),$(TOGETHER) tests/nights)

test-k8s: setup ## a day by KubernetesExecutor on a real API server; builds it the first time, in minutes
	@$(DEV) -m local kubernetes
	@$(DEV) -m pytest $(or $(T),tests/pods)

test-browser: setup ## the day's page in a browser, which is fetched the first time
	@$(DEV) -m local browser
	@$(DEV) -m pytest $(or $(T),tests/browser)

test-all: setup ## every test there is, in one run
	@$(DEV) -m pytest $(TOGETHER) $(MEASURED)
	@$(DEV) -m tests.schedule renew $(REPORT)

benchmark: setup ## figures, on servers of its own: B=big_day, B=week, B=busy_user, B=history, B=growth or B=peers
	@PYTHONPATH=jobs $(DEV) -m benchmarks.$(or $(B),big_day)

lint: setup ## style, formatting, types and dead code
	@$(DEV) -m ruff check .
	@$(DEV) -m ruff format --check .
	@$(DEV) -m mypy
	@$(DEV) -m vulture

format: setup ## put the code into the one format
	@$(DEV) -m ruff check --fix-only .
	@$(DEV) -m ruff format .

dictionary: setup ## renew docs/data-dictionary.md and docs/settings.md from what is declared
	@$(DEV) -m local.dictionary
	@$(DEV) -m local.settings_page

lock: ## renew requirements/*.txt from requirements/*.in
	@$(PYTHON) -m local lock

audit: setup ## all that is locked as a bill (.local/sbom.cdx.json), and advisories against it, where the network lets it
	@$(DEV) -m local.audit

pins: ## renew the packages in deploy/values.community.yaml from requirements/airflow.txt (lock does, too)
	@$(PYTHON) -m local pins

charts: setup ## render Airflow's charts with our values: CHART=folder and COMMUNITY_CHART=folder (docs/kubernetes.md)
	@$(DEV) -m local charts $(if $(CHART),--official "$(CHART)") $(if $(COMMUNITY_CHART),--community "$(COMMUNITY_CHART)")

history: setup ## Spark history server over the event logs, in the foreground; PORT=… chooses its port
	@$(DEV) -m local history $(if $(PORT),--port $(PORT))
