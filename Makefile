# The two that matter: `make demo` rehearses a whole deploy here, `make test` runs the tests.
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.tools:$(PATH)
# Compiled once, not at every start.
export PYTHONDONTWRITEBYTECODE :=
TWO_AT_A_TIME = $(MAKE) --no-print-directory $(if $(filter output-sync,$(.FEATURES)),--output-sync) -j 2

.PHONY: demo rehearsals rehearse-container rehearse-process test acceptance nightly faults unit unit-decisions unit-surroundings lint checkov docs setup lambda image parallel-services rollback-latency clean

demo: setup
	@delightful rehearse

# Both kinds of tasks, each told whole at its end.
rehearsals: setup
	@$(TWO_AT_A_TIME) rehearse-container rehearse-process

rehearse-container rehearse-process:
	@delightful rehearse --tasks $(@:rehearse-%=%)

# What waits most (Terraform's provider, real tasks) runs three at a time, after what is quick.
test: setup lint unit
	@python -m pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m "sandbox or slow"

# The whole way: releases from command and Prefect, accounts and environments, databases, ECS tasks.
acceptance: setup
	@python -m pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m "acceptance and not nightly"

# What seldom breaks and takes long: the image of the worker, services side by side, the workflows
# from push to production and back.
nightly: setup
	@python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder -m nightly

# Every row of the fault table (tests/faults/README.md), and a crash at every phase boundary; with
# PART=ci a quarter of it. Three sandboxes, so three rows at a time, some of which wait.
PART ?=
faults: setup
	@python -m pytest -q -n 3 --dist loadscope --no-loadscope-reorder \
	  -m "$(if $(filter ci,$(PART)),faults_ci,faults)" tests/faults

# In two halves side by side, each of which collects only its own: what is decided, and the rest.
UNIT := not slow and not sandbox and not acceptance and not nightly and not faults
DECISIONS := tests/analyzer tests/definitions tests/delightful tests/setup

unit: setup
	@$(TWO_AT_A_TIME) unit-decisions unit-surroundings

unit-decisions:
	@python -m pytest -q -m "$(UNIT)" $(DECISIONS)

unit-surroundings:
	@python -m pytest -q -m "$(UNIT)" $(DECISIONS:%=--ignore=%)

lint: setup
	@ruff check .
	@ruff format --check .
	@mypy
	@zizmor --quiet --pedantic --offline .github
	@jactionlint --profile pedantic

# Terraform by checkov's rules; what is skipped says why, in the resource.
checkov: setup
	@$(PYTHON) setup/checkov.py

# What the READMEs of infrastructure/ say of inputs and outputs; a test says where it is stale.
docs: setup
	@python -m tests.infrastructure.readme

setup:
	@$(PYTHON) setup/set_up.py

lambda: setup
	@python -m analyzer.packaging dist/analyzer.zip

# The image of workers and flow runs. From the same files buildah and podman make the same bytes.
ENGINE ?= $(firstword $(foreach engine,buildah podman docker,$(if $(shell command -v $(engine)),$(engine))))
IMAGE ?= delightful-worker:$(shell git rev-parse --short=12 HEAD)
SOURCE ?=
REVISION ?= $(shell git rev-parse HEAD)
SAME_buildah := --isolation chroot --layers --timestamp 0 --format oci
SAME_podman := --layers --timestamp 0 --format oci
SAME_docker := --build-arg SOURCE_DATE_EPOCH=0

image:
	@$(ENGINE) build $(SAME_$(ENGINE)) \
	  --build-arg SOURCE=$(SOURCE) --build-arg REVISION=$(REVISION) \
	  --build-arg VERSION=$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) \
	  $(IMAGE_OPTIONS) --tag $(IMAGE) .

# Wall time of 20 services applied at the same time, beside one alone.
parallel-services: setup
	@python -m benchmarks.parallel_services --services 20

# How soon a rollback acts and traffic is back, beside what others do on the same sandbox.
rollback-latency: setup
	@python -m benchmarks.rollback_latency --rollbacks 10

clean:
	rm -rf .venv .tools dist
