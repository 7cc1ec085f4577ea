# What can be done with the lab; `make help` lists it. `run`, `test` and `lab` set up what is missing.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup lab run report test lint drill bench publish constraints clean

NOTEBOOKS ?=
BIN := .venv/bin
READY := .venv/.ready
PEERS := build/peers/.ready
DEMO := build/demo/.ready
WEIGHTS := build/.weights

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) $(DEMO) $(WEIGHTS) ## environment, demo images, ImageNet weights; done by the others when missing

lab: setup ## JupyterLab on the notebooks
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --notebook-dir=.

run: setup ## run the notebooks into build/notebooks (NOTEBOOKS="task1 task2": some), and the report
	@$(BIN)/python -m helpers notebooks --report $(NOTEBOOKS)
	@echo "The notebooks with their results are in build/notebooks, the figures in report/figures."

report: setup ## report/build/report.html and .pdf, from report/report.md and your runs
	@$(BIN)/python -m helpers report $(if $(WATCH),--watch)

test: setup lint ## lint, types, tests, and every notebook on a tiny subset
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder --nbval-lax --nbval-cell-timeout=240 --durations=5

lint: $(READY) ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

drill: setup ## every writer killed, on a full disk and where it may not write (some ten minutes)
	@$(BIN)/python tests/drill.py

bench: setup $(PEERS) ## speed beside plain Keras and PyTorch, tables in Markdown (some twenty minutes)
	@$(BIN)/python benchmarks/side_by_side.py
	@$(BIN)/python benchmarks/augmented_stream.py

# Demo verdicts rest on ten seeds, and limits of detection on six doses. LAB_DATA, where given, is
# that of real images: their runs at full are published beside the demo's.
publish: setup ## for maintainers: refresh committed outputs and report/published
	LAB_PROFILE=quick LAB_SEEDS=10 LAB_SEED=0 LAB_DOSES=6 LAB_DATA=demo \
		LAB_FIGURES=report/published/figures $(BIN)/python -m helpers notebooks --in-place $(NOTEBOOKS)
	$(if $(LAB_DATA),LAB_PROFILE=full LAB_SEEDS=$(or $(LAB_SEEDS),5) $(BIN)/python -m helpers publish)
	LAB_PROFILE=quick LAB_SEEDS=10 LAB_SEED=0 LAB_DOSES=6 LAB_DATA=demo $(BIN)/python -m helpers publish

constraints: $(READY) ## for maintainers: compile constraints.txt from requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		requirements.txt --output-file constraints.txt

clean: ## remove what was made, but no record and none of your images
	rm -rf .venv build report/build report/figures .pytest_cache .ruff_cache .mypy_cache *.egg-info

$(READY): requirements.txt constraints.txt pyproject.toml
	@python=; for candidate in python3 python3.13 python3.12 python3.11; do \
		if $$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
		then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "The lab needs Python 3.11, 3.12 or 3.13, and none was found ($$(python3 --version 2>&1))." >&2; \
		echo "Install one from your system or from python.org, see that python3 starts it, and call make again." >&2; \
		exit 1; \
	fi; \
	if ! $$python -m venv .venv; then \
		echo "$$python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; \
	fi
	@echo "Installing what requirements.txt lists into .venv; this is done once and takes a few minutes."
	@if ! $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt \
		|| ! $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; then \
		echo "The packages could not be installed. pip's message above says why; mostly it is one of these:" >&2; \
		echo "- no network, or a package index out of reach: connect, or set PIP_INDEX_URL, and call make again;" >&2; \
		echo "- no TensorFlow for this machine (README.md, Machines); less than 4 GB of free disk." >&2; \
		exit 1; \
	fi
	@mkdir -p $(@D) && touch $@

$(PEERS): benchmarks/requirements.txt | $(READY)
	@echo "Installing what the lab is measured against into build/peers."
	@rm -rf build/peers && $(BIN)/python -m venv build/peers
	@build/peers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(DEMO): helpers/datasets/phantoms.py helpers/datasets/phantom_painting.py helpers/datasets/radiographs.json | $(READY)
	@rm -rf build/demo
	@$(BIN)/python -m helpers demo
	@mkdir -p $(@D) && touch $@

$(WEIGHTS): | $(READY)
	@$(BIN)/python -m helpers weights && mkdir -p $(@D) && touch $@ \
		|| echo "Tasks 6 and 7 need these weights; the other notebooks run without." >&2
