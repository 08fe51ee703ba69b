# The commands of Digit Lab. Each one makes what it needs; `make run` is enough to begin with.

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
# The C library and Arrow otherwise set memory aside for every thread, a fifth of what the server takes.
export MALLOC_ARENA_MAX ?= 2
export ARROW_DEFAULT_MEMORY_POOL ?= system

.PHONY: run test test-browser test-deployment bench docs pictures lint format audit train clean

run: .venv/run.installed  ## start the dashboard on PORT
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

test: .venv/dev.installed  ## run the tests, but for those below
	$(BIN)/pytest -n 3 --dist loadfile --ignore tests/browser --ignore tests/deployment

test-browser: .venv/dev.installed  ## use the real pages in Chromium
	$(BIN)/pytest -n 2 --dist loadfile tests/browser

test-deployment: .venv/dev.installed  ## try the Dockerfile's steps, nginx, and processes that die
	$(BIN)/pytest tests/deployment

bench: .venv/dev.installed  ## measure how well uploads are read, and how fast, against plain Keras
	$(BIN)/python -m tests.benchmarks.bench_speed
	$(BIN)/python -m tests.benchmarks.bench_pages
	$(BIN)/python -m tests.benchmarks.bench_sessions
	$(BIN)/python -m tests.benchmarks.bench_analysis
	$(BIN)/python -m tests.benchmarks.bench_uploads
	$(BIN)/python -m tests.benchmarks.bench_batch
	$(BIN)/python -m tests.benchmarks.bench_fine_tuning
	$(BIN)/python -m tests.benchmarks.bench_packages

docs: .venv/dev.installed  ## write the figures of README and docs from cards and reports
	$(BIN)/python -m tests.docs.write_figures

pictures: .venv/dev.installed  ## take the pictures of the README anew
	$(BIN)/python -m tests.docs.take_pictures

lint: .venv/dev.installed  ## check style, types and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy core

format: .venv/dev.installed  ## mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

audit: .venv/dev.installed  ## look for known vulnerabilities of what serves and trains
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r requirements.txt

train: .venv/run.installed  ## train every model of the zoo again
	$(BIN)/python -m core.training --all

clean:  ## remove the environment
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Digit Lab needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv

.venv/run.installed: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev.installed: requirements-dev.txt requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ .venv/run.installed
