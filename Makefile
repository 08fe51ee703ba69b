# The commands of Digit Lab. Each one installs what it needs first; `make run` is enough to begin with.

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
UV := $(shell command -v uv > /dev/null 2>&1 && echo uv)
PIP := $(if $(UV),uv pip install --python .venv,$(BIN)/python -m pip install --disable-pip-version-check)
FIND_PYTHON := import sys; (3, 11) <= sys.version_info < (3, 15) or sys.exit("Digit Lab needs \
Python 3.11 to 3.14: make PYTHON=python3.13 ..."); print(sys.executable)
# Without this, Arrow reserves memory for each thread.
export ARROW_DEFAULT_MEMORY_POOL ?= system

.DEFAULT_GOAL := help
.PHONY: help run test test-browser test-deployment bench docs pictures lint format audit fuzz image lock mnist train clean

help:  ## list these commands
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

run: .venv/run.installed  ## start the dashboard on PORT
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

test: .venv/dev.installed  ## run the tests that need no browser
	$(BIN)/pytest -n 3 --dist loadfile --ignore tests/browser --ignore tests/deployment

test-browser: .venv/dev.installed  ## test the pages in Chromium, and Collect in Firefox and WebKit too
	$(BIN)/pytest -n 2 --dist loadfile tests/browser

test-deployment: .venv/dev.installed  ## test the Dockerfile, nginx, and recovery after a process is killed
	$(BIN)/pytest tests/deployment

bench: .venv/dev.installed  ## run all benchmarks and write their reports
	$(BIN)/python -m tests.benchmarks.bench_speed
	$(BIN)/python -m tests.benchmarks.bench_api
	$(BIN)/python -m tests.benchmarks.bench_pages
	$(BIN)/python -m tests.benchmarks.bench_sessions
	$(BIN)/python -m tests.benchmarks.bench_analysis
	$(BIN)/python -m tests.benchmarks.bench_real_pictures
	$(BIN)/python -m tests.benchmarks.bench_uploads
	$(BIN)/python -m tests.benchmarks.bench_memory
	$(BIN)/python -m tests.benchmarks.bench_outages
	$(BIN)/python -m tests.benchmarks.bench_batch
	$(BIN)/python -m tests.benchmarks.bench_fine_tuning
	$(BIN)/python -m tests.benchmarks.bench_forecast
	$(BIN)/python -m tests.benchmarks.bench_packages
	$(BIN)/python -m tests.benchmarks.bench_live
	$(BIN)/python -m tests.benchmarks.bench_network
	$(BIN)/python -m tests.benchmarks.bench_map
	$(BIN)/python -m tests.benchmarks.bench_weak_spots

docs: .venv/dev.installed  ## write the figures of README and docs, from cards and reports
	$(BIN)/python -m tests.docs.write_figures

pictures: .venv/dev.installed  ## take the pictures of the README again
	$(BIN)/python -m tests.docs.take_pictures

lint: .venv/dev.installed  ## check style, formatting, types and imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy core pages streamlit_app.py
	$(BIN)/lint-imports --no-logo

format: .venv/dev.installed  ## fix what the linter can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

audit: .venv/dev.installed  ## look for known vulnerabilities of the packages
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r requirements-train.txt

fuzz: .venv/dev.installed  ## decode 5,000 damaged pictures; COUNT and SEED choose others
	$(BIN)/python -m tests.mutated_pictures $(or $(COUNT),5000) $(or $(SEED),0)

image:  ## build the container and check compose.yaml; needs Docker
	docker build --tag digitlab .
	POSTGRES_PASSWORD=x STREAMLIT_SERVER_COOKIE_SECRET=x docker compose config --quiet

lock:  ## pin the dependencies of requirements*.in again, with uv; LOCK=--upgrade for new versions
	set -e; for name in requirements-serve requirements requirements-train requirements-dev; do \
		uv pip compile --quiet --universal --python-version 3.11 --no-emit-package pip \
			--custom-compile-command 'make lock' $(LOCK) $$name.in --output-file $$name.txt; \
		cat requirements-unsupported.txt >> $$name.txt; \
	done

mnist: .venv/run.installed  ## download MNIST, unless it is there
	$(BIN)/python -c "from core.digits.datasets import *; find_mnist() or download_mnist()"

train: .venv/run.installed  ## train all built-in models again
	$(BIN)/python -m core.training --all
	$(BIN)/python -m core.training detector

clean:  ## remove the virtual environment
	rm -rf .venv

# With uv: this machine's Python, or one that uv downloads where that is too old or too new.
.venv/pyvenv.cfg:
ifeq ($(shell uname -sm),Darwin x86_64)
	$(error Digit Lab does not run on Macs with an Intel processor: it needs LiteRT, which has no package for them)
else ifdef UV
	uv venv --seed --python "$$($(PYTHON) -c '$(FIND_PYTHON)' 2> /dev/null || echo 3.13)" .venv
else
	@$(PYTHON) -c '$(FIND_PYTHON)'
	$(PYTHON) -m venv .venv
endif

.venv/run.installed: requirements-train.txt | .venv/pyvenv.cfg
	$(PIP) --quiet -r requirements-train.txt
	touch $@

.venv/dev.installed: requirements-dev.txt requirements-train.txt | .venv/pyvenv.cfg
	$(PIP) --quiet -r requirements-dev.txt
	touch $@ .venv/run.installed
