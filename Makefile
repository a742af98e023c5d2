# Everything a developer needs. `make test` is what CI runs; `make check` is its fast part.
PYTHON = .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: test check lint types unit services molecule appliances lab machine machines cloud contract bench requirements constraints reference

test:
	tests/run

check: lint types unit

.venv/.dev: requirements.txt requirements-dev.txt cc-ansible
	./cc-ansible --yes --version >/dev/null
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

lint: .venv/.dev
	ruff check .
	ruff format --check .
	yamllint --strict .
	ansible-lint --offline -q

types: .venv/.dev
	mypy

unit: .venv/.dev
	$(PYTHON) -m pytest tests/unit tests/bad_sites $(PYTEST)

# One process each: Blazar and Nova register options of the same names.
services: .venv/.dev
	$(PYTHON) -m pytest services/doni/tests $(PYTEST)
	$(PYTHON) -m pytest services/blazar-chi/tests $(PYTEST_BLAZAR)
	$(PYTHON) -m pytest services/blazar-chi-nova/tests $(PYTEST_NOVA)

molecule: .venv/.dev
	tests/molecule hosts

# Builds, ends builds, and boots what was built.
appliances: .venv/.dev
	$(PYTHON) -m pytest tests/appliances --durations=8 $(PYTEST)

lab: .venv/.dev
	$(PYTHON) -m pytest tests/lab -m "not machines" -x --durations=12 $(PYTEST)

# Real deploys on the lab's bare metal, and all that can go wrong with it: hours.
machines: .venv/.dev
	$(PYTHON) -m pytest tests/lab -m machines --durations=12 $(PYTEST)

# These need the deployed lab.
machine: .venv/.dev
	$(PYTHON) -m pytest tests/lab/test_machine.py $(PYTEST)

cloud: .venv/.dev
	tests/molecule cloud

contract: .venv/.dev
	$(PYTHON) -m pytest tests/contract $(PYTEST)

bench: .venv/.dev
	$(PYTHON) -m tests.bench

# Pin again what requirements*.in and kolla/build/constraints.in ask for (needs uv).
requirements:
	uv pip compile --quiet --python-version 3.11 --no-annotate --no-header requirements.in -o requirements.txt
	uv pip compile --quiet --python-version 3.11 --no-annotate --no-header requirements-dev.in -o requirements-dev.txt

reference: .venv/.dev
	$(PYTHON) tools/make-reference

constraints:
	tools/resolve-constraints
