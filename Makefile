# Two commands matter: `make demo` and `make test`.
# Needed beforehand: make, and Python 3.11 or newer. Everything else goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
SETUP := tests/setup/environment.py

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export NO_MKDOCS_2_WARNING := 1

# An existing .venv keeps its interpreter unless PYTHON names another. Every candidate is started,
# not only looked up: version managers leave names on the PATH that do not run.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
CANDIDATES := python3.13 python3.12 python3.11 python3 python
PYTHON ?= $(shell \
	if $(BIN)/python -c 'import pip; $(NEW_ENOUGH)' >/dev/null 2>&1; \
	then echo $(BIN)/python; exit; fi; \
	for name in $(CANDIDATES); do \
	if $$name -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then echo $$name; break; fi; done)

heading = @printf '\n== %s\n' "$(1)"

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo season test format docs study study-cues study-trends study-recording study-live study-roles study-season study-pages study-site study-scaling sounds fuzz fuzz-api fuzz-uploads release lock test-bluez clean browser FORCE

help: ## list the targets
	@echo 'make demo        the quickest way to see what hipimu does'
	@echo 'make test        everything that is checked, the same as in CI'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'Another interpreter: make test PYTHON=python3.12'

demo: $(VENV)/.runtime ## simulate an interval session, analyse it, say where the report is
	@$(BIN)/hipimu demo

# ARGUMENTS="--athletes 5 --sessions 12": a smaller one, in two minutes.
season: $(VENV)/.runtime ## a squad's season for hipimu serve, simulated and analysed: 10 minutes
	@$(BIN)/hipimu demo --season $(ARGUMENTS)

test: $(VENV)/.dev browser ## format, lint, types, layers, tests, benchmarks, documentation
	$(call heading,Format: ruff format)
	@$(BIN)/ruff format --check .
	$(call heading,Lint: ruff check)
	@$(BIN)/ruff check .
	$(call heading,Types: mypy --strict)
	@$(BIN)/mypy
	$(call heading,Layers: import-linter)
	@$(BIN)/lint-imports
	$(call heading,Tests: pytest)
	@$(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder --ignore=tests/benchmarks --benchmark-disable
	$(call heading,Benchmarks: pytest-benchmark)
	@$(BIN)/pytest -s tests/benchmarks
	$(call heading,Documentation: mkdocs build --strict)
	@$(BIN)/mkdocs build --strict --config-file docs/site/mkdocs.yml

format: $(VENV)/.dev ## put the code into its one format and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(VENV)/.dev ## build the documentation into site/
	@$(BIN)/mkdocs build --strict --config-file docs/site/mkdocs.yml
	@echo 'Open site/index.html'

study: $(VENV)/.runtime ## do the intervals keep their promise? 15 minutes, writes docs/statistics.md
	@$(BIN)/hipimu study --out docs

study-cues: $(VENV)/.dev ## how often live cues are wrong, what they hear: 8 minutes, writes docs
	@$(BIN)/python -m tests.studies.live_cues docs

study-trends: $(VENV)/.dev ## how often changes over weeks are told right: 4 minutes, writes docs
	@$(BIN)/python -m tests.studies.trends docs

study-roles: $(VENV)/.dev ## how often sensors' roles are suggested right: 10 minutes
	@$(BIN)/python -m tests.studies.role_suggestion 200

study-recording: $(VENV)/.dev ## what recording loses and costs: 7 minutes of virtual sensors
	@$(BIN)/python -m tests.studies.recording

# PARTS="page soak": only these.
study-live: $(VENV)/.dev browser ## what the live readout costs, loses and shows: a quarter of an hour
	@$(BIN)/python -m tests.studies.live $(PARTS)

study-season: season $(VENV)/.dev ## what the coach's pages say of the season, against the truth
	@$(BIN)/python -m tests.studies.season docs hipimu-demo/season/store.sqlite

study-pages: $(VENV)/.dev ## how long the coach's pages take with 5,000 sessions: 6 minutes
	@$(BIN)/python -m tests.studies.pages docs

# ARGUMENTS=FOLDER also takes pictures of every page.
study-site: docs browser ## open every page of the documentation, on a desk and a phone: 2 minutes
	@$(BIN)/python -m tests.studies.site $(ARGUMENTS)

study-scaling: $(VENV)/.dev ## many recordings at once, and questions across them: a quarter of an hour
	@$(BIN)/python -m tests.studies.scaling docs

sounds: $(VENV)/.dev ## make the spoken clips of hipimu/sound anew; needs espeak-ng and sox
	@$(BIN)/python tests/setup/sounds.py

fuzz: $(VENV)/.dev ## throw ten million inputs at the decoders: half an hour to an hour
	@$(BIN)/python -m pip install --quiet --group fuzz
	@$(BIN)/python -m tests.studies.fuzz_protocols .fuzz $(ARGUMENTS)

fuzz-api: $(VENV)/.dev ## ask the REST API whatever its document allows, and what not: 4 minutes
	@$(BIN)/python -m tests.studies.fuzz_api $(ARGUMENTS)

fuzz-uploads: $(VENV)/.dev ## send spoilt recordings through the whole door: 10 minutes
	@$(BIN)/python -m tests.studies.fuzz_uploads $(ARGUMENTS)

# PYTHONS="…" names interpreters besides those on the PATH.
release: $(VENV)/.dev ## build packages and use them alone on each Python: 5 minutes, writes dist/
	@$(BIN)/python -m pip install --quiet --group release
	@$(BIN)/python tests/setup/release.py --python $(PYTHONS)

lock: $(VENV)/.dev ## pin all dependencies and their contents in deploy/requirements.lock
	@$(BIN)/python -m pip install --quiet --group release
	@$(BIN)/uv --quiet pip compile pyproject.toml --universal --python-version 3.11 --all-extras \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	--output-file deploy/requirements.lock > /dev/null

# COMMAND='…' runs in the machine instead; OUT in it stands for a folder that stays.
test-bluez: $(VENV)/.dev ## real BlueZ in a virtual machine: 3 minutes, Debian as root
	@$(BIN)/python -m tests.bluez $(COMMAND)

clean: ## remove .venv, caches and everything generated
	@rm -rf $(VENV) .bluez .fuzz .live site dist out hipimu-demo .benchmarks .hypothesis
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find hipimu tests docs recordings -type d -name __pycache__ -prune -exec rm -rf {} +

browser: $(VENV)/.dev
	@$(BIN)/python $(SETUP) browser

# Looked at every time, touched only when it is made anew: what depends on it stays as it is.
$(VENV)/.made: FORCE
	@python="$(PYTHON)"; \
	if ! "$$python" -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then \
	echo "hipimu needs Python 3.11 or newer, and '$${python:-python3}' is none." >&2; \
	echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; fi; \
	"$$python" $(SETUP) venv $(VENV)

$(VENV)/.runtime: $(VENV)/.made pyproject.toml
	$(call heading,Installing hipimu into $(VENV))
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# Dependency groups need pip 25.1.
$(VENV)/.dev: $(VENV)/.made pyproject.toml
	$(call heading,Installing hipimu and what its tests need into $(VENV))
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(VENV)/.runtime $@
