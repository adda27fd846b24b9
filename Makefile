# Public alerts of ZTF, night by night:
#
#   uris/YYYY/NNN.txt  ->  data/tarballs/ztf_public_*.tar.gz  ->  data/lake/year=/month=/day=/*.parquet
#
# Each command is one script in scripts/, which decides what is to be done. scripts/nights.mk has the file rules for the
# tarballs of one run. Settings come from the command line, the environment or config.mk: lib/settings.ts has them all.

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
# Without --norc bash reads its start-up files if standard input is a socket.
.SHELLFLAGS := --norc -eu -c
.DEFAULT_GOAL := help
# Several targets run one after the other, in the order given. -j is for the downloads.
.NOTPARALLEL:
.DELETE_ON_ERROR:

NODE := node
# SQL is passed on verbatim: a '$' in it is not a variable of make's.
override export Q := $(value Q)

COMMANDS := demo uris plan status check repair report sql look bench docs
# These also run under -n and -q, and then print or tell what there is to do.
STEPS := download lake all
TESTS := test test-make test-spark test-cluster torture types lint
.PHONY: help lake-array $(COMMANDS) $(STEPS) $(TESTS)

help: ## Show this
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@printf '\nSettings, e.g. make lake NIGHTS=202001; README.md explains them\n'
	@sed -n 's/^  \([A-Z_]\{1,\}\): {.*/\1/p' lib/settings.ts | xargs | fold -s -w 76 | sed 's/^/  /'

##@ Start
demo: ## Do everything with made-up nights, in demo/, up to a light curve

##@ Make the lake
uris: ## List the nights that the archive offers
download: ## Download the listed nights, five at a time: make download -j5
lake: ## Convert the nights on disk
all: ## List, download, and convert what has arrived, at once: make all -j5
lake-array: ## Convert as a Slurm array: make lake-array ELEMENTS=64
plan: ## Estimate hours and disk, here or elsewhere: make plan CORES=16 LINK=300 DISK=1000

##@ Check it
status: ## Count the nights: listed, on disk, in the lake, failed and why
check: ## Check every byte against the manifests, or the tarballs: make check DEEP=1
repair: ## Check, and queue failed nights to be converted again

##@ Look at it
report: ## Write a page about all nights, data/report.html
sql: ## Query the lake: make sql Q="select * from nights"
look: ## Draw a light curve and stamps on a page: make look OBJECT=ZTF18aaxcyzb

##@ Work on it
test: ## Run the unit tests
test-make: ## Test the commands as a user runs them
test-spark: ## Test that Spark, DuckDB, pyarrow, pandas and Polars read a lake
test-cluster: ## Test on Slurm and MPI, started here
torture: ## Kill it hundreds of times, and give it thousands of broken tarballs
bench: ## Time the conversion against plain inflating
types: ## Check the types
lint: ## Check style and format
docs: ## Regenerate the tables of README.md and docs/, and docs/images/look.png

$(COMMANDS): .build/ready
	@$(NODE) .build/$@.js

$(STEPS): .build/ready
	+@$(NODE) .build/$@.js

lake-array: .build/ready
	@$(MAKE) lake LAUNCHER='sbatch --wait --array=1-$$$${ELEMENTS:-64} scripts/lake-array.sbatch'

test-spark: data/venv/.ready

$(TESTS): .build/ready
	@npm run --silent $@

data/venv/.ready: test/python/requirements.txt | .build/ready
	@$(NODE) .build/install-readers.js
	@touch $@

# ---- Set-up

.build/ready: node_modules/.ready $(shell find lib scripts package.json -name '*.ts' -o -name '*.js' -o -name '*.html' -o -name '*.css')
	+@npm run --silent build
	+@touch $@

node_modules/.ready: package.json package-lock.json
	+@command -v npm > /dev/null || { echo 'error: npm is not on the PATH: install Node.js 20.19 or newer' >&2; exit 1; }
	+@$(NODE) -e "const [a, b] = process.versions.node.split('.'); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)" \
	  || { echo "error: Node.js is $$($(NODE) --version): install 20.19 or newer" >&2; exit 1; }
	+@npm ci --no-audit --no-fund --loglevel=error < /dev/null
	+@touch $@
