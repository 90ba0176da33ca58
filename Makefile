# Two commands do everything on a fresh machine: `make demo` and `make test`.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))
CORES ?= all
GPUS ?= $(words $(wildcard /dev/nvidia[0-9]))
DNALM_REAL_DATA ?= ../shared/data
export DNALM_REAL_DATA := $(abspath $(DNALM_REAL_DATA))
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
# Images often say that Python keeps nothing compiled: each of a run's jobs would compile the library anew.
unexport PYTHONDONTWRITEBYTECODE
# Snakemake and uv want a cache at home; where home cannot be written it is here.
ifneq ($(shell [ -w "$$HOME" ] || echo no),)
export XDG_CACHE_HOME ?= $(CURDIR)/.snakemake/cache
endif
RUN := PATH="$(CURDIR)/.venv/bin:$$PATH"
# One run a folder: the lock is held as long as any process of a run lives, so a lock that Snakemake still finds after it
# is left from a kill and may go.
define ALONE
exec 9>.venv/running
if command -v flock >/dev/null && ! flock -n 9; then echo "A run is going on in this folder already." >&2; exit 1; fi
$(RUN) snakemake --unlock --quiet all >/dev/null 2>&1 || true
endef
# Two files of tests side by side: most tests use one core, and those of a file may share what they made.
TESTS := $(RUN) pytest -n 2 --dist loadfile
SNAKEMAKE := $(RUN) snakemake --cores $(CORES) --resources gpu=$(GPUS) --rerun-incomplete

.PHONY: demo real test unit conda cluster lint bench requests lock clean help

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

.venv/ready: requirements.lock
	@if ! $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
		echo "dnalm needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is none; say make PYTHON=/path/to/python3" >&2
		exit 1
	fi
	echo "Setting up .venv (about a minute, 2 GB) …"
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check uv
	.venv/bin/uv pip install --quiet --python .venv/bin/python --compile-bytecode -r requirements.lock
	.venv/bin/python workflow/scripts/install_bedtools.py
	cp workflow/home.pth "$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	touch .venv/ready

# 80 MB that solve and link conda packages for the tests, and that no user needs. Without network those tests are skipped.
.venv/rattler: .venv/ready
	-@.venv/bin/uv pip install --quiet --python .venv/bin/python py-rattler==0.28.0 && touch .venv/rattler

demo: .venv/ready  ## run everything on the embedded genome, then write the report
	@began=$$SECONDS
	$(ALONE)
	$(SNAKEMAKE)
	$(RUN) snakemake --report results/report.html --quiet all
	echo "Done in $$((SECONDS - began)) s. The report is results/report.html; open it in a browser."

real: .venv/ready  ## human and yeast input from $$DNALM_REAL_DATA, about an hour on two cores
	@$(ALONE)
	$(SNAKEMAKE) --configfile config/real.yaml
	$(RUN) snakemake --configfile config/real.yaml --report results/report-real.html --quiet all
	echo "The report is results/report-real.html."

unit: .venv/ready  ## tests of the parts, under two minutes
	@$(TESTS) -m "not slow and not cluster"

test: .venv/rattler  ## unit tests, then the whole graph on a small genome
	@$(TESTS) -m "not slow and not cluster"
	$(TESTS) --no-loadscope-reorder -m "slow and not conda"

conda: .venv/rattler  ## the small graph in conda environments, through a stand-in for conda
	@$(TESTS) -m "conda"

cluster: .venv/ready  ## the profile on a real Slurm of one node; wants root on Debian, in a container say
	@$(RUN) pytest -n 6 --dist worksteal -m cluster tests/cluster
	$(RUN) NODE_ACCOUNTING=no pytest -n 2 --dist worksteal -m cluster -k "scancel or no_account" tests/cluster

lint: .venv/ready  ## ruff, snakefmt, snakemake --lint
	@$(RUN)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/snakefmt --check Snakefile workflow/Snakefile workflow/rules
	.venv/bin/snakemake --lint

bench: .venv/ready  ## ours beside what users have today, side by side: make bench STEP=bpe (encode, kmer, …)
	@.venv/bin/python bench/bench_$(STEP).py

requests: .venv/ready  ## docs/requests.md: memory and time asked for beside what the demo and the tests' genome use
	@$(ALONE)
	for config in tiny config; do $(SNAKEMAKE) --configfile config/$$config.yaml; done
	$(RUN) python bench/compare_requests.py config/tiny.yaml config/config.yaml > docs/requests.md

lock: .venv/ready  ## pin requirements.in anew; torch without a local build's suffix, so that the lock serves CPU and GPU
	@.venv/bin/uv pip compile --quiet --upgrade-package torch --python-version 3.11 requirements.in -o requirements.lock
	sed -i 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.lock

clean:  ## remove results, not the environment
	rm -rf results logs benchmarks checkpoints resources/{genomes,models} .snakemake
