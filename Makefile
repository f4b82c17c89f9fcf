# What can be done here; `make` alone lists it.  Everything that is needed is fetched into folders of
# this checkout, once (see tools/environment, tools/find-python2, tools/need-debian).

SHELL := /bin/bash
.DELETE_ON_ERROR:

python := ve/bin/python
sources := vumi_snappy tools tests benchmarks twisted setup.py
# That Python 2.7 has had its day is known, and need not be said by every command.
export PYTHONWARNINGS := ignore:Python 2 is no longer supported

.PHONY: help
help:
	@echo 'make demo      see it work: a phone, a help desk and the worker, in your browser'
	@echo 'make smoke     the whole loop once, unattended; the exit status tells'
	@echo 'make test      every test, on a real RabbitMQ, Redis and Chromium'
	@echo 'make lint      style, types, and what Python 3 would say'
	@echo 'make faults    break things on purpose, and report what became of every message'
	@echo '               (KILLS=100 for more of it)'
	@echo 'make bench     how fast, at what cost, to what else one could use (40 minutes); writes what'
	@echo '               it found into benchmarks/results and docs/performance.md'
	@echo '               (ONLY="name name" for some, REPEATS=5, SOAK=60 for an hour of half load,'
	@echo '               MESSAGES=100000 instead of a million, QUICK=1 to see that it works)'
	@echo 'make run CONFIG=my.yaml'
	@echo '               the worker, in the foreground'
	@echo 'make ve        only the environment: ve/bin/twistd, ve/bin/vumi-snappy, ve/bin/python'
	@echo 'make locks     fetch the hashes of the lock files anew'
	@echo 'make clean     remove all that the above made in this folder'
	@echo
	@echo 'PYTHON=/path/to/python2.7 says which Python the environment is to be made of.'

.PHONY: ve
ve:
	@tools/environment ve

.PHONY: demo
demo: ve
	@$(python) -m tools.demo

.PHONY: smoke
smoke: ve
	@$(python) -m tools.smoke

.PHONY: faults
faults: ve
	@$(python) -m tools.faults $(if $(KILLS),--kills $(KILLS))

quick := $(or $(TMPDIR),/tmp)/vumi-snappy-bench-quick

.PHONY: bench
bench: ve
	@$(python) -m benchmarks $(if $(QUICK),--quick --results $(quick) --docs $(quick)) \
		$(if $(REPEATS),--repeats $(REPEATS)) $(if $(SOAK),--soak-minutes $(SOAK)) \
		$(if $(MESSAGES),--messages $(MESSAGES)) $(ONLY)

# Quick ones first: most mistakes are told in seconds.  The others wait for servers and processes most
# of their time, so two files of them go on at once, each half with servers of its own.
.PHONY: test
test: ve
	@tools/need-debian chromium chromium-driver nginx-light curl postgresql mariadb-server-core
	@tools/need-localhost
	$(python) -m pytest -m 'not integration and not browser and not bench'
	$(python) -m pytest -n 2 --dist loadfile -m '(integration or browser) and not bench' --durations=5

.PHONY: lint
lint: ve
	@tools/environment ve-lint
	$(python) -m flake8 $(sources)
	@# The same again as Python 3: names that are gone, and mere syntax.
	ve-lint/bin/python -m flake8 --select=E9,F $(sources) tools/lock
	PYTHONPYCACHEPREFIX=ve-lint/pycache ve-lint/bin/python -m compileall -q $(sources)
	ve-lint/bin/python -m mypy

.PHONY: run
run: ve
	@test -n '$(CONFIG)' || { echo 'Say which: make run CONFIG=my.yaml' >&2; exit 2; }
	ve/bin/twistd -n vumi_worker --worker-class vumi_snappy.SnappyBouncerWorker --config '$(CONFIG)'

.PHONY: locks
locks:
	@tools/environment .virtualenv
	@for lock in requirements*.lock; do .virtualenv/bin/python tools/lock $$lock || exit; done

.PHONY: clean
clean:
	rm -rf ve ve-lint ve-carbon ve-bouncer ve-api .virtualenv .python2 .python2.part build dist *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .coverage twisted/plugins/dropin.cache
	find $(sources) \( -name '*.py[co]' -o -name __pycache__ \) -prune -exec rm -rf {} +
