# The two commands to know are `make demo` and `make test`; `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Some dependencies come as source alone; older pips would build them in a way they warn of.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt
# Tests wait for telephones and pages more than they work: three at a time, also on two cores.
SIDE_BY_SIDE := --numprocesses 3 --dist loadfile --no-loadscope-reorder
NIGHTLY_MINUTES := 60
# Another one each day; the same again repeats what was found.
NIGHTLY_SEED := $(shell date +%Y%m%d)
# What the pages borrow lies beside this list of it.
VENDOR := callcenter/web/static/vendor/manifest.json

.PHONY: help demo serve test test-postgresql nightly check format lint types imports coverage docs train vendor catalogue clean doctor system

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/installed $(VENDOR) ## five simulated callers ring a real service; prints the web address
	@$(BIN)/callcenter demo $(ARGS)

serve: $(VENV)/installed $(VENDOR) ## take calls as callcenter.toml says (made from the example if absent)
	@test -f callcenter.toml || cp callcenter.example.toml callcenter.toml
	@$(BIN)/callcenter serve --config callcenter.toml

doctor: $(VENV)/installed ## what this machine has, what it lacks, what brings it
	@$(BIN)/callcenter doctor $(ARGS)

test: $(VENV)/installed-dev $(VENDOR) system ## install what the tests need where possible, and run them all
	@$(BIN)/pytest $(SIDE_BY_SIDE) $(ARGS)

test-postgresql: $(VENV)/installed-dev system ## every test that has a store, over PostgreSQL
	@$(BIN)/pytest --postgresql -k postgresql tests/store tests/casework tests/web $(ARGS)

check: $(VENV)/installed-dev lint types imports ## what CI runs besides the tests

lint: $(VENV)/installed-dev ## ruff
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(VENV)/installed-dev ## mypy, strict
	@$(BIN)/mypy

imports: $(VENV)/installed-dev ## the architecture's contracts
	@$(BIN)/lint-imports

format: $(VENV)/installed-dev ## make ruff happy
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

nightly: $(VENV)/installed-nightly ## an hour of hostile requests, files, SIP and sound (NIGHTLY_MINUTES=60)
	@$(BIN)/python -m tests.web.storm --minutes $(NIGHTLY_MINUTES) --seed $(NIGHTLY_SEED)
	@$(BIN)/python -m tests.fuzz_files --count 20000 --seed $(NIGHTLY_SEED)
	@$(BIN)/python -m tests.sip.fuzz --count 1000000 --seed $(NIGHTLY_SEED)

coverage: $(VENV)/installed-dev $(VENDOR) ## the tests, with branch coverage
	@$(BIN)/pytest --cov --cov-report=term-missing:skip-covered $(ARGS)

system: ## the programs that some tests drive (sipp, baresip, PulseAudio, Chromium), where it may
	@sh tools/system-packages.sh

train: $(VENV)/installed-dev ## what building the bundled model needs (torch: large), and its tests
	@echo "installing what building the model needs into $(VENV) ..."
	@$(INSTALL) -e ".[train]"

vendor: $(VENDOR) ## fetch the styles, scripts and icons that the pages borrow (npm)

catalogue: $(VENV)/installed-dev ## gather what the pages say, and compile its translations
	@$(BIN)/python tools/catalogue.py

docs: $(VENV)/installed ## draw the state tables into docs/
	@$(BIN)/python tools/draw_states.py

clean: ## remove what these commands made (recordings and data stay)
	rm -rf $(VENV) build callcenter/web/static/vendor *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/python:
	@sh tools/make-venv.sh $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/python pyproject.toml constraints.txt
	@echo "installing callcenter into $(VENV) ..."
	@$(INSTALL) -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "installing what the tests need into $(VENV) ..."
	@$(INSTALL) -e ".[dev]"
	@touch $@

$(VENV)/installed-nightly: $(VENV)/installed-dev
	@echo "installing what hostile requests are made with into $(VENV) ..."
	@$(INSTALL) -e ".[nightly]"
	@touch $@

$(VENDOR): package.json package-lock.json tools/vendor.py tools/vendor.toml | $(VENV)/installed
	@command -v npm >/dev/null || $(INSTALL) -e ".[node]"
	@$(BIN)/python tools/vendor.py
