# What can be done here; `make` alone lists it.  Everything that is needed is fetched into folders of
# this checkout, once (see tools/environment, tools/find-python2, tools/need-debian).

SHELL := /bin/bash
.DELETE_ON_ERROR:

python := ve/bin/python
# What shows the product runs on the machine's own Python 3 where that is new enough.
shown_by = $(if $(wildcard ve3/.complete),ve3/bin/python,$(python))
has2 = $(wildcard ve/.complete)
sources := vumi_snappy tools tests benchmarks twisted setup.py
# That Python 2.7 has had its day is known, and need not be said by every command.
export PYTHONWARNINGS := ignore:Python 2 is no longer supported

.PHONY: help
help:
	@echo 'make demo      see it work: a phone, a help desk and the worker, in your browser'
	@echo 'make smoke     the whole loop once, unattended; the exit status tells'
	@echo 'make test      every test, on a real RabbitMQ, Redis and Chromium, on Python 2.7 and 3; where'
	@echo '               no 2.7 can be had, it says so and runs those that need none'
	@echo 'make lint      style, types, dead code, and what Python 3 would say'
	@echo 'make faults    break things on purpose, and report what became of every message'
	@echo '               (KILLS=100 for more of it; CLUSTER=1 for three nodes of RabbitMQ, SENTINEL=1 for'
	@echo '               fail-overs of Redis, MIXED=1 for one worker on Python 2.7 and two on 3)'
	@echo 'make bench     how fast, at what cost, to what else one could use (40 minutes); writes what'
	@echo '               it found into benchmarks/results and docs/performance.md'
	@echo '               (ONLY="name name" for some, REPEATS=5, SOAK=60 for an hour of half load,'
	@echo '               MESSAGES=100000 instead of a million, QUICK=1 to see that it works)'
	@echo 'make valkey    smoke, and the tests of the store, on Valkey in place of Redis'
	@echo 'make bare RELEASE=trixie'
	@echo '               demo, smoke, lint and test in a bare Debian of that release, made for it (as root;'
	@echo '               COMMANDS="demo smoke" for some, KEEP=1 keeps its folder, WITHOUT_PYTHON2=1 as'
	@echo '               if there were no Python 2.7 to be had, which leaves lint out)'
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

.PHONY: shown
shown:
	@tools/environment shown

.PHONY: demo
demo: shown
	@$(shown_by) -m tools.demo

.PHONY: smoke
smoke: shown
	@$(shown_by) -m tools.smoke

.PHONY: faults
faults: ve
	@$(if $(MIXED),tools/environment ve3)
	@$(if $(MIXED),VUMI_SNAPPY_WORKER_PYTHONS=$(python):ve3/bin/python:ve3/bin/python) \
		$(python) -m tools.faults $(if $(KILLS),--kills $(KILLS)) $(if $(CLUSTER),--cluster) \
		$(if $(SENTINEL),--sentinel $(if $(filter-out 1,$(SENTINEL)),$(SENTINEL),wait) --rounds 4)

quick := $(or $(TMPDIR),/tmp)/vumi-snappy-bench-quick

.PHONY: bench
bench: ve
	@# Without a Python 3 only what measures it fails.
	@tools/environment ve3 || true
	@$(python) -m benchmarks $(if $(QUICK),--quick --results $(quick) --docs $(quick)) \
		$(if $(REPEATS),--repeats $(REPEATS)) $(if $(SOAK),--soak-minutes $(SOAK)) \
		$(if $(MESSAGES),--messages $(MESSAGES)) $(ONLY)

.PHONY: tested
tested:
	@tools/environment tested

# Quick ones first: most mistakes are told in seconds.  Two processes share them, each with servers of
# its own; of the others, which wait for servers and processes most of their time, two files go on at once.
# Where there is no Python 2.7, Python 3 has those of the others, too, that are tried on one of them.
.PHONY: test
test: tested
	@tools/need-debian chromium chromium-driver nginx-light curl postgresql mariadb-server-core
	$(if $(has2),$(python) -m pytest -n 2 -m 'not integration and not browser and not bench')
	@# -b: to compare bytes with text is an error (setup.cfg); xdist itself does not pass it on.
	ve3/bin/python -b -m pytest --tx '2*popen//python=ve3/bin/python -b' --dist load \
		-m 'not integration and not browser and not bench'
	ve3/bin/python -m pytest -n 2 --dist loadfile -m '(integration or browser) and not bench' --durations=5
	$(if $(has2),$(python) -m pytest -n 2 --dist loadfile \
		-m '(integration or browser) and not on3 and not bench' --durations=5)
	@$(if $(has2),true,echo 'There is no Python 2.7: what needs one was not tested (see above).')

# Debian has Valkey since its release 13.
.PHONY: valkey
valkey: shown
	VUMI_SNAPPY_REDIS_SERVER=valkey-server $(if $(has2),$(python),ve3/bin/python) -m tools.smoke
	VUMI_SNAPPY_REDIS_SERVER=valkey-server $(if $(has2),$(python),ve3/bin/python) -m pytest -n 2 tests/store

.PHONY: bare
bare:
	@test -n '$(RELEASE)' || { echo 'Say which: make bare RELEASE=trixie' >&2; exit 2; }
	@KEEP='$(KEEP)' WITHOUT_PYTHON2='$(WITHOUT_PYTHON2)' tools/bare-debian '$(RELEASE)' $(COMMANDS)

.PHONY: lint
lint: ve
	@tools/environment ve-lint
	$(python) -m flake8 $(sources)
	@# The same again as Python 3: names that are gone, and mere syntax.
	ve-lint/bin/python -m flake8 --select=E9,F $(sources) tools/lock tools/dead-code
	PYTHONPYCACHEPREFIX=ve-lint/pycache ve-lint/bin/python -m compileall -q $(sources)
	ve-lint/bin/python -m mypy
	ve-lint/bin/python -m mypy --python-version 3.11 --cache-dir .mypy_cache/3 vumi_snappy
	ve-lint/bin/python tools/dead-code
	@# To mend it: $(python) -m tools.options_reference > docs/options.md
	$(python) -m tools.options_reference | diff docs/options.md -

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
	rm -rf ve ve3 ve-lint ve-carbon ve-bouncer ve-api .virtualenv .python2* .python3* build dist *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .coverage twisted/plugins/dropin.cache
	find $(sources) \( -name '*.py[co]' -o -name __pycache__ \) -prune -exec rm -rf {} +
