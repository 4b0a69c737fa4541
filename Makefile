# Two commands: `make demo` trains and scores digits in minutes, `make test` runs the whole gate.
# Both set up .venv by themselves; the second time they need no network.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test weekly api soak setup dev clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   train and score handwritten digits (three minutes, after installation)"
	@echo "make test   format, lint, types and tests"
	@echo "make weekly the tests that take longer than the gate allows (three seeds, whole recipes, every recipe in two processes, 256 x 256 pixels)"
	@echo "make api    write docs/api from the docstrings"
	@echo "make soak   kills, damages and long runs at full count (hours; rows go to benchmarks/results.jsonl)"

setup: .venv/ready
dev: .venv/ready-dev

.venv/ready: pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ganvas needs Python 3.11 or later; try make PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing ganvas into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lab]'
	@touch $@

.venv/ready-dev: .venv/ready
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt torch-fidelity lpips tqdm scikit-image lazy-loader tensorboard absl-py
	@touch $@

demo: setup
	@$(BIN)/ganvas train mnist --minutes 3 --test

test: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile

weekly: dev
	$(BIN)/pytest --slow -m slow -n 2 --dist loadfile

api: dev
	$(BIN)/python docs/generate_api.py
	$(BIN)/python docs/generate_recipes.py

soak: weekly
	$(BIN)/python benchmarks/soak.py
	$(BIN)/python benchmarks/soak_ranks.py
	$(BIN)/python benchmarks/soak_tampered.py

clean:
	rm -rf .venv runs
