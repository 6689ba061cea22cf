# `make` lists what there is. Everything works on a machine with Python 3.11+ and make alone.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# Reading the settings needs these two; checks of the code connect to nothing.
UNCONNECTED := VIAGGIO_SECRET_KEY=for-reading-the-code-only DATABASE_URL=postgres:///unused
# Hashes for every platform, and no word about where the packages come from.
LOCKED := -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
# As an installation on the internet is set, which is what the deployment check is about.
DEPLOYED := VIAGGIO_LOCAL=0 VIAGGIO_BASE_DOMAIN=viaggio.example VIAGGIO_TRUSTED_PROXIES=1

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Bring Viaggio up at http://localhost:8000 (another port: VIAGGIO_PORT=8010)
	@sh devstack/setup.sh
	@exec $(PYTHON) -m devstack run

.PHONY: demo
demo: ## Play three weeks of a record shop beside `make run` (fewer: ARGS="--days 5")
	@exec $(PYTHON) -m devstack beside -- $(PYTHON) manage.py demo $(ARGS)

.PHONY: test
test: packages ## Run all tests (some of them: ARGS="tests/contacts -x")
	@exec $(PYTHON) -m devstack test -- $(ARGS)

.PHONY: check
check: lint types floors migrations deploy ## Run every check that is no test

.PHONY: lint
lint: packages ## Look for mistakes and for formatting that is not ruff's
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

.PHONY: types
types: packages ## Check the types
	$(UNCONNECTED) $(PYTHON) -m mypy .

.PHONY: floors
floors: packages ## Check that imports go down only
	.venv/bin/lint-imports

.PHONY: migrations
migrations: packages ## Check that no migration is missing
	$(PYTHON) -m devstack with -- $(PYTHON) manage.py makemigrations --check --dry-run

.PHONY: messages
messages: packages ## Collect the strings to be translated, and compile the translations
	$(UNCONNECTED) $(PYTHON) manage.py makemessages -l it --no-obsolete --add-location never \
		--ignore .venv --ignore var --ignore tests --ignore benchmarks
	$(UNCONNECTED) $(PYTHON) manage.py compilemessages -l it --ignore .venv --ignore var

.PHONY: deploy
deploy: packages ## Check the settings as an installation on the internet has them
	$(DEPLOYED) $(PYTHON) -m devstack with -- $(PYTHON) manage.py check --deploy --fail-level WARNING

.PHONY: lock
lock: packages ## Write the two requirement files anew from pyproject.toml
	.venv/bin/uv pip compile pyproject.toml $(LOCKED) -o requirements.txt
	.venv/bin/uv pip compile pyproject.toml --extra dev $(LOCKED) -o requirements-dev.txt

.PHONY: clean
clean: ## Remove what was made here, but for your data in var/
	rm -rf .venv var/test var/static .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

.PHONY: packages
packages:
	@sh devstack/setup.sh test
