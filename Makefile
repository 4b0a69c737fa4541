# Two commands: `make demo` trains and scores digits in minutes, `make test` runs the whole gate.
# Both set up .venv by themselves; the second time they need no network.
PYTHON ?= python3
BIN := .venv/bin

EXTRAS := lab,serve,tensorboard,wandb,mlflow,onnx,hub,video,tables,text,medical,audio,speech
LOWEST_TESTS := tests/test_tables.py tests/sessions/test_trackers.py tests/applications/test_export_programs.py tests/serve/test_generation.py tests/losses tests/penalties tests/ops tests/recipes

.PHONY: demo test test-lowest weekly api docs release soak setup dev clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   train and score handwritten digits (three minutes, after installation)"
	@echo "make test   format, lint, types and tests"
	@echo "make weekly the tests that take longer than the gate allows (three seeds, whole recipes, every recipe in two processes, 256 x 256 pixels)"
	@echo "make test-lowest  the core's tests with every dependency at the lowest version that pyproject.toml allows"
	@echo "make release  dist/: wheel and sdist, proven in an empty environment, with an SBOM and SHA-256 sums"
	@echo "make docs   the documentation as pages: docs/_build/html"
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

docs: dev
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

api: dev
	$(BIN)/python docs/generate_api.py
	$(BIN)/python docs/generate_recipes.py

test-lowest: dev
	rm -rf .venv-lowest
	$(PYTHON) -m venv .venv-lowest
	$(BIN)/python tests/lowest.py > .venv-lowest/bounds.txt
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-lowest/bounds.txt -e '.[$(EXTRAS)]'
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check pytest pytest-timeout pytest-xdist hypothesis beartype
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt tensorboard absl-py
	.venv-lowest/bin/python -m pytest -W default -n 2 --dist loadfile $(LOWEST_TESTS)

release: dev
	rm -rf dist
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[release]'
	$(BIN)/python -m hatchling build -d dist
	$(PYTHON) -m venv --without-pip dist/env
	$(BIN)/python -m pip --python dist/env/bin/python install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl
	cd dist && env/bin/ganvas sample mnist-demo -n 64 -o grid.png && env/bin/ganvas train ring samples=2560 -o run
	$(BIN)/cyclonedx-py environment dist/env/bin/python --pyproject pyproject.toml --output-reproducible --of JSON -o dist/ganvas.cdx.json
	rm -rf dist/env dist/run dist/grid.png
	cd dist && sha256sum ganvas* > SHA256SUMS && ls -l

soak: weekly
	$(BIN)/python benchmarks/soak.py
	$(BIN)/python benchmarks/soak_ranks.py
	$(BIN)/python benchmarks/soak_tampered.py

clean:
	rm -rf .venv runs
