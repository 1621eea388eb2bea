# Five words anyone guesses, and a few more. Each does its own set-up; nothing outside this folder is touched,
# but for Debian packages where we are root, and those are named before they are installed.
# More arguments go through ARGS:  make test ARGS="-m unit -k ledger"

BIN := .venv/bin
READY := .venv/.ready
BENCH_READY := .venv/.bench-ready
ARGS :=

.PHONY: help setup fmt check test run bench faults recordings lock wheel

help:
	@echo "make run    a lab of switches, the service and an agent; shows how they converge; Ctrl-C ends it"
	@echo "make test   every test this machine can run, and what it could not and why"
	@echo "make check  formatting, lint, types, import contracts"
	@echo "make fmt    put formatting and imports in order"
	@echo "make setup  only the environment in .venv"
	@echo "make faults random schedules of faults, and what did not hold; N=5000 more, SEED=123 again, LAB=1 on the lab too"
	@echo "make bench  measure   |   make lock  renew the locks   |   make wheel  build dist/*.whl"

setup: $(READY)

$(READY): requirements.lock deploy/setup/build.lock deploy/setup/environment.sh pyproject.toml
	@deploy/setup/environment.sh
	@touch $@

run: $(READY)
	@deploy/setup/system-packages.sh @lab
	@$(BIN)/pointsman demo $(ARGS)

test: $(READY)
	@deploy/setup/system-packages.sh @lab @tests
	$(BIN)/pytest --numprocesses=logical --maxprocesses=8 $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(READY)
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

$(BENCH_READY): $(READY) deploy/setup/bench.lock
	@deploy/setup/environment.sh deploy/setup/bench.lock
	@touch $@

bench: $(BENCH_READY)
	$(BIN)/python -m benchmarks $(ARGS)

N := 2000
SEED :=
LAB :=

# One number repeats a run. With LAB=1 also rounds of kills and cuts on real parts, which needs root.
faults: $(READY)
	$(BIN)/python -m tests.faults --n $(N) $(if $(SEED),--seed $(SEED)) $(ARGS)
	$(if $(LAB),@deploy/setup/system-packages.sh @lab)
	$(if $(LAB),FAULT_ROUNDS=12 $(BIN)/pytest tests/lab/test_faults.py)

# Judges every recording of ../shared/data and writes the counts; says so where there is none.
recordings: $(READY)
	$(BIN)/python -m tests.recordings $(ARGS)

wheel: $(READY)
	$(BIN)/python -m hatchling build -t wheel

# Versions that are locked stay as they are; ARGS=--upgrade takes the newest of all.
lock:
	@deploy/setup/lock.sh $(ARGS)
