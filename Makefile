# make demo       the main job on simulated trials (ARGS=--once ends by itself)
# make test       lint, types, architecture, tests; half an hour on two cores
# make test-full  the long versions of tests; 40 minutes more
# make bench      every speed figure beside its reference, timed in the same run
#                 (ARGS="scoring rollups" for some themes only)
# make soak       half an hour of mixed load on serve and worker: memory flat, no error
#                 (SOAK_MINUTES=3 SOAK_RATE=100 SOAK_DB=postgresql+psycopg://… for others)
# make kills      200 kills a store under mixed load: nothing lost, nothing twice (half an hour)
# make mutants    small mistakes put into offers, one at a time: do the tests notice? (about 20 minutes)
# make docs       the documentation as a site, into site/ (without any network once installed)
# make screenshots  every page (light, dark, phone) and every mail as a picture, into screenshots/
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: install demo test test-full bench soak kills mutants docs screenshots lint lock clean

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@echo "==> installing into .venv from requirements.lock (about a minute)"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# pyspark is 450 MB and an extra: it comes with the first test-full, where there is a Java for it
.venv/spark: .venv/installed requirements-spark.lock
	@echo "==> installing pyspark into .venv from requirements-spark.lock (some minutes)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r requirements-spark.lock
	@touch $@

# what makes the documentation's site comes with the first `make docs`
.venv/docs: .venv/installed requirements-docs.lock
	@echo "==> installing zensical into .venv from requirements-docs.lock"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

demo: install
	$(BIN)/giveget demo $(ARGS)

lint: install
	@echo "==> ruff"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "==> mypy"
	$(BIN)/mypy
	@echo "==> import-linter"
	$(BIN)/lint-imports

test: lint
	@echo "==> pytest"
	$(BIN)/pytest -q -n 2 -m "not long" $(ARGS)

test-full: install
	@if command -v java >/dev/null || [ -x "$$JAVA_HOME/bin/java" ]; then \
	  $(MAKE) --no-print-directory .venv/spark; \
	else \
	  echo "==> no Java 17 found: Spark's part is SKIPPED; install one to run it"; \
	fi
	@echo "==> pytest, long versions"
	$(BIN)/pytest -q -rs -n 2 --timeout=1500 -m long $(ARGS)

bench: install
	$(BIN)/python -m tests.bench $(ARGS)

soak: install
	$(BIN)/python -m tests.soak

kills: install
	$(BIN)/python -m tests.kills

mutants: install
	$(BIN)/python -m tests.mutants $(ARGS)

docs: .venv/docs
	@echo "==> writing docs/reference from the code"
	$(BIN)/python -m tests.reference
	@echo "==> building site/"
	$(BIN)/zensical build --clean --strict

screenshots: install
	$(BIN)/python -m tests.screenshots

# requirements-base.lock is what runs the product: no tests, no Dask
COMPILE := pip-compile --quiet --allow-unsafe --strip-extras --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

lock:
	@echo "==> writing the locks, but Spark's (needs pip-tools)"
	$(COMPILE) --extra test --extra dask -o requirements.lock pyproject.toml
	echo setuptools | $(COMPILE) -c requirements.lock -o requirements-base.lock pyproject.toml -
	echo "zensical>=0.0.73" | $(COMPILE) -c requirements.lock -o requirements-docs.lock -

clean:
	rm -rf .venv build site .cache *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
