# The two that matter: `make demo` rehearses a whole deploy here, `make test` runs the tests.
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.tools:$(PATH)
# Compiled once, not at every start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test acceptance unit lint docs setup lambda clean

demo: setup
	@delightful rehearse $(if $(TASKS),--tasks $(TASKS))

# What waits most (Terraform's provider, real tasks) runs three at a time, after what is quick.
test: setup lint unit
	@python -m pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m "sandbox or end_to_end"

# The roots that are applied once: a control plane's database and broker alone take minutes.
acceptance: setup
	@python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder -m acceptance

unit: setup
	@python -m pytest -q -n 2 -m "not sandbox and not end_to_end and not acceptance"

lint: setup
	@ruff check .
	@ruff format --check .
	@mypy

# What the READMEs of infrastructure/ say of inputs and outputs; a test says where it is stale.
docs: setup
	@python -m tests.infrastructure.readme

setup:
	@$(PYTHON) setup/set_up.py

lambda: setup
	@python -m analyzer.packaging dist/analyzer.zip

clean:
	rm -rf .venv .tools dist
