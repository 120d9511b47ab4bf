# Everything a developer runs.  The virtual environment is made once, from requirements/dev.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench fuzz data docs lock clean

$(READY): pyproject.toml requirements/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY)  ## scan the demo project with its CloudTrail export
	@$(BIN)/python tools/demo.py

test: $(READY) lint  ## the whole test suite
	$(BIN)/python -m pytest -n auto -q

lint: $(READY)  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## speed, side by side with a limit or a peer
	$(BIN)/python -m benchmarks

fuzz: $(READY)  ## edit every policy of the folders in CORPUS (default: the fixtures), and check each edit
	IAMLINT_CORPUS=$(CORPUS) $(BIN)/python -m benchmarks edits

data: $(READY)  ## make linter/iamlint/data anew from its sources
	$(BIN)/python tools/make_data.py

docs: $(READY)  ## make the pages that are made from the program anew
	$(BIN)/python tools/make_docs.py
	$(BIN)/python tools/make_cli.py
	$(BIN)/python tools/make_companions.py
	$(BIN)/python tools/make_usage_schema.py
	$(BIN)/python tools/make_config_schema.py
	$(BIN)/python tools/make_readme.py

lock: $(READY)  ## resolve requirements/dev.txt anew, for every supported Python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
		--group dev --custom-compile-command "make lock" --upgrade -o requirements/dev.txt pyproject.toml

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
